import { randomUUID } from 'node:crypto'
import { backoff, retrying } from 'kafka-restaurants-delivery'
import { hasCause, type KafkaConnection, kafkaClient, patientRetry } from '../client.ts'
import { nameOf } from '../commit/store.ts'
import { type InputRecord, inputRecord } from '../record.ts'

/** Reads topics for as long as the process lives: what they have, and then what comes. */
export interface FollowedTopics {
  start: () => Promise<void>
  stop: () => Promise<void>
  /** Why not all is read that the topics had at the start, if so. */
  notReady: () => string[]
  /** Whether it is with the group that it reads in; not while Kafka is away, though some seconds later. */
  isReading: () => boolean
  /** Resolves when `notReady()` is empty for the first time. */
  caughtUp: Promise<void>
  /** Rejects when it can't go on by itself. */
  crashed: Promise<never>
}

/**
 * Has `see` see every committed record of topics, those of each partition in their order, in every process that follows
 * them: nothing is shared or committed. After a loss of connection some may come again.
 * @param group begins the name of the consumer group that reads, of which nothing is left
 * @param since begins with the records that were written then or later, in ms since the epoch; with all unless given.
 * Whatever is written after `notReady()` has become empty is seen, though the clock of its producer may be slow.
 */
export function followTopics(
  connection: KafkaConnection,
  {
    topics,
    group,
    since,
    see,
  }: {
    topics: string[]
    group: string
    since?: () => number
    see: (records: InputRecord[]) => void
  },
): FollowedTopics {
  const { log } = connection
  const name = topics.join(', ')
  const kafka = kafkaClient(connection)
  const admin = kafka.admin()
  const stopping = new AbortController()
  const crash = Promise.withResolvers<never>()
  crash.promise.catch(() => {})
  /** Where each partition is to be read on. */
  const next = new Map<string, bigint>()
  /** What has to be read of the partitions before all is known that was there at the start. */
  let behind: Map<string, bigint> | undefined
  let isJoined = false
  let isReading = false
  const ready = Promise.withResolvers<void>()
  /** Who has not joined the group yet is told of nothing. */
  const isReady = () => isJoined && behind?.size === 0
  const look = () => {
    if (isReady()) ready.resolve()
  }
  const groupId = `${group}-follower-${randomUUID()}`
  const consumer = kafka.consumer({
    groupId,
    retry: { ...patientRetry, restartOnFailure: async () => !stopping.signal.aborted },
    sessionTimeout: 10_000,
    heartbeatInterval: 1_000,
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
  })
  const { GROUP_JOIN, END_BATCH_PROCESS, CRASH } = consumer.events
  consumer.on(GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    for (const [topic, partitions] of Object.entries(memberAssignment))
      for (const partition of partitions) {
        const offset = next.get(nameOf({ topic, partition }))
        if (offset !== undefined) consumer.seek({ topic, partition, offset: String(offset) })
      }
    isJoined = true
    isReading = true
    look()
  })
  // Unlike eachBatch, this tells of batches that hold nothing but control records or what was aborted, too.
  consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    const at = nameOf({ topic, partition })
    const read = BigInt(lastOffset) + 1n
    next.set(at, read)
    if (read >= (behind?.get(at) ?? 0n)) behind?.delete(at)
    look()
  })
  consumer.on(CRASH, ({ payload: { error, restart } }) => {
    isReading = false
    if (restart || stopping.signal.aborted) return
    // kafkajs takes it for final where a broker goes away again while it looks for the one that has its group.
    if (hasCause(error, ({ name }) => name === 'KafkaJSGroupCoordinatorNotFound')) void again()
    else crash.reject(new Error(`${name} can not be followed any more`, { cause: error }))
  })

  const onFailure = (err: unknown, attempt: number) =>
    log.warn({ err, attempt, topics }, 'topics can not be followed yet')
  const tryOn = (act: () => Promise<void>) =>
    retrying(act, { signal: stopping.signal, onFailure }).catch(error => {
      if (!stopping.signal.aborted) crash.reject(error)
    })
  const run = () =>
    consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 64,
      eachBatch: async ({ batch: { topic, partition, messages } }) =>
        see(messages.map(message => inputRecord(topic, partition, message))),
    })
  const again = () =>
    tryOn(async () => {
      await backoff(1, stopping.signal)
      if (stopping.signal.aborted) return
      await consumer.connect()
      await run()
    })

  const begin = async () => {
    await Promise.all([admin.connect(), consumer.connect()])
    const unread = new Map<string, bigint>()
    for (const topic of topics) {
      const offsets = await admin.fetchTopicOffsets(topic, { readUncommitted: true })
      const starts = since && (await admin.fetchTopicOffsetsByTimestamp(topic, since()))
      for (const { partition, low, high } of offsets) {
        const at = nameOf({ topic, partition })
        const start = starts?.find(each => each.partition === partition)?.offset
        const from = BigInt(start ?? low)
        if (start !== undefined) next.set(at, from)
        if (from < BigInt(high)) unread.set(at, BigInt(high))
      }
    }
    behind = unread
    await consumer.subscribe({ topics, fromBeginning: true })
    await run()
  }

  return {
    start: async () => {
      void tryOn(begin)
    },
    stop: async () => {
      stopping.abort()
      await consumer.disconnect()
      // Kafka itself removes an empty group, though later.
      await admin.deleteGroups([groupId]).catch(() => {})
      await admin.disconnect()
    },
    caughtUp: ready.promise,
    isReading: () => isReading,
    notReady: () => (isReady() ? [] : [`has not read all of ${name} yet`]),
    crashed: crash.promise,
  }
}
