import { backoffMs, OutageError, PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import type { Answer } from './call/answer.ts'
import type { Caller } from './call/http-call.ts'
import { NetworkError } from './call/network-error.ts'
import { decide, retryAfterMs } from './call/rules.ts'
import type { Pipeline } from './config/schema.ts'
import { scopeOf } from './config/template.ts'
import { type Event, type Result, type Scope, tracing } from './event.ts'
import type { PipelineMetrics } from './metrics.ts'

export interface Answered {
  result: Result
  /** What the templates of the result's destination know. */
  scope: Scope
}

/**
 * Makes what becomes of an event: its call, what the answer means by the rules, and the result to publish; undefined
 * where nothing is to be published.
 */
export function answering(
  { errorHandling, eventResultProcessor }: Pipeline,
  {
    caller,
    keyOf,
    log,
    metrics,
  }: {
    caller: Caller
    keyOf: (event: Event, scope: Scope) => Result['key']
    log: Logger
    metrics: PipelineMetrics
  },
): (event: Event, attempt: number) => Promise<Answered | undefined> {
  const when = eventResultProcessor?.when ?? []
  const passed = (eventResultProcessor?.passHeaders ?? []).map(name => name.toLowerCase())

  const call = async (event: Event): Promise<Answer | NetworkError> => {
    const took = metrics.call()
    try {
      const answer = await caller.call(event, scopeOf(event))
      took(String(answer.status))
      return answer
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error
      took('network')
      return error
    }
  }

  return async (event, attempt) => {
    log.debug({ event: event.source, attempt }, 'handling')
    const answer = await call(event)
    const status = answer instanceof NetworkError ? undefined : answer.status
    log.debug({ event: event.source, attempt, status }, 'called')
    const decision = decide(status === undefined ? { network: true } : { status }, errorHandling, when)
    metrics.decided(decision)
    if (decision === 'drop' || decision === 'ignore') return undefined
    if (decision === 'publish' && !(answer instanceof NetworkError)) {
      const scope = scopeOf(event, answer)
      return { scope, result: resultOf(event, answer, keyOf(event, scope), passed) }
    }
    throw failure(decision, answer, attempt)
  }

  function failure(decision: string, answer: Answer | NetworkError, attempt: number): Error {
    const status = answer instanceof NetworkError ? undefined : answer.status
    const why = answer instanceof NetworkError ? answer.message : `the endpoint answered ${answer.status}`
    const asked = answer instanceof NetworkError ? undefined : retryAfterMs(answer.headers, new Date())
    const isLast = attempt >= errorHandling.maxAttempts
    if (decision === 'outage') return new OutageError(why, { waitMs: asked })
    if (decision === 'dead-letter' || isLast) {
      const tries = attempt > 1 ? `, at try ${attempt}` : ''
      return new UnreadableRecordError(
        `${why}${tries}`,
        status === undefined ? {} : { dead_letter_status: String(status) },
      )
    }
    return new PutOffError(why, { waitMs: asked ?? backoffMs(attempt, errorHandling.backoff) })
  }
}

/** The answer's bytes, with headers that say where they come from. */
function resultOf(event: Event, answer: Answer, key: Result['key'], passed: string[]): Result {
  const headers: Record<string, string> = {
    source: event.source,
    response_status: String(answer.status),
    ...Object.fromEntries(tracing(event.headers)),
  }
  for (const name of passed) {
    const value = answer.headers[name]
    if (value !== undefined) headers[name] = value
  }
  const type = answer.headers['content-type']
  if (type !== undefined) headers['content-type'] = type
  return { key, value: answer.body, headers }
}
