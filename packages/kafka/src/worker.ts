import { retrying } from 'kafka-restaurants-delivery'
import { counter, gauge, type Metrics } from 'kafka-restaurants-service'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { isWithoutCoordinator } from './admin.ts'
import { partitionAssigners } from './assigners.ts'
import { type KafkaConnection, kafkaClient, patientRetry } from './client.ts'
import { watchLag } from './lag.ts'
import { type Advance, createLane, type Handle, type Lane } from './lane.ts'
import { type InputRecord, inputRecord } from './record.ts'
import { type Retries, retries } from './retries.ts'
import { plainSink, type SinkParts, type TopicPartition, transactionalSink } from './sink.ts'
import { watchdog } from './watchdog.ts'

export interface WorkerOptions {
  kafka: KafkaConnection
  group: string
  /** The topics to read, from their beginning where the group has no offset yet. */
  inputs: string[]
  /**
   * What to do with a record. It may be called again for the same record, with the same `reference`. An
   * `UnreadableRecordError` makes it a dead letter; a `PutOffError` has it tried again by itself; anything else as well,
   * unless nothing works: then the partition pauses, for as long as it takes.
   */
  handle: Handle
  /** Whether records of one key are handled one after another, in their order (the default), or all independently. */
  ordered?: boolean
  /** The most records of one partition in hand at once, without those whose handlers have called `release`. */
  concurrency?: number
  /** The most records between two commits: unless given 200 in a transaction, else 20 or `concurrency`. */
  commitEvery?: number
  /** Where records go that no retry can help: `<topic>.dead-letters` unless given. */
  deadLetterTopic?: string
  /** Whether card numbers in dead letters are masked, as they are unless this is false. */
  maskCards?: boolean
  consumer?: ConsumerSettings
  /**
   * How long a consumer may say nothing, or be unable to join or to commit, while Kafka answers, until it counts as
   * crashed; in ms. A single record must not take longer. 60,000 unless given.
   */
  stallMs?: number
  metrics: Metrics
}

/** What a consumer asks of Kafka. */
interface ConsumerSettings {
  /** Whether a group without a commit begins with the oldest record (the default) or with what comes next. */
  fromBeginning?: boolean
  /** Whether to read records of transactions that may still be aborted; not unless true. */
  readUncommitted?: boolean
  /** After how long without a heartbeat the group takes the consumer for dead, in ms: 10,000 unless given. */
  sessionTimeoutMs?: number
  heartbeatMs?: number
  rebalanceTimeoutMs?: number
  /** How long a fetch may wait for `minBytes`, in ms: 500 unless given. */
  maxWaitMs?: number
  minBytes?: number
  maxBytes?: number
  /** The most bytes of a partition in a fetch: 512 KiB unless given. */
  maxBytesPerPartition?: number
  rackId?: string
}

/** A running consumer of a group. Fits into an `App` of packages/service. */
export interface Worker {
  start: () => Promise<void>
  /** Finishes and commits what is in hand, and leaves the group. */
  stop: () => Promise<void>
  /** Why it takes no records at all now: it is not in the group. */
  notReady: () => string[]
  /** The partitions that wait for an outage to end, a sentence each. */
  outages: () => string[]
  /** Rejects when the consumer can't go on by itself. */
  crashed: Promise<never>
}

/** The most records in one transaction. */
const mostInTransaction = 200
/** The fewest between two plain commits, which cost little: what is between them may be done again after a kill -9. */
const fewestInCommit = 20
const usualConcurrency = 20
const heartbeatMs = 1_000
const checksBeforeStuck = 12
/** How long a stop waits for what is in hand, tries to commit what is not committed yet, and to leave the group; in ms. */
const stopLimits = { finish: 4_000, settle: 7_000, leave: 8_500 }

/**
 * Reads committed records, and writes outputs, dead letters and offsets in one Kafka transaction for each partition
 * (KIP-98, KIP-447): downstream, who reads committed sees each record's outputs exactly once.
 */
export const exactlyOnceWorker = (options: WorkerOptions): Worker => worker(options, { transactional: true })

/** Reads committed records; a crash between handling and commit has them handled again. */
export const atLeastOnceWorker = (options: WorkerOptions): Worker => worker(options, { transactional: false })

