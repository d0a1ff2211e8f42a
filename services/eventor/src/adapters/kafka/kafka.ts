import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import {
  atLeastOnceWorker,
  type BatchingProducer,
  batchingProducer,
  exactlyOnceWorker,
  type InputRecord,
  type KafkaConnection,
  nextRecord,
  RecordTooLargeError,
  withAdmin,
  withDeadLetterTopics,
} from 'kafka-restaurants-kafka'
import { consumerSettings, producerSettings } from 'kafka-restaurants-kafka/properties'
import type { Context } from 'kafka-restaurants-service'
import { compileTemplate } from '../../config/template.ts'
import type { Event, HandleEvent, Listener, Processor, Result, Scope } from '../../event.ts'
import type { KafkaListener, KafkaProcessor } from './schema.ts'

interface ListenerOptions extends Context {
  concurrency: number
  deadLetterTopic: string
  /** Names this pipeline among those of its group that live. */
  instance: string | undefined
  stallMs: number
}

/** Brings the records of a topic; a record's offset is committed when it and all before it are handled. */
export function kafkaListener(
  config: KafkaListener,
  handle: HandleEvent,
  { log, metrics, ...options }: ListenerOptions,
): Listener {
  const shared = workerOptions(config, { log, metrics, ...options })
  const worker = atLeastOnceWorker({
    ...shared,
    handle: async (record, attempt, release) => {
      await handle(eventOf(record), attempt, release)
      return []
    },
  })
  return withDeadLetterTopics(worker, shared)
}

/** The same, with each result in one Kafka transaction with its event's offset. */
export function exactlyOnceKafkaListener(
  config: KafkaListener,
  processor: KafkaProcessor,
  answer: (event: Event, attempt: number) => Promise<{ result: Result } | undefined>,
  { log, metrics, ...options }: ListenerOptions,
): Listener {
  const shared = workerOptions(config, { log, metrics, ...options })
  const worker = exactlyOnceWorker({
    ...shared,
    handle: async (record, attempt) => {
      const answered = await answer(eventOf(record), attempt)
      return answered ? [{ topic: processor.topic, ...answered.result }] : []
    },
  })
  return withDeadLetterTopics(worker, shared)
}

function workerOptions(
  config: KafkaListener,
  { log, metrics, concurrency, deadLetterTopic, instance, stallMs }: ListenerOptions,
) {
  const { consumer, ...connection } = consumerSettings(config.consumerConfig, 'eventor')
  const { groupId, ...settings } = consumer
  return {
    kafka: { ...connection, log },
    group: groupId,
    inputs: [config.topic],
    consumer: settings,
    concurrency,
    deadLetterTopic,
    instance,
    maskCards: false,
    stallMs,
    metrics,
  }
}

const eventOf = ({ topic, partition, offset, key, value, headers, undecodable }: InputRecord): Event => ({
  key,
  value,
  headers,
  source: `${topic}[${partition}]@${offset}`,
  topic,
  partition,
  offset,
  unreadable: undecodable?.reason,
})

/** The event that a listener would handle next; undefined when there is none. Commits nothing. */
export async function nextKafkaEvent(config: KafkaListener, log: Context['log']): Promise<Event | undefined> {
  const { consumer, ...connection } = consumerSettings(config.consumerConfig, 'eventor')
  const { groupId: group, fromBeginning } = consumer
  const record = await nextRecord({ ...connection, log }, { group, topic: config.topic, fromBeginning })
  return record && eventOf(record)
}

/** @throws Error when the brokers can't be reached, or have no such topic */
export async function checkKafka(
  connection: Omit<KafkaConnection, 'log'>,
  topic: string,
  log: Context['log'],
): Promise<void> {
  const topics = await withAdmin({ ...connection, log }, admin => admin.listTopics())
  if (!topics.includes(topic)) throw new Error(`there is no topic ${topic}`)
}

/** Writes results to a topic, in batches. */
export function kafkaProcessor(config: KafkaProcessor, { log }: Pick<Context, 'log'>): Processor {
  const { producer: settings, ...connection } = producerSettings(config.producerConfig, 'eventor')
  let producer: BatchingProducer | undefined
  return {
    start: async () => {
      producer = batchingProducer({ ...connection, log }, settings)
    },
    publish: async result => {
      try {
        await producer?.send({ topic: config.topic, ...result })
      } catch (error) {
        if (error instanceof RecordTooLargeError)
          throw new UnreadableRecordError(`its result is larger than topic ${config.topic} takes`)
        throw new Error(`topic ${config.topic} takes no result: ${reasonOf(error as Error)}`, {
          cause: error,
        })
      }
    },
    stop: async () => {
      await producer?.stop()
    },
    notReady: () => [],
  }
}

/** The most that is known: the batching producer's error has what Kafka said as its cause. */
const reasonOf = ({ message, cause }: Error): string => (cause instanceof Error ? reasonOf(cause) : message)

/** Makes the key of a result: the event's own, unless a template says otherwise. */
export function keyOf(config: KafkaProcessor): (event: Event, scope: Scope) => Buffer | string | null {
  const render = config.key === undefined ? undefined : compileTemplate(config.key, { ofResult: true })
  return (event, scope) => (render ? render(scope) : event.key)
}
