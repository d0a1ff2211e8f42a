import type { Producer, RecordMetadata, TopicMessages } from 'kafkajs'
import { type KafkaConnection, kafkaClient } from './client.ts'
import { causalHeaders, type OutputRecord } from './record.ts'

/** Kafka did not acknowledge a record in time. It may or may not have been written. */
export class KafkaUnavailableError extends Error {
  override name = 'KafkaUnavailableError'
}

/** More records wait to be sent than the producer keeps. This one was not written. */
export class BacklogFullError extends Error {
  override name = 'BacklogFullError'
}

export interface BatchingProducer {
  /**
   * Writes a record; resolves when the batch that it travelled in is acknowledged by all in-sync replicas.
   * @throws KafkaUnavailableError after `timeoutMs`, or when Kafka refuses
   * @throws BacklogFullError at once, when `maxQueued` records wait already
   */
  send: (record: OutputRecord) => Promise<void>
  /** Sends what waits, then disconnects. */
  stop: () => Promise<void>
}

interface Waiting {
  record: OutputRecord
  resolve: () => void
  reject: (reason: Error) => void
}

/**
 * A producer that gathers records into batches, which kafkajs does not do by itself. The first record waits
 * `lingerMs`; while a batch is on its way, the next one gathers.
 *
 * @param options.lingerMs how long a record may wait for company, in ms
 * @param options.maxBatch the most records in a batch
 * @param options.maxQueued the most records that wait
 * @param options.timeoutMs how long a record may take from `send` to the acknowledgement, in ms
 */
export function batchingProducer(
  connection: KafkaConnection,
  { lingerMs = 2, maxBatch = 1_000, maxQueued = 10_000, timeoutMs = 2_500 } = {},
): BatchingProducer {
  const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 3 }
  const producer = kafkaClient(connection, retry).producer({ allowAutoTopicCreation: false })
  const queue: Waiting[] = []
  let sending: Promise<void> | undefined
  let connected: Promise<void> | undefined

  /** Connects once, on the first batch, so that a process can start while Kafka is away. */
  const connect = () => {
    connected ??= producer.connect().catch(error => {
      connected = undefined
      throw error
    })
    return connected
  }

  const flush = async () => {
    await new Promise(resolve => setTimeout(resolve, lingerMs))
    while (queue.length > 0) {
      const batch = queue.splice(0, maxBatch)
      try {
        await connect()
        await sendBatch(producer, batch)
        for (const { resolve } of batch) resolve()
      } catch (cause) {
        for (const { reject } of batch)
          reject(new KafkaUnavailableError('Kafka did not take the record', { cause }))
      }
    }
    sending = undefined
  }

  const send = (record: OutputRecord) => {
    if (queue.length >= maxQueued)
      return Promise.reject(new BacklogFullError(`${maxQueued} records wait already`))
    return new Promise<void>((resolve, reject) => {
      const waiting: Waiting = { record, resolve, reject }
      const timer = setTimeout(() => {
        const index = queue.indexOf(waiting)
        if (index >= 0) queue.splice(index, 1)
        reject(new KafkaUnavailableError(`no acknowledgement within ${timeoutMs} ms`))
      }, timeoutMs)
      waiting.resolve = () => {
        clearTimeout(timer)
        resolve()
      }
      waiting.reject = error => {
        clearTimeout(timer)
        reject(error)
      }
      queue.push(waiting)
      sending ??= flush()
    })
  }

  const stop = async () => {
    await sending
    await connected?.catch(() => {})
    await producer.disconnect()
  }
  return { send, stop }
}

const sendBatch = (producer: Producer, batch: Waiting[]): Promise<RecordMetadata[]> =>
  producer.sendBatch({
    acks: -1,
    timeout: 2_000,
    topicMessages: topicMessages(batch.map(({ record }) => record)),
  })

/** Groups records by topic, in their order, with the headers that every record carries. */
export function topicMessages(records: OutputRecord[]): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages & { messages: object[] }>()
  for (const { topic, key, value, headers } of records) {
    let group = byTopic.get(topic)
    if (!group) {
      group = { topic, messages: [] }
      byTopic.set(topic, group)
    }
    group.messages.push({ key, value, headers: { ...headers, ...causalHeaders(headers) } })
  }
  return [...byTopic.values()]
}
