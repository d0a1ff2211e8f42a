import { setTimeout } from 'node:timers/promises'
import { CompactEncrypt, importJWK } from 'jose'
import { PaymentKey, sealing } from 'kafka-restaurants-contracts'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'

/** One that the bank accepts. */
export const card = '4242424242424242'

/** Sealed beforehand, as a browser would: the load must not cost what the diner's machine pays. */
export async function sealedFor({ urls }: Platform, number: string): Promise<string> {
  const key = PaymentKey.parse(await (await fetch(`${urls.searchOrder}/payment-key`)).json())
  return new CompactEncrypt(new TextEncoder().encode(number))
    .setProtectedHeader({ ...sealing, kid: key.kid })
    .encrypt(await importJWK(key))
}

/** Sends at a set rate, however long the answers take. */
export async function openLoop(rate: number, seconds: number, act: () => Promise<void>): Promise<void> {
  const acts: Promise<void>[] = []
  const start = performance.now()
  while (acts.length < rate * seconds) {
    const now = performance.now() - start
    const due = Math.min(rate * seconds, Math.floor((now / 1000) * rate) + 1)
    while (acts.length < due) acts.push(act())
    await setTimeout((acts.length * 1000) / rate - now)
  }
  await Promise.all(acts)
}
