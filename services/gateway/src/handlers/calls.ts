import { createHash } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { BacklogFullError, type BatchingProducer, RecordTooLargeError } from 'kafka-restaurants-kafka'
import { HttpProblem, idempotencyKey, preferredWait } from 'kafka-restaurants-service'
import type { Claims } from '../adapters/claims.ts'
import type { LostRequests } from '../adapters/lost-requests.ts'
import { nameOf, type Replies } from '../adapters/replies.ts'
import type { Route } from '../config/schema.ts'
import { correlationId } from '../correlation-id.ts'
import { compileSchema } from '../json-schema.ts'
import type { GatewayMetrics, Outcome } from '../metrics.ts'
import { type Answer, answerOf, type Unusable } from '../reply.ts'
import type { Call, RetainedCalls } from '../retained.ts'
import type { Ending, Waiting } from '../waiting.ts'
import { sendAccepted, sendAnswer } from './answers.ts'
import type { KeptAnswers } from './kept-answers.ts'
import { refused, unavailable } from './refusals.ts'
import { type Asked, asked } from './request.ts'

export interface CallParts {
  producer: BatchingProducer
  replies: Replies
  claims: Claims
  calls: RetainedCalls
  kept: KeptAnswers
  waiting: Waiting
  metrics: GatewayMetrics
  isLost: LostRequests['isLost']
  mostPending: number
  mostRetained: number
  /** What the ids of calls with an Idempotency-Key are derived from beside it: nobody outside knows it. */
  secret: () => string
}

/** Answers a route: writes each call's request, and waits for its reply. */
export function callHandler(route: Route, parts: CallParts): RequestHandler {
  const name = nameOf(route)
  const check = route.schema === undefined ? undefined : compileSchema(route.schema)
  const handle: RequestHandler = async (request, response) => {
    const startedAt = performance.now()
    const wants = readWants(request, response, route)
    const what = asked(request, route, check)
    const { id, isGiven } = idOf(request, response, route, wants.key, parts)
    response.set('Correlation-Id', id)
    if (parts.waiting.count() >= parts.mostPending) throw unavailable('Too many calls are waiting')
    const call = { id, isGiven, name, route, what, wants, startedAt }
    if (wants.isAsync || wants.key !== undefined) await retainedCall(call, response, parts)
    else await plainCall(call, response, parts)
  }
  return async (request, response, next) => {
    try {
      await handle(request, response, next)
    } catch (error) {
      parts.metrics.call(name, outcomeOf(error))
      throw error
    }
  }
}

function outcomeOf(error: unknown): Outcome {
  const status = error instanceof HttpProblem ? error.status : 500
  if (status === 504) return 'timed out'
  if (status === 502) return 'bad reply'
  return status < 500 ? 'refused' : 'unavailable'
}

interface Wants {
  isAsync: boolean
  /** So long the call waits at most, in ms. */
  waitMs: number
  key: string | undefined
}

interface NewCall {
  id: string
  isGiven: boolean
  name: string
  route: Route
  what: Asked
  wants: Wants
  startedAt: number
}

/** What a call prefers (RFC 7240): to wait so long, or not at all. */
function readWants(request: Request, response: Response, { timeoutMs, retain }: Route): Wants {
  const isAsync = retain && /(^|,)\s*respond-async\s*(;|,|$)/i.test(request.get('Prefer') ?? '')
  const seconds = preferredWait(request)
  const applied = [...(isAsync ? ['respond-async'] : []), ...(seconds > 0 ? [`wait=${seconds}`] : [])]
  if (applied.length > 0) response.set('Preference-Applied', applied.join(', '))
  const waitMs = seconds > 0 ? Math.min(timeoutMs, seconds * 1_000) : isAsync ? 0 : timeoutMs
  return { isAsync, waitMs, key: retain ? idempotencyKey(request) : undefined }
}

function idOf(
  request: Request,
  response: Response,
  route: Route,
  key: string | undefined,
  { replies, calls, secret }: CallParts,
): { id: string; isGiven: boolean } {
  const own = correlationId(name => request.get(name), route.correlationId.header)
  if (key !== undefined)
    return { id: derivedId(secret(), nameOf(route), clientOf(response), key), isGiven: false }
  if (own.isGiven && (replies.isExpected(own.id) || calls.get(own.id))) throw inUse()
  return own
}

