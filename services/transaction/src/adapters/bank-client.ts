import { createHash } from 'node:crypto'
import { ChargeAccepted, ChargeDeclined, type ChargeRequest, Problem } from 'kafka-restaurants-contracts'
import { Pool } from 'undici'
import type { BankAnswer, Charge } from '../charge-order.ts'

/**
 * Charges over HTTP. Answers that decide an order are returned; anything else (no answer, a 5xx, an answer that is not
 * the bank's) is an outage, and thrown.
 */
export function bankClient(bankUrl: string, timeoutMs: number): Charge {
  // `fetch` is this with web streams around it, and costs three times as much.
  const bank = new Pool(new URL(bankUrl).origin)
  return async (idempotencyKey: string, request: ChargeRequest): Promise<BankAnswer> => {
    const { statusCode, body: answer } = await bank.request({
      method: 'POST',
      path: '/charges',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': headerValue(idempotencyKey) },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body: unknown = await answer.json()
    switch (statusCode) {
      case 200:
      case 201:
        return { outcome: 'accepted', ...ChargeAccepted.parse(body) }
      case 402:
        return { outcome: 'declined', ...ChargeDeclined.parse(body) }
      case 422:
        return { outcome: 'unreadable', why: whyUnreadable(Problem.parse(body)) }
      default:
        throw new Error(`the bank answered ${statusCode}`)
    }
  }
}

/**
 * An HTTP header holds printable ASCII, and loses spaces around it (RFC 9110): any other key goes as its digest. It is
 * that of the key's JSON, as this keeps lone surrogates apart.
 */
const headerValue = (key: string) =>
  /^[!-~]([ -~]*[!-~])?$/.test(key)
    ? key
    : `sha256 ${createHash('sha256').update(JSON.stringify(key)).digest('base64url')}`

const whyUnreadable = ({ title, errors = [] }: Problem) =>
  errors.map(({ field, message }) => `${field} ${message}`).join('; ') || title
