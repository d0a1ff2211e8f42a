import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { checkListener, checkProcessor, nextEvent, placeOf } from './adapters/brokers.ts'
import { createCaller, type ShownRequest } from './adapters/http/http.ts'
import { type Pipeline, topicOf } from './config/schema.ts'
import { scopeOf } from './config/template.ts'
import type { Event } from './event.ts'

/** Brokers that are away are waited for elsewhere; who looks wants an answer. */
const patienceMs = 15_000

/**
 * What would be sent for the next event of a pipeline, in words. Calls nobody, and acknowledges nothing.
 * @throws Error that says what can't be reached, and why
 */
export async function dryRun(
  { name, eventListener: from, eventHandler }: Pipeline,
  log: Logger,
): Promise<string> {
  const event = await at(`${name}: eventListener`, placeOf(from), () => nextEvent(from, log))
  if (!event) return `${name}: no event waits in ${topicOf(from)}`
  const caller = createCaller(eventHandler)
  try {
    if (event.unreadable !== undefined) throw new UnreadableRecordError(event.unreadable)
    return shown(name, event, caller.request(event, scopeOf(event)))
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error
    return `${name}: ${event.source}\nnothing is sent, as it becomes a dead letter: ${error.message}\n`
  } finally {
    await caller.stop()
  }
}

/**
 * Connects to all that a pipeline names, and sends nothing.
 * @returns what could not be reached, where, and why
 */
export async function unreachable(pipeline: Pipeline, log: Logger): Promise<string[]> {
  const { name, eventListener: from, eventHandler, eventResultProcessor: to } = pipeline
  const results = await Promise.allSettled([
    at(`${name}: eventListener`, placeOf(from), () => checkListener(from, log)),
    at(`${name}: eventHandler`, '', () => checkHandler(eventHandler)),
    to && at(`${name}: eventResultProcessor`, placeOf(to), () => checkProcessor(to, log)),
  ])
  return results.flatMap(result => (result.status === 'rejected' ? [result.reason.message] : []))
}

/** Its errors say themselves where they were met. */
async function checkHandler(handler: Pipeline['eventHandler']): Promise<void> {
  const caller = createCaller({ ...handler, timeoutMs: Math.min(handler.timeoutMs, patienceMs / 2) })
  await caller.check().finally(caller.stop)
}

/** @throws Error with what and where before its reason, also when there is no answer in time */
async function at<Answer>(what: string, where: string, ask: () => Promise<Answer>): Promise<Answer> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('timeout')), patienceMs)
  try {
    return await Promise.race([ask(), late.promise])
  } catch (error) {
    throw new Error([what, where, reasonOf(error)].filter(part => part !== '').join(': '))
  } finally {
    clearTimeout(timer)
  }
}

/** How the clients say that nobody answers. */
const silence = /^(timeout|connect ETIMEDOUT|Broker not connected|.* timed out)$/

/** Of a name with several addresses, Node tells each address's error, and nothing itself. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  const words = error instanceof Error ? error.message || error.name : String(error)
  return silence.test(words) ? 'no answer in time' : words
}

function shown(name: string, event: Event, { method, url, headers, body }: ShownRequest): string {
  return [
    `${name}: ${event.source}`,
    `${method} ${url}`,
    ...Object.entries(headers)
      .map(([header, value]) => `${header}: ${value}`)
      .sort(),
    '',
    body === null ? '(no body)' : inText(Buffer.from(body)),
    '',
  ].join('\n')
}

const inText = (bytes: Buffer): string =>
  Buffer.from(bytes.toString()).equals(bytes) ? bytes.toString() : `(${bytes.length} bytes that are no text)`