function worker(options: WorkerOptions, { transactional }: { transactional: boolean }): Worker {
  const { group, inputs, metrics, stallMs = 60_000 } = options
  const { log } = options.kafka
  const kafka = kafkaClient(options.kafka)
  const stopping = new AbortController()
  const settings = options.consumer ?? {}
  const consumer = groupConsumer(kafka, group, settings, () => !stopping.signal.aborted)
  const admin = kafka.admin()
  const parts: SinkParts = { kafka, admin, group }
  const crash = Promise.withResolvers<never>()
  crash.promise.catch(() => {})
  const dog = watchdog(checksBeforeStuck)
  const joining = watchdog(checksBeforeStuck)
  const partitions = partitionsOf(options, consumer, dog.heard, at =>
    transactional ? transactionalSink(parts, at) : plainSink(parts, at),
  )
  const inHand = new Set<Promise<void>>()
  const usualChunk = transactional
    ? mostInTransaction
    : Math.max(fewestInCommit, options.concurrency ?? usualConcurrency)
  const chunkSize = options.commitEvery ?? usualChunk
  let joined = false
  let lagWatch: { stop: () => void } | undefined

  const eachBatch = (payload: EachBatchPayload) => {
    const done = takeBatch(payload).finally(() => inHand.delete(done))
    inHand.add(done)
    return done
  }
  const takeBatch = async (payload: EachBatchPayload) => {
    const { lane, retries } = partitions.get(payload.batch)
    const heart = beating(payload.heartbeat, err =>
      log.debug({ group, err }, 'begins nothing new, as the group says'),
    )
    try {
      const isOver = () =>
        !payload.isRunning() || payload.isStale() || stopping.signal.aborted || heart.told() !== undefined
      const { stopped, retryAt } = await handleBatch(payload, lane, chunkSize, isOver)
      if (stopped === undefined) retries.works(retryAt)
      else retries.pause(payload.pause, stopped)
    } catch (error) {
      retries.pause(payload.pause, error)
    } finally {
      heart.stop()
      partitions.report()
    }
    await heart.rethrow()
  }

  consumer.on(consumer.events.FETCH, dog.heard)
  // Partitions are taken over as soon as they are assigned, so that the first record does not have to wait for it.
  consumer.on(consumer.events.GROUP_JOIN, async ({ payload: { memberAssignment } }) => {
    dog.heard()
    const assigned = Object.entries(memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map(partition => ({ topic, partition })),
    )
    const failed = await partitions.takeOver(assigned)
    if (failed) log.warn({ err: failed }, 'a partition can not be taken over yet')
    log.info({ group, assignment: memberAssignment }, 'joined the group')
    joined = true
  })
  // Whose heartbeat is taken is a member, also where a rejoin failed that was not needed after all.
  consumer.on(consumer.events.HEARTBEAT, () => {
    joined = true
  })
  consumer.on(consumer.events.REBALANCING, async () => {
    joined = false
    await partitions.release()
  })
  consumer.on(consumer.events.CRASH, async ({ payload: { error, restart } }) => {
    joined = false
    await partitions.release()
    if (restart || stopping.signal.aborted) return
    if (isWithoutCoordinator(error)) await joinGroup()
    else crash.reject(new Error(`the consumer of ${group} died`, { cause: error }))
  })

  /** Others may do what this consumer can't: then it is for another process to try. */
  const looked: Parameters<typeof watchLag>[0]['looked'] = lags => {
    const kafkaAnswers = lags !== undefined
    for (const { committed, ...at } of lags ?? []) {
      if (committed < 0)
        partitions.readAgain(at).catch(err => log.debug({ err }, 'it is not known what is committed'))
    }
    const crashOf = (what: string) => crash.reject(new Error(`the consumer of ${group} ${what}`))
    const stuck = partitions.stuck(kafkaAnswers)
    if (stuck) crashOf(`can not commit ${stuck}, though Kafka answers`)
    if (!kafkaAnswers || joined) joining.heard()
    else if (joining.isStuck()) crashOf('can not join it, though Kafka answers')
    if (!kafkaAnswers) dog.heard()
    else if (dog.isStuck()) crashOf('has stopped without a word')
  }

  /** Retries for as long as Kafka is away, and says why; a worker that starts before its broker is no error. */
  const joinGroup = () =>
    retrying(
      async () => {
        if (stopping.signal.aborted) return
        await Promise.all([consumer.connect(), admin.connect()])
        await consumer.subscribe({ topics: inputs, fromBeginning: settings.fromBeginning ?? true })
        if (stopping.signal.aborted) return disconnect()
        const everyMs = stallMs / checksBeforeStuck
        lagWatch ??= watchLag({ admin, group, inputs, metrics, log, everyMs, looked })
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: 64,
          eachBatch,
        })
      },
      {
        onFailure: (err, attempt) => log.warn({ err, attempt }, 'Kafka can not be joined yet'),
        signal: stopping.signal,
      },
    ).catch(error => {
      if (!stopping.signal.aborted) throw error
    })

  const disconnect = async () => {
    await consumer.disconnect()
    await partitions.release()
    await admin.disconnect()
  }

  return {
    crashed: crash.promise,
    notReady: () => (joined ? [] : [`not in the consumer group ${group}`]),
    outages: partitions.outages,
    start: async () => {
      void joinGroup().catch(crash.reject)
    },
    stop: async () => {
      stopping.abort()
      lagWatch?.stop()
      const begun = Date.now()
      const by = <T>(limit: number, work: Promise<T>) => within(begun + limit - Date.now(), work)
      await by(stopLimits.finish, Promise.allSettled(inHand)).catch(() => {})
      await by(stopLimits.settle, partitions.settle(begun + stopLimits.settle)).catch(err =>
        log.warn({ err }, 'not all could be committed'),
      )
      await by(stopLimits.leave, disconnect()).catch(err => log.warn({ err }, 'the group could not be left'))
    },
  }
}

