import type { Producer, RecordMetadata, TopicMessages } from 'kafkajs'
import { hasCause, type KafkaConnection, kafkaClient, quickRetry } from './client.ts'
import { type Compression, compressionType } from './codecs.ts'
import { steadyPartitioner } from './partitioner.ts'
import { causalHeaders, type OutputRecord } from './record.ts'
import { sent } from './tracing.ts'

/** Kafka did not acknowledge a record in time. It may or may not have been written. */
export class KafkaUnavailableError extends Error {
  override name = 'KafkaUnavailableError'
}

/** More records wait to be sent than the producer keeps. This one was not written. */
export class BacklogFullError extends Error {
  override name = 'BacklogFullError'
}

/** Records that no client could write: a fault of whoever made them. They were not written. */
export class UnwritableError extends Error {
  override name = 'UnwritableError'
}

/** Records are larger than their topic takes (`max.message.bytes`). They were not written. */
export class RecordTooLargeError extends Error {
  override name = 'RecordTooLargeError'
  /** Private, as a log shows every property of an error. */
  readonly #records: OutputRecord[]

  constructor(records: OutputRecord[], options?: ErrorOptions) {
    super(`a record is larger than topic ${records[0]?.topic} takes`, options)
    this.#records = records
  }

  get records(): OutputRecord[] {
    return this.#records
  }
}

export interface BatchingProducer {
  /**
   * Writes a record; resolves when the batch that it travelled in is acknowledged by all in-sync replicas.
   * @throws KafkaUnavailableError after `timeoutMs`, or when Kafka refuses
   * @throws RecordTooLargeError when the topic does not take a record of its size
   * @throws BacklogFullError at once, when `maxQueued` records wait already
   */
  send: (record: OutputRecord) => Promise<void>
  /** Sends what waits, then disconnects. */
  stop: () => Promise<void>
}

