import { createHash } from 'node:crypto'
import { ChargeAccepted, ChargeDeclined, type ChargeRequest, Problem } from 'kafka-restaurants-contracts'
import { errors, Pool } from 'undici'
import type { BankAnswer, Charge } from '../charge.ts'

/**
 * So many calls are under way at once at most, each on a connection of its own; others wait for one. A Node server takes
 * one new connection in each turn of its event loop (https://github.com/libuv/libuv/pull/3696): of hundreds that are
 * begun at once while it is busy, the last ones wait for seconds.
 */
const connections = 64

/**
 * Charges over HTTP. Answers that decide an order are returned; anything else (no answer, a 5xx, an answer that is not
 * the bank's) is an outage, and thrown.
 * @param timeoutMs how long the bank may take to let us connect, and then to answer; not how long a call waits for others
 */
export function bankClient(bankUrl: string, timeoutMs: number): Charge {
  // `fetch` is this with web streams around it, and costs three times as much.
  const bank = new Pool(new URL(bankUrl).origin, {
    connections,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return async (idempotencyKey: string, request: ChargeRequest): Promise<BankAnswer> => {
    const { statusCode, body } = await inTime(timeoutMs, async () => {
      const { statusCode, body } = await bank.request({
        method: 'POST',
        path: '/charges',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': headerValue(idempotencyKey) },
        body: JSON.stringify(request),
      })
      return { statusCode, body: await body.json() }
    })
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

async function inTime<Answer>(timeoutMs: number, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (cause) {
    if (!(cause instanceof errors.UndiciError) || !cause.code.endsWith('_TIMEOUT')) throw cause
    throw new Error(`the bank did not answer within ${timeoutMs} ms`, { cause })
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