interface Partition {
  name: string
  lane: Lane
  retries: Retries
  dog: ReturnType<typeof watchdog>
  /** What the lane waited for Kafka with at the last look. */
  waited?: string | undefined
}

/** The partitions that a worker has met. Each keeps what it knows from one assignment to the next. */
function partitionsOf(
  {
    group,
    handle,
    ordered = true,
    concurrency = usualConcurrency,
    deadLetterTopic,
    maskCards,
    metrics,
    kafka: { log },
  }: WorkerOptions,
  consumer: Consumer,
  heard: () => void,
  openSink: (at: TopicPartition) => ReturnType<typeof plainSink>,
) {
  const all = new Map<string, Partition>()
  const count = counter(metrics, {
    name: 'kafka_records_total',
    help: 'Records, by what became of them: handled, dead-letter, failed (and tried again)',
    labelNames: ['group', 'topic', 'outcome'],
  })
  const paused = gauge(metrics, {
    name: 'kafka_partitions_paused',
    help: 'Partitions that wait for an outage to end',
    labelNames: ['group'],
  })
  const putOff = gauge(metrics, {
    name: 'kafka_records_put_off',
    help: 'Records that are to be tried again, each by itself',
    labelNames: ['group'],
  })
  const keyOf = ({ key }: InputRecord) => (ordered && key ? key.toString('latin1') : undefined)
  const common = { group, handle, concurrency, deadLetterTopic, maskCards, keyOf, log }

  const get = ({ topic, partition }: TopicPartition): Partition => {
    const at = { topic, partition }
    const name = `${topic}[${partition}]`
    let known = all.get(name)
    if (!known) {
      const onOutcome = (outcome: string) => {
        heard()
        count.inc({ group, topic, outcome })
      }
      const lane = createLane(() => openSink(at), { ...common, onOutcome })
      known = { name, lane, retries: retries(consumer, at, lane, log), dog: watchdog(checksBeforeStuck) }
      all.set(name, known)
    }
    return known
  }
  const outages = () => [...all.values()].flatMap(({ retries }) => retries.outage() ?? [])
  const report = () => {
    paused.set({ group }, outages().length)
    putOff.set(
      { group },
      [...all.values()].reduce((sum, { lane }) => sum + lane.waiting(), 0),
    )
  }
  report()

  return {
    get,
    /** @returns why one of them could not be taken over, if so; its next records try again */
    takeOver: async (assigned: TopicPartition[]): Promise<unknown> => {
      const own = new Set(assigned.map(get))
      for (const lost of [...all.values()].filter(each => !own.has(each))) {
        lost.retries.works()
        void lost.lane.abandon()
      }
      report()
      const results = await Promise.allSettled([...own].map(({ lane }) => lane.takeOver()))
      return results.find(each => each.status === 'rejected')?.reason
    },
    /** A broker that was dead may for a while coordinate no group (NOT_COORDINATOR): each tries until then, in ms. */
    settle: (until: number) =>
      Promise.all([...all.values()].map(({ lane }) => retrying(lane.settle, { until }))),
    release: async () => {
      await Promise.all([...all.values()].map(({ lane }) => lane.release()))
    },
    outages,
    /** Begins with the oldest record where a commit is gone: its topic was deleted and made again, which nobody else tells. */
    readAgain: async ({ topic, partition, low }: TopicPartition & { low: string }) => {
      const lane = all.get(`${topic}[${partition}]`)?.lane
      if (!lane?.wasCommitted()) return
      await lane.takeOver()
      if (!lane.wasCommitted()) consumer.seek({ topic, partition, offset: low })
    },
    /** To be asked at an interval. @returns the name of a partition that could not be committed for long */
    stuck: (kafkaAnswers: boolean): string | undefined => {
      let stuck: string | undefined
      for (const each of all.values()) {
        const waits = each.lane.waitsFor()
        const isSame = waits !== undefined && waits === each.waited
        each.waited = waits
        if (!kafkaAnswers || !isSame) each.dog.heard()
        else if (each.dog.isStuck()) stuck ??= each.name
      }
      return stuck
    },
    /** Brings the metrics up to date. */
    report,
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`not within ${ms} ms`)), ms)
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}