export interface ProducerSettings {
  lingerMs?: number
  maxBatch?: number
  maxQueued?: number
  timeoutMs?: number
  /** How many replicas have to have a record: all in-sync ones (-1) unless given. */
  acks?: -1 | 0 | 1
  compression?: Compression
  /** Whether the broker knows a record that is sent again as a repeat; not unless given. It needs all `acks`. */
  idempotent?: boolean
  /** The most bytes in a batch, but for a single record: 512 KiB unless given. */
  maxBatchBytes?: number
  /** Whether what waits behind a record that Kafka does not take is refused, too: else it may come before that. */
  keepOrder?: boolean
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
 * @param options.acks how many replicas have to have a record: all in-sync ones (-1) unless given
 * @param options.idempotent whether what is sent again, as its acknowledgement was lost, is written once
 * @param options.keepOrder whether what waits behind a record that Kafka does not take is refused, too
 */
export function batchingProducer(
  connection: KafkaConnection,
  {
    lingerMs = 2,
    maxBatch = 1_000,
    maxQueued = 10_000,
    timeoutMs = 2_500,
    acks,
    compression = 'none',
    idempotent = false,
    maxBatchBytes = mostInBatch,
    keepOrder = false,
  }: ProducerSettings = {},
): BatchingProducer {
  const kafka = kafkaClient(connection, quickRetry)
  const newProducer = () =>
    kafka.producer({ allowAutoTopicCreation: false, createPartitioner: steadyPartitioner, idempotent })
  let producer = newProducer()
  const queue: Waiting[] = []
  let sending: Promise<void> | undefined
  let connected: Promise<void> | undefined
  let left: Promise<void> | undefined

  /** Connects once, on the first batch, so that a process can start while Kafka is away. */
  const connect = () => {
    connected ??= producer.connect().catch(error => {
      connected = undefined
      throw error
    })
    return connected
  }

  /**
   * A broker takes an idempotent producer's batches in their sequence. Where it is not known whether one was written, no
   * later one would ever have the right number: a new producer begins at 0.
   */
  const beginAnew = () => {
    left = producer.disconnect().catch(() => {})
    producer = newProducer()
    connected = undefined
  }

  const flush = async () => {
    // A timer of 0 ms takes one.
    await new Promise(resolve => (lingerMs > 0 ? setTimeout(resolve, lingerMs) : setImmediate(resolve)))
    while (queue.length > 0) {
      const next = queue.slice(0, maxBatch).map(({ record }) => record)
      const isTaken = await sendAll(queue.splice(0, fittingABatch(next, maxBatchBytes)))
      if (keepOrder && !isTaken) refuse(queue.splice(0))
    }
    sending = undefined
  }

  const refuse = (waiting: Waiting[]) => {
    for (const { reject } of waiting)
      reject(new KafkaUnavailableError('Kafka did not take a record that it goes behind'))
  }

  /**
   * A record that is too large has the batch of its partition refused: the rest of that goes without it.
   * @returns whether Kafka took all that is not too large
   */
  const sendAll = async (batch: Waiting[]): Promise<boolean> => {
    const failures = await connect()
      .then(() => sendBatch(producer, batch, { acks, compression }))
      .then(
        () => new Map<OutputRecord, unknown>(),
        error =>
          failuresOf(
            error,
            batch.map(({ record }) => record),
          ),
      )
    const isTaken = [...failures.values()].every(isTooLarge)
    if (idempotent && !isTaken) beginAnew()
    const tooLarge: Waiting[] = []
    for (const waiting of batch) {
      const cause = failures.get(waiting.record)
      if (!failures.has(waiting.record)) waiting.resolve()
      else if (isTooLarge(cause)) tooLarge.push(waiting)
      else waiting.reject(new KafkaUnavailableError('Kafka did not take the record', { cause }))
    }
    const [first, ...more] = tooLarge
    if (!first) return isTaken
    if (more.length === 0) {
      const cause = failures.get(first.record)
      first.reject(new RecordTooLargeError([first.record], { cause }))
      return isTaken
    }
    const half = Math.ceil(tooLarge.length / 2)
    if ((await sendAll(tooLarge.slice(0, half))) || !keepOrder)
      return (await sendAll(tooLarge.slice(half))) && isTaken
    refuse(tooLarge.slice(half))
    return false
  }

  const enqueue = (record: OutputRecord) => {
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
    await Promise.all([left, producer.disconnect()])
  }
  return { send: record => sent(record, enqueue), stop }
}

const sendBatch = (
  producer: Producer,
  batch: Waiting[],
  { acks = -1, compression }: { acks?: number | undefined; compression: Compression },
): Promise<RecordMetadata[]> =>
  producer.sendBatch({
    acks,
    compression: compressionType(compression),
    timeout: 2_000,
    topicMessages: topicMessages(batch.map(({ record }) => record)),
  })

/** Which records a failed send leaves without an acknowledgement, and why each: of the others Kafka has taken theirs. */
export function failuresOf(error: unknown, records: OutputRecord[]): Map<OutputRecord, unknown> {
  const told = (error as { unacknowledged?: Map<object, unknown> }).unacknowledged
  if (!told) return new Map(records.map(record => [record, error]))
  return new Map(
    [...told].flatMap(([message, cause]) => {
      const record = recordOf.get(message)
      return record ? [[record, cause]] : []
    }),
  )
}

/** What each message was made of. */
const recordOf = new WeakMap<object, OutputRecord>()

/** Whether a broker has refused a batch as larger than its topic takes, or than a segment of its log is. */
export const isTooLarge = (error: unknown): boolean =>
  hasCause(error, ({ type }) => type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE')

/** Groups records by topic, in their order, with the headers that every record carries. */
export function topicMessages(records: OutputRecord[]): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages & { messages: object[] }>()
  for (const record of records) {
    const { topic, partition, key, value, headers: own, isInternal } = record
    const headers = isInternal ? own : { ...own, ...causalHeaders(own) }
    let group = byTopic.get(topic)
    if (!group) {
      group = { topic, messages: [] }
      byTopic.set(topic, group)
    }
    const message = { partition, key, value, headers }
    recordOf.set(message, record)
    group.messages.push(message)
  }
  return [...byTopic.values()]
}

/** Well below the broker's usual limit of a batch (`max.message.bytes`, 1 MiB); in bytes of keys, values and headers. */
const mostInBatch = 512 * 1024

/** How many of the first records make a batch that brokers take: one at least, if there is one. */
function fittingABatch(records: OutputRecord[], mostBytes = mostInBatch): number {
  let [count, bytes] = [0, 0]
  for (const record of records) {
    bytes += sizeOf(record)
    if (count > 0 && bytes > mostBytes) break
    count += 1
  }
  return count
}

/** The bytes of a record, but for the few that Kafka adds. */
export function sizeOf({ key, value, headers }: Omit<OutputRecord, 'topic'>): number {
  let size = Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '')
  for (const name in headers) {
    const values = headers[name]
    size += Buffer.byteLength(name)
    if (Array.isArray(values)) for (const each of values) size += Buffer.byteLength(each)
    else size += Buffer.byteLength(values ?? '')
  }
  return size
}

/** Cuts a list into batches that brokers take, each of one record at least. */
export function inBatches(records: OutputRecord[]): OutputRecord[][] {
  const [batches, rest]: [OutputRecord[][], OutputRecord[]] = [[], [...records]]
  while (rest.length > 0) batches.push(rest.splice(0, fittingABatch(rest)))
  return batches
}
