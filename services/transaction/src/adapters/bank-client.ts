import { ChargeAccepted, ChargeDeclined, type ChargeRequest } from 'kafka-restaurants-contracts'
import type { BankAnswer, Charge } from '../charge-order.ts'

/**
 * Charges over HTTP. Answers that decide an order are returned; anything else (no answer, a 5xx, an answer that is not
 * the bank's) is an outage, and thrown.
 */
export function bankClient(bankUrl: string, timeoutMs: number): Charge {
  const url = new URL('/charges', bankUrl)
  return async (idempotencyKey: string, request: ChargeRequest): Promise<BankAnswer> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body: unknown = await response.json()
    switch (response.status) {
      case 200:
      case 201:
        return { outcome: 'accepted', ...ChargeAccepted.parse(body) }
      case 402:
        return { outcome: 'declined', ...ChargeDeclined.parse(body) }
      case 422:
        return { outcome: 'unreadable' }
      default:
        throw new Error(`the bank answered ${response.status}`)
    }
  }
}