/** Handles a fetched batch chunk by chunk, until it is over or something stops it. One without records is a chunk, too. */
async function handleBatch(
  { batch, resolveOffset, commitOffsetsIfNecessary }: EachBatchPayload,
  lane: Lane,
  chunkSize: number,
  isOver: () => boolean,
): Promise<Advance> {
  let retryAt: number | undefined
  let from = BigInt(String(fetchedFrom(batch)))
  for (let index = 0; index === 0 || index < batch.messages.length; index += chunkSize) {
    if (isOver()) return { retryAt }
    const chunk = batch.messages.slice(index, index + chunkSize)
    const next = batch.messages[index + chunkSize]
    const end = next ? BigInt(next.offset) : BigInt(batch.lastOffset()) + 1n
    const result = await lane.advance({
      records: chunk.map(message => inputRecord(batch.topic, batch.partition, message)),
      from,
      end,
      commitOffsets: commitOffsetsIfNecessary,
      isOver,
    })
    // What is left of a chunk that was cut short is met again, as the position stays before it.
    if (result.stopped !== undefined || isOver()) return result
    retryAt = result.retryAt
    from = end
    resolveOffset(chunk.at(-1)?.offset ?? batch.lastOffset())
  }
  resolveOffset(batch.lastOffset())
  return { retryAt }
}

/** kafkajs knows from where it fetched, though its types don't: what lies between that and the first record is none. */
const fetchedFrom = (batch: EachBatchPayload['batch'] & { fetchedOffset?: string }) =>
  batch.fetchedOffset ?? batch.firstOffset() ?? 0

/**
 * Sends heartbeats while a batch is handled, as kafkajs does so only between batches. What a heartbeat is told (that
 * the group rebalances, above all) waits until the chunk in hand is done, and is then thrown for kafkajs to act on.
 */
function beating(heartbeat: () => Promise<void>, onTold: (error: unknown) => void) {
  let told: unknown
  const timer = setInterval(() => {
    heartbeat().catch(error => {
      if (told === undefined) onTold(error)
      told ??= error
    })
  }, heartbeatMs)
  return {
    told: () => told,
    stop: () => clearInterval(timer),
    rethrow: async () => {
      if (told !== undefined) throw told
      await heartbeat()
    },
  }
}

/** kafkajs would start a consumer again that loses its connection while it is stopped, and join the group with it. */
const groupConsumer = (
  kafka: Kafka,
  groupId: string,
  settings: ConsumerSettings,
  mayRestart: () => boolean,
): Consumer =>
  kafka.consumer({
    groupId,
    partitionAssigners,
    retry: { ...patientRetry, restartOnFailure: async () => mayRestart() },
    sessionTimeout: settings.sessionTimeoutMs ?? 10_000,
    heartbeatInterval: settings.heartbeatMs ?? heartbeatMs,
    rebalanceTimeout: settings.rebalanceTimeoutMs ?? 20_000,
    maxWaitTimeInMs: settings.maxWaitMs ?? 500,
    minBytes: settings.minBytes,
    maxBytes: settings.maxBytes,
    maxBytesPerPartition: settings.maxBytesPerPartition ?? 512 * 1024,
    rackId: settings.rackId,
    readUncommitted: settings.readUncommitted ?? false,
    allowAutoTopicCreation: false,
  })
