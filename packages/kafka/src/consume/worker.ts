import { randomUUID } from 'node:crypto'
import { retrying } from 'kafka-restaurants-delivery'
import type { Admin, Consumer, Kafka } from 'kafkajs'
import { isWithoutCoordinator } from '../admin.ts'
import { partitionAssigners, rangeAssigner } from '../assigners.ts'
import { kafkaClient, patientRetry } from '../client.ts'
import { createCommitter } from '../commit/committer.ts'
import { type ExternalStore, externalStore } from '../commit/external.ts'
import { fromNowOn } from '../commit/from-now-on.ts'
import { offsetStore } from '../commit/offsets.ts'
import { nameOf, type Store, type TopicPartition } from '../commit/store.ts'
import { transactionStore } from '../commit/transaction.ts'
import { endsOf, watchLag } from '../lag.ts'
import { readState } from '../read/read-state.ts'
import { checksBeforeStuck, watchdog } from '../watchdog.ts'
import type { Lane } from './lane.ts'
import { createLanes, withoutCompany } from './lanes.ts'
import type { AnyOptions, StatefulWorkerOptions, WorkerOptions } from './options.ts'
import { batchHandler, heartbeatMs, positionOf } from './reading.ts'
import { within } from './within.ts'
import { workerMetrics } from './worker-metrics.ts'

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
  /** Whether a partition is this worker's, as far as it knows. */
  has: (at: TopicPartition) => boolean
}

const rebalanceTimeoutMs = 20_000
/** How long a stop waits for what is in hand, tries to commit what is not committed yet, and to leave the group; in ms. */
const stopLimits = { finish: 4_000, settle: 7_000, leave: 8_500 }

interface Parts {
  kafka: Kafka
  admin: Admin
  consumer: Consumer
}

/**
 * Reads committed records, and writes outputs, dead letters and offsets of all its partitions in one Kafka transaction
 * (KIP-98, KIP-447): downstream, who reads committed sees each record's outputs exactly once.
 */
export const exactlyOnceWorker = (options: WorkerOptions): Worker =>
  worker(options, parts => transactions(parts, options))

/** Reads committed records; a crash between handling and commit has them handled again. */
export const atLeastOnceWorker = (options: WorkerOptions): Worker =>
  worker(options, parts => offsetStore({ ...parts, group: options.group }, transactions(parts, options)))

/** Reads committed records, and has a store of one's own keep outputs and offsets together: each counts there once. */
export const externalWorker = (options: WorkerOptions, store: ExternalStore): Worker =>
  worker(options, ({ consumer }) =>
    externalStore(store, {
      consumer,
      fromBeginning: (options.consumer?.fromBeginning ?? true) === true,
      log: options.kafka.log,
    }),
  )

/**
 * An exactly-once worker whose handlers keep something for the key of their record. What one sets is seen by those that
 * come after it, becomes final in the transaction of its outputs, and is gone where that is not to be. A worker that is
 * given a partition reads first what is kept for it.
 */
export const statefulWorker = <Kept>(options: StatefulWorkerOptions<Kept>): Worker =>
  // What is kept goes from the handler through the format and back to the handler: nobody between them looks at it.
  worker({ ...(options as StatefulWorkerOptions), copartitioned: true, ordered: true }, parts =>
    transactions(parts, options),
  )

const transactions = (
  parts: Parts,
  { group, instance = randomUUID() }: Pick<WorkerOptions, 'group' | 'instance'>,
) => transactionStore(parts, { group, transactionalId: `${group}-${instance}` })

