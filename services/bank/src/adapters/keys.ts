import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  cardDigits,
  hasCardLength,
  isSealed,
  PaymentKey,
  type PaymentKeys,
  sealing,
} from 'kafka-restaurants-contracts'
import { ConfigError, makeFolder, readText, TextError } from 'kafka-restaurants-service'
import { z } from 'zod'
import { openJwe } from './jwe.ts'

const PrivateKey = PaymentKey.extend({ d: z.string() })
type PrivateKey = z.infer<typeof PrivateKey>

const KeysFile = z.object({ keys: z.array(PrivateKey).min(1) }).superRefine(({ keys }, context) => {
  keys.forEach((key, index) => {
    const fault = (message: string) => context.addIssue({ code: 'custom', path: ['keys', index], message })
    if (keys.findIndex(other => other.kid === key.kid) !== index) fault('its kid is used twice')
    if (!isPair(key)) fault('d is not the private key of x')
  })
})

export type CardOpener = ReturnType<typeof openKeys>

/**
 * Reads the bank's private keys, the current one first. Where there is no file, makes one with a fresh key.
 * @throws ConfigError for a file that can't be used; it is left as it is, since sealed cards may still need it
 */
export function openKeys(file: string) {
  const { keys } = existsSync(file) ? readKeys(file) : makeKeys(file)
  const privateKeys = new Map(keys.map(key => [key.kid, privateKeyOf(key)]))

  return {
    jwks: {
      keys: keys.map(({ kty, crv, x, kid, alg, use }) => ({ kty, crv, x, kid, alg, use })),
    } as PaymentKeys,
    /** The digits of a card, sealed for one of the keys or bare; undefined where it can't be opened or is none. */
    open(card: string): string | undefined {
      const digits = cardDigits(isSealed(card) ? unseal(card) : card)
      return hasCardLength(digits) ? digits : undefined
    },
  }

  function unseal(jwe: string): string {
    try {
      return openJwe(jwe, privateKeys)
    } catch {
      return ''
    }
  }
}

function readKeys(file: string) {
  // Neither message repeats what the file holds: it is secret.
  const unusable = (why: string) => new ConfigError(`KEYS_FILE ${file} can't be used: ${why}`)
  let content: unknown
  try {
    content = JSON.parse(readText(file))
  } catch (err) {
    if (err instanceof TextError) throw unusable(err.message)
    const code = err instanceof Error && 'code' in err ? ` (${err.code})` : ''
    throw unusable(err instanceof SyntaxError ? 'it is not JSON' : `it can't be read${code}`)
  }
  const result = KeysFile.safeParse(content)
  if (result.success) return result.data
  throw unusable(result.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; '))
}

function makeKeys(file: string) {
  const content = { keys: [newKey()] }
  const draft = `${file}.${process.pid}`
  try {
    makeFolder(dirname(file))
    writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true })
    renameSync(draft, file)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause
    throw new ConfigError(`KEYS_FILE ${file} can't be made (${why})`, { cause })
  }
  return content
}

/** A fresh key pair; its kid is its thumbprint (RFC 7638). */
function newKey(): PrivateKey {
  const jwk = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
  const thumbprint = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x })
  const kid = createHash('sha256').update(thumbprint).digest('base64url')
  return PrivateKey.parse({ ...jwk, kid, alg: sealing.alg, use: 'enc' })
}

const privateKeyOf = ({ kty, crv, x, d }: PrivateKey) =>
  createPrivateKey({ format: 'jwk', key: { kty, crv, x, d } })

/** Checked, as cards sealed for a wrong `x` could never be opened. The private key alone tells what x should be. */
function isPair(key: PrivateKey): boolean {
  try {
    const alone = privateKeyOf(key).export({ format: 'der', type: 'pkcs8' })
    const publicKey = createPublicKey(createPrivateKey({ key: alone, format: 'der', type: 'pkcs8' }))
    return publicKey.export({ format: 'jwk' }).x === key.x
  } catch {
    return false
  }
}
