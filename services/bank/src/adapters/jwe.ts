import { createDecipheriv, createHash, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { sealing } from 'kafka-restaurants-contracts'
import { z } from 'zod'

/** The header. `crit` and `zip` would change how the rest is to be read; other parameters may be ignored. */
const Header = z.object({
  alg: z.literal(sealing.alg),
  enc: z.literal(sealing.enc),
  kid: z.string(),
  epk: z.object({ kty: z.literal('OKP'), crv: z.literal('X25519'), x: z.string() }),
  apu: z.string().default(''),
  apv: z.string().default(''),
  crit: z.never().optional(),
  zip: z.never().optional(),
})

const bytesOf = (part: string) => Buffer.from(part, 'base64url')

/**
 * Opens a compact JWE (RFC 7516) of `ECDH-ES` with X25519 and `A128GCM`, in a quarter of the CPU that a library needs
 * which goes to the thread pool four times for it: this is most of what a charge costs.
 * @param privateKeys X25519, by `kid`
 * @returns its plaintext, as UTF-8
 * @throws Error for anything else, without a word of what is in it
 */
export function openJwe(jwe: string, privateKeys: ReadonlyMap<string, KeyObject>): string {
  const [head = '', encryptedKey, iv = '', ciphertext = '', tag = '', ...more] = jwe.split('.')
  if (encryptedKey !== '' || more.length > 0)
    throw new Error('it is no compact JWE with direct key agreement')
  const header = Header.parse(JSON.parse(bytesOf(head).toString()))
  const privateKey = privateKeys.get(header.kid)
  if (!privateKey) throw new Error('unknown kid')
  const publicKey = createPublicKey({ format: 'jwk', key: header.epk })
  const key = contentKey(diffieHellman({ privateKey, publicKey }), header)
  const [nonce, authTag] = [bytesOf(iv), bytesOf(tag)]
  if (nonce.length !== 12) throw new Error('the initialization vector must have 96 bits')
  const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: 16 })
  decipher.setAAD(Buffer.from(head)).setAuthTag(authTag)
  return Buffer.concat([decipher.update(bytesOf(ciphertext)), decipher.final()]).toString()
}

/**
 * The content key of an agreed secret, by the Concat KDF (RFC 7518, 4.6.2); 128 bits take one round.
 * @param apu the producer, and `apv` the consumer, in base64url
 */
export function contentKey(secret: Buffer, { apu, apv }: { apu: string; apv: string }): Buffer {
  const hash = createHash('sha256').update(uint32(1)).update(secret)
  for (const info of [Buffer.from(sealing.enc), bytesOf(apu), bytesOf(apv)])
    hash.update(uint32(info.length)).update(info)
  return hash.update(uint32(128)).digest().subarray(0, 16)
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