function worker(options: AnyOptions, openStore: (parts: Parts) => Store): Worker {
  const { group, inputs, copartitioned = false, changelog, metrics, stallMs = 60_000 } = options
  const { log } = options.kafka
  const kafka = kafkaClient(options.kafka)
  const stopping = new AbortController()
  const settings = options.consumer ?? {}
  const consumer = groupConsumer(kafka, options, () => !stopping.signal.aborted)
  const admin = kafka.admin()
  const crash = Promise.withResolvers<never>()
  crash.promise.catch(() => {})
  const crashOf = (what: string) => crash.reject(new Error(`the consumer of ${group} ${what}`))
  const fetching = watchdog(checksBeforeStuck)
  const joining = watchdog(checksBeforeStuck)
  const position = positionOf({ consumer, admin, log })
  const { fromBeginning = true } = settings
  let ends = typeof fromBeginning === 'boolean' ? undefined : fromBeginning
  const beginsAtEnd = (topic: string) => fromBeginning === false || ends?.has(nameOf({ topic, partition: 0 }))
  const [fromStart, fromEnd] = [inputs.filter(topic => !beginsAtEnd(topic)), inputs.filter(beginsAtEnd)]
  const store = fromNowOn(openStore({ kafka, admin, consumer }), {
    // A partition that was not there yet has come since.
    endOf: at => (fromEnd.includes(at.topic) ? (ends?.get(nameOf(at)) ?? 0n) : undefined),
    seek: position.seek,
  })
  const committer = createCommitter({
    store,
    log,
    onCommitted: records => told.committed(records),
    onNewTopic: position.readFromBeginning,
    restore: lanes => restore(lanes),
    gatherMs: settings.commitMs,
    mayBegin: () => joined,
    onReplaced: () => {
      joined = false
    },
  })
  const told = workerMetrics(options, {
    lanes: () => lanes.all(),
    commitOutage: lane => committer.outage(lane),
  })
  const lanes = createLanes(options, committer, told, lane => lane.parts.forEach(position.resume))
  let joined = false
  let generation: number | undefined
  let isGivingUp = false
  let lagWatch: { stop: () => void } | undefined

  const restore = async (bare: Lane[]) => {
    if (!changelog) return
    const numberOf = ({ parts: [part] }: Lane) => part?.partition ?? 0
    const kept = await readState(
      { kafka, admin },
      { changelog: changelog.topic, partitions: bare.map(numberOf), reader: group },
    )
    for (const lane of bare) {
      lane.restore(kept.get(numberOf(lane)) ?? new Map())
      lane.parts.forEach(position.resume)
    }
  }

  const eachBatch = batchHandler({
    lanes,
    committer,
    position,
    restMs: settings.restMs,
    stopping: stopping.signal,
  })

  const together = changelog ? [...inputs, changelog.topic] : inputs
  /** Topics may get more partitions while it runs. */
  const refused = (error: unknown) => {
    if (error instanceof NotCopartitionedError) crash.reject(error)
    else log.debug({ err: error }, 'it is not known how many partitions there are')
  }

  consumer.on(consumer.events.FETCH, fetching.heard)
  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment, memberId, generationId } }) => {
    fetching.heard()
    joined = true
    const assigned = Object.entries(memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map(partition => ({ topic, partition })),
    )
    assigned.forEach(position.resume)
    const alone = copartitioned ? withoutCompany(assigned, inputs) : undefined
    if (alone) return crashOf(`was given ${nameOf(alone)}, and not the same partition of all its inputs`)
    generation = generationId
    if (copartitioned) void refuseDifferent(admin, together).catch(refused)
    const member = { memberId, generationId }
    committer.assign(lanes.assign(assigned, member), member)
    log.info({ group, assignment: memberAssignment }, 'joined the group')
  })
  // Whose heartbeat is taken is a member, also where a rejoin failed that was not needed after all.
  consumer.on(consumer.events.HEARTBEAT, ({ payload: { groupGenerationId } }) => {
    // While it joins there may be one of a generation whose partitions are not known yet.
    if (isGivingUp || String(groupGenerationId) !== String(generation)) return
    if (!joined) committer.lookAgain()
    joined = true
  })
  consumer.on(consumer.events.REBALANCING, () => {
    joined = false
  })
  consumer.on(consumer.events.CRASH, async ({ payload: { error, restart } }) => {
    joined = false
    // The group has been left by then.
    void lanes.pause()
    if (restart || stopping.signal.aborted) return
    if (isWithoutCoordinator(error)) await joinGroup().catch(crash.reject)
    else crash.reject(new Error(`the consumer of ${group} died`, { cause: error }))
  })

  /** What is in hand is done and committed before the partitions may go to another member. */
  const beforeRejoin = async () => {
    joined = false
    isGivingUp = true
    log.debug({ group }, 'begins nothing new, as the group says')
    const until = Date.now() + 0.75 * (settings.rebalanceTimeoutMs ?? rebalanceTimeoutMs)
    await within(until - Date.now(), lanes.pause()).catch(err =>
      log.warn({ err }, 'what is in hand takes long'),
    )
    await committer.flush(until)
    isGivingUp = false
  }

  /** Others may do what this consumer can't: then it is for another process to try. */
  const looked: Parameters<typeof watchLag>[0]['looked'] = lags => {
    const kafkaAnswers = lags !== undefined
    for (const { committed, ...at } of lags ?? []) {
      if (committed < 0 && lanes.get(at)?.wasCommitted()) committer.lookAgain()
    }
    const stuck = lanes.stuck(kafkaAnswers)
    if (stuck) crashOf(stuck)
    if (!kafkaAnswers || joined) joining.heard()
    else if (joining.isStuck()) crashOf('can not join it, though Kafka answers')
    if (!kafkaAnswers) fetching.heard()
    else if (fetching.isStuck()) crashOf('has stopped without a word')
  }

  /** Retries for as long as Kafka is away, and says why; a worker that starts before its broker is no error. */
  const joinGroup = () =>
    retrying(
      async () => {
        if (stopping.signal.aborted) return
        await Promise.all([consumer.connect(), admin.connect(), store.begin?.()])
        ends ??= await endsOf(admin, fromEnd)
        for (const [topics, fromBeginning] of [
          [fromStart, true],
          [fromEnd, false],
        ] as const)
          if (topics.length > 0) await consumer.subscribe({ topics, fromBeginning })
        if (copartitioned) await refuseDifferent(admin, together)
        if (stopping.signal.aborted) return disconnect()
        const everyMs = stallMs / checksBeforeStuck
        lagWatch ??= watchLag({ admin, group, inputs, metrics, log, everyMs, looked })
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: 64,
          eachBatch,
          beforeRejoin,
        })
      },
      {
        onFailure: (err, attempt) => log.warn({ err, attempt }, 'Kafka can not be joined yet'),
        signal: stopping.signal,
        isPassing: error => !(error instanceof NotCopartitionedError),
      },
    ).catch(error => {
      if (!stopping.signal.aborted) throw error
    })

  const disconnect = async () => {
    await consumer.disconnect()
    await committer.stop()
    await admin.disconnect()
  }

  return {
    crashed: crash.promise,
    notReady: () => (joined ? [] : [`not in the consumer group ${group}`]),
    outages: lanes.outages,
    has: at => joined && lanes.get(at) !== undefined,
    start: async () => {
      void joinGroup().catch(crash.reject)
    },
    stop: async () => {
      stopping.abort()
      lagWatch?.stop()
      told.close()
      const begun = Date.now()
      const by = <T>(limit: number, work: Promise<T>) => within(begun + limit - Date.now(), work)
      await by(stopLimits.finish, lanes.stop()).catch(() => {})
      await by(stopLimits.settle, committer.flush(begun + stopLimits.settle)).catch(err =>
        log.warn({ err }, 'not all could be committed'),
      )
      await by(stopLimits.leave, disconnect()).catch(err => log.warn({ err }, 'the group could not be left'))
    },
  }
}

