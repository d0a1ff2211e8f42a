import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CompactEncrypt, importJWK } from 'jose'
import { PaymentKey, PaymentKeys, sealing } from 'kafka-restaurants-contracts'
import { type Logger, readText } from 'kafka-restaurants-service'

/** The bank's public key, to seal card numbers with. */
export interface PaymentKeySource {
  /** The key, once it is known. */
  current: () => PaymentKey | undefined
  /** Seals a card number for the bank as a compact JWE (RFC 7516), or undefined while no key is known. */
  seal: (digits: string) => Promise<string | undefined>
  start: () => void
  stop: () => void
}

const retryMs = 1_000
const refreshMs = 60_000

/**
 * Fetches the bank's key, and again every minute, so that a new one is soon used. The last one is kept in `file`, as
 * orders are to be taken while the bank is away.
 */
export function paymentKeySource(bankUrl: string, file: string | undefined, log: Logger): PaymentKeySource {
  let key = file ? readKept(file, log) : undefined
  let imported: { kid: string; key: Awaited<ReturnType<typeof importJWK>> } | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const refresh = async () => {
    try {
      const fetched = await fetchKey(bankUrl)
      if (fetched.kid !== key?.kid) log.info({ kid: fetched.kid }, 'payment key')
      key = fetched
      if (file) keep(file, fetched)
    } catch (err) {
      log.warn({ err }, "the bank's key can not be fetched now")
    }
    if (!stopped) timer = setTimeout(refresh, key ? refreshMs : retryMs).unref()
  }

  return {
    current: () => key,
    seal: async digits => {
      if (!key) return undefined
      if (imported?.kid !== key.kid) imported = { kid: key.kid, key: await importJWK(key) }
      return new CompactEncrypt(new TextEncoder().encode(digits))
        .setProtectedHeader({ ...sealing, kid: imported.kid })
        .encrypt(imported.key)
    },
    start: () => void refresh(),
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

async function fetchKey(bankUrl: string): Promise<PaymentKey> {
  const response = await fetch(new URL('/.well-known/jwks.json', bankUrl), {
    signal: AbortSignal.timeout(2_000),
  })
  if (!response.ok) throw new Error(`the bank answered ${response.status}`)
  const [newest] = PaymentKeys.parse(await response.json()).keys
  if (!newest) throw new Error('the bank has no key')
  return newest
}

function readKept(file: string, log: Logger): PaymentKey | undefined {
  try {
    return PaymentKey.parse(JSON.parse(readText(file)))
  } catch (err) {
    log.debug({ err }, 'no payment key is kept')
    return undefined
  }
}

function keep(file: string, key: PaymentKey): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(key))
  renameSync(`${file}.new`, file)
}
