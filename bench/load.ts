import { PaymentKey } from 'kafka-restaurants-contracts'
import { sealCard } from 'kafka-restaurants-contracts/seal-card'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'

/** One that the bank accepts. */
export const card = '4242424242424242'

/** Sealed beforehand, as a browser would: the load must not cost what the diner's machine pays. */
export async function sealedFor({ urls }: Platform, number: string): Promise<string> {
  const key = PaymentKey.parse(await (await fetch(`${urls.searchOrder}/payment-key`)).json())
  return sealCard(number, key)
}
