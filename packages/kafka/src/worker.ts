import { Counter, type Metrics } from 'kafka-restaurants-service'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { backoff } from './backoff.ts'
import { type KafkaConnection, kafkaClient } from './client.ts'
import { watchLag } from './lag.ts'
import { type Handle, type Lane, openLane } from './lane.ts'
import { inputRecord } from './record.ts'
import { plainSink, type SinkParts, type TopicPartition, transactionalSink } from './sink.ts'

export interface WorkerOptions {
  kafka: KafkaConnection
  group: string
  /** The topics to read, from their beginning where the group has no offset yet. */
  inputs: string[]
  /**
   * What to do with a record. It may be called again for the same record, with the same `reference`. An
   * `UnreadableRecordError` makes it a dead letter; anything else pauses the partition and tries again, with backoff,
   * for as long as it takes.
   */
  handle: Handle
  /** The most records of one partition in hand at once. */
  concurrency?: number
  metrics: Metrics
}

/** A running consumer of a group. Fits into an `App` of packages/service. */
export interface Worker {
  start: () => Promise<void>
  /** Finishes and commits what is in hand, and leaves the group. */
  stop: () => Promise<void>
  /** Why it takes no records now: not in the group, or partitions that wait for an outage to end. */
  notReady: () => string[]
  /** Rejects when the consumer can't go on by itself. */
  crashed: Promise<never>
}

/** The most records in one transaction or between two commits: a stop waits for no more than these. */
const chunkSize = 200
const heartbeatMs = 1_000

/**
 * Reads committed records, and writes outputs, dead letters and offsets in one Kafka transaction for each partition
 * (KIP-98, KIP-447): downstream, who reads committed sees each record's outputs exactly once.
 */
export const exactlyOnceWorker = (options: WorkerOptions): Worker => worker(options, { transactional: true })

/** Reads committed records; a crash between handling and commit has them handled again. */
export const atLeastOnceWorker = (options: WorkerOptions): Worker => worker(options, { transactional: false })

