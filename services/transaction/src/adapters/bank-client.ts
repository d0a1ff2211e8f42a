import { createHash } from 'node:crypto'
import { ChargeAccepted, ChargeDeclined, type ChargeRequest, Problem } from 'kafka-restaurants-contracts'
import { OutageError } from 'kafka-restaurants-delivery'
import { type Dispatcher, errors, Pool } from 'undici'
import type { BankAnswer, Charge } from '../charge.ts'
import type { CallOutcome } from '../metrics.ts'

/**
 * So many calls are under way at once at most, each on a connection of its own; others wait for one. A Node server takes
 * one new connection in each turn of its event loop (https://github.com/libuv/libuv/pull/3696): of hundreds that are
 * begun at once while it is busy, the last ones wait for seconds.
 */
const connections = 64
/** How long a call waits for others, in ms. */
const usualWaitMs = 20_000

/** How long a call may take in all, in ms. */
export const longestCallMs = (timeoutMs: number): number => usualWaitMs + 3 * timeoutMs

/**
 * Charges over HTTP. Answers that decide an order are returned; anything else (no answer, a 5xx, an answer that is not
 * the bank's) is an outage, and thrown.
 * @param timeoutMs how long the bank may take to let us connect, then to begin its answer, and then to end it; a call waits
 *   for others up to 20 s beside that
 * @param called told of each call, and how long it took
 */
export function bankClient(
  bankUrl: string,
  timeoutMs: number,
  {
    longestWaitMs = usualWaitMs,
    called = () => {},
  }: { longestWaitMs?: number; called?: (outcome: CallOutcome, seconds: number) => void } = {},
): Charge {
  const limiter = limited(connections, longestWaitMs)
  // `fetch` is this with web streams around it, and costs three times as much.
  const bank = new Pool(new URL(bankUrl).origin, {
    connections,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return async (idempotencyKey: string, request: ChargeRequest): Promise<BankAnswer> => {
    const call = async () => {
      const begun = performance.now()
      let outcome: CallOutcome = 'failed'
      try {
        const { statusCode, body } = await bank.request({
          method: 'POST',
          path: '/charges',
          headers: { 'Content-Type': 'application/json', 'Idempotency-Key': headerValue(idempotencyKey) },
          body: JSON.stringify(request),
        })
        const whole = await wholeIn(timeoutMs, body)
        outcome = outcomeOf[statusCode] ?? 'failed'
        return { statusCode, body: whole }
      } finally {
        called(outcome, (performance.now() - begun) / 1_000)
      }
    }
    const { statusCode, body } = await inTime(timeoutMs, () => limiter(call))
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

const outcomeOf: Record<number, CallOutcome> = {
  200: 'paid',
  201: 'paid',
  402: 'declined',
  422: 'unreadable',
}

/** A body that has come within the time: one that comes byte by byte is no answer. */
async function wholeIn(timeoutMs: number, body: Dispatcher.ResponseData['body']): Promise<unknown> {
  const timer = setTimeout(() => body.destroy(new errors.BodyTimeoutError()), timeoutMs)
  try {
    return await body.json()
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Has so many go on at once at most; the others wait, those that came first the shortest.
 * @returns a function that throws OutageError where its turn has not come in time
 */
function limited(most: number, waitMs: number) {
  const waiting = new Set<() => void>()
  let free = most
  const turn = async () => {
    if (free > 0) {
      free -= 1
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      waiting.delete(resolve)
      reject(new OutageError(`no connection to the bank was free within ${waitMs} ms`))
    }, waitMs)
    waiting.add(resolve)
    await promise.finally(() => clearTimeout(timer))
  }
  return async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    await turn()
    try {
      return await call()
    } finally {
      const [next] = waiting
      if (next) waiting.delete(next)
      else free += 1
      next?.()
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
