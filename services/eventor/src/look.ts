import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { checkKafka, nextKafkaEvent } from './brokers/kafka.ts'
import { placeOf as natsPlaceOf } from './brokers/nats-connection.ts'
import { checkNatsListener, checkNatsProcessor, nextNatsEvent } from './brokers/nats-look.ts'
import { placeOf as rabbitmqPlaceOf } from './brokers/rabbitmq-connection.ts'
import { checkRabbitmqListener, checkRabbitmqProcessor, nextRabbitmqEvent } from './brokers/rabbitmq-look.ts'
import { createCaller, type ShownRequest } from './call/http-call.ts'
import { brokersOf, consumerSettings, producerSettings } from './config/kafka-properties.ts'
import { type Pipeline, topicOf } from './config/schema.ts'
import { scopeOf } from './config/template.ts'
import type { Event } from './event.ts'

type Listener = Pipeline['eventListener']
type Processor = NonNullable<Pipeline['eventResultProcessor']>

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

function nextEvent(from: Listener, log: Logger): Promise<Event | undefined> {
  switch (from.type) {
    case 'kafka':
      return nextKafkaEvent(from, log)
    case 'nats':
      return nextNatsEvent(from)
    case 'rabbitmq':
      return nextRabbitmqEvent(from)
  }
}

function checkListener(from: Listener, log: Logger): Promise<void> {
  switch (from.type) {
    case 'kafka':
      return checkKafka(consumerSettings(from.consumerConfig), from.topic, log)
    case 'nats':
      return checkNatsListener(from)
    case 'rabbitmq':
      return checkRabbitmqListener(from)
  }
}

function checkProcessor(to: Processor, log: Logger): Promise<void> {
  switch (to.type) {
    case 'kafka':
      return checkKafka(producerSettings(to.producerConfig), to.topic, log)
    case 'nats':
      return checkNatsProcessor(to)
    case 'rabbitmq':
      return checkRabbitmqProcessor(to)
  }
}

/** Its errors say themselves where they were met. */
async function checkHandler(handler: Pipeline['eventHandler']): Promise<void> {
  const caller = createCaller({ ...handler, timeoutMs: Math.min(handler.timeoutMs, patienceMs / 2) })
  await caller.check().finally(caller.stop)
}

function placeOf(end: Listener | Processor): string {
  switch (end.type) {
    case 'kafka':
      return `Kafka at ${brokersOf('consumerConfig' in end ? end.consumerConfig : end.producerConfig)}`
    case 'nats':
      return natsPlaceOf(end)
    case 'rabbitmq':
      return rabbitmqPlaceOf(end)
  }
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