function worker(options: WorkerOptions, { transactional }: { transactional: boolean }): Worker {
  const { group, inputs, metrics, concurrency = 20 } = options
  const { log } = options.kafka
  const kafka = kafkaClient(options.kafka)
  const consumer = groupConsumer(kafka, group)
  const admin = kafka.admin()
  const producer = transactional ? undefined : kafka.producer({ allowAutoTopicCreation: false })
  const parts: SinkParts = { kafka, admin, group }
  const count = recordCounter(metrics)
  const stopping = new AbortController()
  const crash = Promise.withResolvers<never>()
  crash.promise.catch(() => {})
  const lanes = new Map<string, Promise<Lane>>()
  const waiting = new Map<string, { attempt: number; reason: string }>()
  let joined = false
  let lagWatch: { stop: () => void } | undefined

  const laneOf = (at: TopicPartition) => {
    const name = nameOf(at)
    let lane = lanes.get(name)
    if (!lane) {
      const sink = producer ? plainSink(parts, at, producer) : transactionalSink(parts, at)
      const onOutcome = (outcome: string) => count.inc({ topic: at.topic, outcome })
      lane = openLane(sink, { group, handle: options.handle, concurrency, log, onOutcome })
      lanes.set(name, lane)
    }
    return lane
  }
  const closeLanes = async () => {
    const open = [...lanes.values()]
    lanes.clear()
    await Promise.allSettled(open.map(async lane => (await lane).close()))
  }

  const eachBatch = async (payload: EachBatchPayload) => {
    const at = { topic: payload.batch.topic, partition: payload.batch.partition }
    const heart = beating(payload.heartbeat)
    try {
      const failure = await handleBatch(payload, await laneOf(at), stopping.signal)
      if (failure === undefined) waiting.delete(nameOf(at))
      else pause(payload, at, failure)
    } catch (error) {
      // The lane may be fenced, or its transaction undecided: the next one begins by taking over.
      await dropLane(at)
      pause(payload, at, error)
    } finally {
      heart.stop()
    }
    await heart.rethrow()
  }

  const dropLane = async (at: TopicPartition) => {
    const lane = lanes.get(nameOf(at))
    lanes.delete(nameOf(at))
    await lane?.then(open => open.close()).catch(() => {})
  }

  /** Nothing is resolved past the failed record, so kafkajs fetches it again once the partition is resumed. */
  const pause = ({ pause }: EachBatchPayload, at: TopicPartition, error: unknown) => {
    const attempt = (waiting.get(nameOf(at))?.attempt ?? 0) + 1
    const reason = error instanceof Error ? error.message : String(error)
    waiting.set(nameOf(at), { attempt, reason })
    log.warn({ ...at, attempt, err: error }, 'partition waits, and is tried again')
    const resume = pause()
    void backoff(attempt, stopping.signal).then(() => {
      if (!stopping.signal.aborted) resume()
    })
  }

  // Partitions are taken over as soon as they are assigned, so that the first record does not have to wait for it.
  consumer.on(consumer.events.GROUP_JOIN, async ({ payload: { memberAssignment } }) => {
    const partitions = Object.entries(memberAssignment).flatMap(([topic, assigned]) =>
      assigned.map(partition => ({ topic, partition })),
    )
    waiting.clear()
    const closed = closeLanes()
    const opened = await Promise.allSettled(partitions.map(laneOf))
    await closed
    const failed = opened.find(each => each.status === 'rejected')
    if (failed) log.warn({ err: failed.reason }, 'a partition can not be taken over yet')
    log.info({ group, assignment: memberAssignment }, 'joined the group')
    joined = true
  })
  consumer.on(consumer.events.REBALANCING, async () => {
    joined = false
    await closeLanes()
  })
  consumer.on(consumer.events.CRASH, async ({ payload: { error, restart } }) => {
    joined = false
    await closeLanes()
    if (!restart) crash.reject(new Error(`the consumer of ${group} died`, { cause: error }))
  })

  /** Retries for as long as Kafka is away, and says why; a worker that starts before its broker is no error. */
  const joinGroup = async () => {
    for (let attempt = 1; !stopping.signal.aborted; attempt++) {
      try {
        await Promise.all([consumer.connect(), admin.connect(), producer?.connect()])
        await consumer.subscribe({ topics: inputs, fromBeginning: true })
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: 64,
          eachBatch,
        })
        lagWatch = watchLag({ admin, group, inputs, metrics, log })
        return
      } catch (err) {
        log.warn({ err, attempt }, 'Kafka can not be joined yet')
        await backoff(attempt, stopping.signal)
      }
    }
  }

  return {
    crashed: crash.promise,
    notReady: () => [
      ...(joined ? [] : [`not in the consumer group ${group}`]),
      ...[...waiting].map(([name, { attempt, reason }]) => `${name} waits after try ${attempt}: ${reason}`),
    ],
    start: async () => {
      void joinGroup().catch(crash.reject)
    },
    stop: async () => {
      stopping.abort()
      lagWatch?.stop()
      await consumer.disconnect()
      await closeLanes()
      await Promise.allSettled([admin.disconnect(), producer?.disconnect()])
    },
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}[${partition}]`

/** Handles a fetched batch chunk by chunk. Returns what stopped it, if anything did. */
async function handleBatch(
  { batch, resolveOffset, commitOffsetsIfNecessary, isRunning, isStale }: EachBatchPayload,
  lane: Lane,
  stopping: AbortSignal,
): Promise<unknown> {
  const open = batch.messages.filter(
    ({ offset }) => lane.committed === undefined || BigInt(offset) >= lane.committed,
  )
  for (let from = 0; from < open.length; from += chunkSize) {
    if (!isRunning() || isStale() || stopping.aborted) return undefined
    const chunk = open.slice(from, from + chunkSize)
    const next = open[from + chunkSize]
    const { handledTo, failure } = await lane.advance(
      chunk.map(message => inputRecord(batch.topic, batch.partition, message)),
      next ? BigInt(next.offset) : BigInt(batch.lastOffset()) + 1n,
      commitOffsetsIfNecessary,
    )
    const lastHandled = chunk.findLast(({ offset }) => BigInt(offset) < handledTo)
    if (lastHandled) resolveOffset(lastHandled.offset)
    if (failure !== undefined) return failure
  }
  resolveOffset(batch.lastOffset())
  return undefined
}

/**
 * Sends heartbeats while a batch is handled, as kafkajs does so only between batches. What a heartbeat is told (that
 * the group rebalances, above all) waits until the batch is done, and is then thrown for kafkajs to act on.
 */
function beating(heartbeat: () => Promise<void>) {
  let told: unknown
  const timer = setInterval(() => {
    heartbeat().catch(error => {
      told ??= error
    })
  }, heartbeatMs)
  return {
    stop: () => clearInterval(timer),
    rethrow: async () => {
      if (told !== undefined) throw told
      await heartbeat()
    },
  }
}

const groupConsumer = (kafka: Kafka, groupId: string): Consumer =>
  kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: 20_000,
    maxWaitTimeInMs: 500,
    maxBytesPerPartition: 512 * 1024,
    allowAutoTopicCreation: false,
  })

const recordCounter = (metrics: Metrics) =>
  new Counter({
    name: 'kafka_records_total',
    help: 'Records, by what became of them: handled, dead-letter, failed (and tried again)',
    labelNames: ['topic', 'outcome'],
    registers: [metrics],
  })