class NotCopartitionedError extends Error {
  override name = 'NotCopartitionedError'
}

/** @throws NotCopartitionedError where topics have not as many partitions as each other */
async function refuseDifferent(admin: Admin, names: string[]): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: names })
  const counts = names.map(name => topics.find(each => each.name === name)?.partitions.length)
  if (new Set(counts).size <= 1) return
  const found = names.map((name, index) => `${name} has ${counts[index]}`).join(', ')
  throw new NotCopartitionedError(`topics that belong together differ in their partitions: ${found}`)
}

/** kafkajs would start a consumer again that loses its connection while it is stopped, and join the group with it. */
const groupConsumer = (
  kafka: Kafka,
  { group: groupId, copartitioned = false, consumer: settings = {} }: AnyOptions,
  mayRestart: () => boolean,
): Consumer =>
  kafka.consumer({
    groupId,
    partitionAssigners: copartitioned ? [rangeAssigner] : partitionAssigners,
    retry: { ...patientRetry, restartOnFailure: async () => mayRestart() },
    sessionTimeout: settings.sessionTimeoutMs ?? 10_000,
    heartbeatInterval: settings.heartbeatMs ?? heartbeatMs,
    rebalanceTimeout: settings.rebalanceTimeoutMs ?? rebalanceTimeoutMs,
    maxWaitTimeInMs: settings.maxWaitMs ?? 500,
    minBytes: settings.minBytes,
    maxBytes: settings.maxBytes,
    maxBytesPerPartition: settings.maxBytesPerPartition ?? 512 * 1024,
    rackId: settings.rackId,
    readUncommitted: settings.readUncommitted ?? false,
    allowAutoTopicCreation: false,
  })