/** 192 bits. */
const derivedId = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 48)

/** The fast path: nothing is kept of it anywhere else. */
async function plainCall(call: NewCall, response: Response, parts: CallParts): Promise<void> {
  const { id, route, what, wants } = call
  const { replies, producer, waiting, metrics } = parts
  const expected = replies.expect(id)
  try {
    const failed = producer.send(what.record(id)).then(() => new Promise<never>(() => {}), refused)
    const reply = await waiting.wait(Promise.race([expected.reply, failed]), wants.waitMs, response)
    if (typeof reply === 'string') {
      if (reply !== 'stopping') replies.ended(id, reply)
      return endWithout(reply, call, response, parts)
    }
    const answer = answerOf(reply, route.replies)
    if (typeof answer === 'string') metrics.reply(answer)
    answered(call, answer, response, parts)
  } finally {
    expected.forget()
  }
}

/** A call that any replica may be asked about: it has its id in all of them before its request is written. */
async function retainedCall(asks: NewCall, response: Response, parts: CallParts): Promise<void> {
  const { id, name, what, wants } = asks
  const { claims, calls, kept, waiting, metrics } = parts
  const claim = { id, route: name, client: clientOf(response), hash: what.hash() }
  if (!calls.get(id) && calls.size() >= parts.mostRetained) throw unavailable('Too many replies are kept')
  let { call, isOurs } = await claims.claim(claim).catch(refused)
  if (!isOurs) refuseOther(call, claim, wants.key)
  if (!isOurs && (await parts.isLost(call, what.record(id)))) {
    await claims.release(call).catch(refused)
    ;({ call, isOurs } = await claims.claim(claim).catch(refused))
  }
  const reply = kept.expect(call)
  try {
    if (isOurs) await writeRequest(call, what, parts)
    const answer = wants.waitMs === 0 ? 'timed out' : await waiting.wait(reply.answer, wants.waitMs, response)
    if (answer === 'timed out' && wants.isAsync) {
      metrics.call(name, 'accepted')
      return sendAccepted(response, id)
    }
    if (answer === 'timed out' || answer === 'left' || answer === 'stopping')
      return endWithout(answer, asks, response, parts)
    answered(asks, answer, response, parts)
  } finally {
    reply.forget()
  }
}

/** A repeat is answered as the first call was; anything else that has the id already is refused. */
function refuseOther(
  holder: Call,
  asks: Pick<Call, 'route' | 'client' | 'hash'>,
  key: string | undefined,
): void {
  if (key === undefined || holder.client !== asks.client || holder.route !== asks.route) throw inUse()
  if (holder.hash !== asks.hash)
    throw new HttpProblem(409, 'The Idempotency-Key was used with another request', {
      detail: 'A repeat must be the same in path and body.',
    })
}

/** Where the request was surely not written, the id is free again; where that is not known, it stays taken. */
async function writeRequest(call: Call, what: Asked, { producer, claims }: CallParts): Promise<void> {
  try {
    await producer.send(what.record(call.id))
    claims.written(call)
  } catch (error) {
    if (error instanceof RecordTooLargeError || error instanceof BacklogFullError)
      await claims.release(call).catch(() => {})
    refused(error)
  }
}

function answered(
  { name, startedAt }: NewCall,
  answer: Answer | Unusable,
  response: Response,
  { metrics }: CallParts,
): void {
  metrics.roundTrip(name, performance.now() - startedAt)
  sendAnswer(response, answer)
  metrics.call(name, 'answered')
}

function endWithout(
  ending: Ending,
  { name }: NewCall,
  response: Response,
  { metrics }: Pick<CallParts, 'metrics'>,
): void {
  if (ending === 'stopping') throw unavailable('The gateway stops')
  if (ending === 'timed out')
    throw new HttpProblem(504, 'No reply in time', {
      detail: 'The request was written. What replies to it may still be working, or be away.',
    })
  metrics.call(name, 'left')
  response.destroy()
}

/** Whose call it is, as `admission` found. */
export const clientOf = (response: Response): string => response.locals.client ?? ''

const inUse = () =>
  new HttpProblem(409, 'The id of the call is in use', {
    detail: 'Another call has it. Send another one, or none.',
  })
