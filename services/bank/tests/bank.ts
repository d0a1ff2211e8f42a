import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompactEncrypt, importJWK } from 'jose'
import { type PaymentKey, sealing } from 'kafka-restaurants-contracts'
import { spawnService } from 'kafka-restaurants-service/testing'
import { onTestFinished } from 'vitest'

/** A body, for a test to look into as it likes. */
// biome-ignore lint/suspicious/noExplicitAny: what it holds is what the tests find out
export const json = (response: Response): Promise<any> => response.json()

/** A folder that is gone after the test. */
export function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'bank-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Where a bank keeps its files in a folder. */
export const filesIn = (folder: string) => ({
  LEDGER_FILE: join(folder, 'deep/er/ledger.sqlite'),
  KEYS_FILE: join(folder, 'keys/keys.json'),
})

/** A bank on files of its own, gone after the test. */
export async function startBank(folder = newFolder(), env: Record<string, string> = {}) {
  const files = filesIn(folder)
  const bank = await spawnService('bank', { ...files, LOG_LEVEL: 'trace', ...env })
  onTestFinished(async () => {
    await bank.kill('SIGKILL')
  })
  return { ...bank, ...callers(bank.url, bank.adminUrl), ...files, folder }
}

function callers(url: string, admin: string) {
  return {
    charge: (key: string, body: object | string = {}, headers: Record<string, string> = {}) =>
      fetch(`${url}/charges`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(key && { 'Idempotency-Key': key }), ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    setMode: (mode: object) => fetch(`${admin}/mode`, { method: 'PUT', body: JSON.stringify(mode) }),
    summary: () => fetch(`${admin}/charges/summary`).then(json),
    charges: (query = '') => fetch(`${admin}/charges${query}`).then(json),
    jwks: () => fetch(`${url}/.well-known/jwks.json`).then(json),
  }
}

export const order = (card = '4242424242424242', reference = 'order-3@42') => ({
  card,
  amount_cents: 2500,
  currency: 'EUR',
  reference,
})

/** Seals a number as a browser does. */
export async function seal(number: string, key: PaymentKey): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(number))
    .setProtectedHeader({ ...sealing, kid: key.kid })
    .encrypt(await importJWK(key))
}
