import { backoffMs, OutageError, PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Context, Logger } from 'kafka-restaurants-service'
import { listenerFor, processorFor } from './adapters/brokers.ts'
import type { Answer } from './adapters/http/answer.ts'
import { type Caller, createCaller } from './adapters/http/http.ts'
import { NetworkError } from './adapters/http/network-error.ts'
import { exactlyOnceKafkaListener, keyOf } from './adapters/kafka/kafka.ts'
import type { Pipeline } from './config/schema.ts'
import { scopeOf } from './config/template.ts'
import {
  type Event,
  type HandleEvent,
  type Listener,
  type Processor,
  type Result,
  type Scope,
  tracing,
} from './event.ts'
import { type PipelineMetrics, pipelineMetrics } from './metrics.ts'
import { decide, retryAfterMs } from './rules.ts'

/** A pipeline's parts, to be started and stopped. */
interface Running {
  name: string
  listener: Listener
  processor: Processor | undefined
  caller: Caller
}

/** A listener that says nothing for as long is taken for dead, if its calls may not take longer: a token's and its own, twice. */
const usualStallMs = 60_000

const levels = ['debug', 'info', 'warn', 'error']

/**
 * The way of an event: from its broker to the endpoint, and of the answer, as the rules say, to the broker of the results.
 * With exactly-once the listener takes the results along, and there is no processor.
 * @param place names this process among those that live, the same after a restart
 */
export function createPipeline(
  pipeline: Pipeline,
  { log: parent, metrics }: Context,
  place: string | undefined,
): Running {
  const { name, concurrency, delivery, eventListener, eventResultProcessor: to, errorHandling } = pipeline
  const log = parent.child({ pipeline: name }, { level: levels[pipeline.logLevel] ?? 'info' })
  const caller = createCaller(pipeline.eventHandler)
  const makeResult = resultMaker(pipeline, {
    caller,
    keyOf: to?.type === 'kafka' ? keyOf(to) : (event: Event) => event.key,
    log,
    metrics: pipelineMetrics(metrics, name),
  })
  const options = {
    concurrency,
    deadLetterTopic: errorHandling.deadLetterTopic,
    instance: place && `${place}-${name}`,
    stallMs: usualStallMs + 4 * pipeline.eventHandler.timeoutMs,
    log,
    metrics,
  }
  if (delivery === 'exactly-once' && eventListener.type === 'kafka' && to?.type === 'kafka') {
    return {
      name,
      listener: exactlyOnceKafkaListener(eventListener, to, makeResult, options),
      processor: undefined,
      caller,
    }
  }
  const processor = to && processorFor(to, log)
  const handle: HandleEvent = async (event, attempt, release) => {
    const outgoing = await makeResult(event, attempt)
    if (!outgoing) return
    release?.()
    await processor?.publish(outgoing.result, outgoing.scope)
    log.debug({ event: event.source }, 'published')
  }
  return { name, listener: listenerFor(eventListener, handle, options), processor, caller }
}

interface Outgoing {
  result: Result
  /** What the templates of the result's destination know. */
  scope: Scope
}

/**
 * Makes what becomes of an event: its call, what the answer means by the rules, and the result to publish; undefined
 * where nothing is to be published.
 */
function resultMaker(
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
): (event: Event, attempt: number) => Promise<Outgoing | undefined> {
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
