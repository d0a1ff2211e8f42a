import { randomUUID } from 'node:crypto'
import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import type { TopicPartition } from '../commit/store.ts'
import { type InputRecord, inputRecord } from '../record.ts'

/** The offsets of a partition from the first up to, and without, the second. */
export interface Stretch extends TopicPartition {
  from: bigint
  to: bigint
}

export const partitionName = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`

/** The part of a stretch that begins at `offset`, if that is within it. */
export const onwards = (stretch: Stretch, offset: bigint): Stretch => ({
  ...stretch,
  from: later(stretch.from, offset),
})

export const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)

const longestSilenceMs = 30_000

/** Where the partitions of a topic begin, and where what is committed ends (the last stable offset). */
export async function partitionEnds(admin: Admin, topic: string): Promise<Stretch[]> {
  // What kafkajs calls `high` is the last stable offset: its admin asks with isolation level "read committed".
  return (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
    topic,
    partition,
    from: BigInt(low),
    to: BigInt(high),
  }))
}

/**
 * Calls `see` with every committed record of some stretches, once, in each partition's order. Reads with a consumer
 * group of its own, of which nothing is left afterwards.
 * @param stretches at most one a partition; none may go beyond the partition's last stable offset
 * @param reader begins the group's name, for those who may read with some groups alone
 * @throws KafkaJSError, also when Kafka says nothing for half a minute
 */
export async function readStretches(
  { kafka, admin }: { kafka: Kafka; admin: Admin },
  stretches: Stretch[],
  see: (record: InputRecord) => void,
  reader = 'dead-letters',
): Promise<void> {
  const left = new Map(
    stretches.filter(({ from, to }) => from < to).map(each => [partitionName(each), { ...each }]),
  )
  if (left.size === 0) return
  const groupId = `${reader}-reader-${randomUUID()}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false })
  const { GROUP_JOIN, END_BATCH_PROCESS, CRASH } = consumer.events
  const finished = Promise.withResolvers<void>()
  const silence = setTimeout(
    () => finished.reject(new kafkajs.KafkaJSError(`Kafka said nothing for ${longestSilenceMs / 1000} s`)),
    longestSilenceMs,
  )

  consumer.on(GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    for (const at of assigned(memberAssignment)) {
      const stretch = left.get(partitionName(at))
      if (stretch) consumer.seek({ ...at, offset: String(stretch.from) })
      else consumer.pause([{ topic: at.topic, partitions: [at.partition] }])
    }
  })
  // Unlike eachBatch, this tells of batches that hold nothing but control records or what was aborted, too.
  consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    silence.refresh()
    const stretch = left.get(partitionName({ topic, partition }))
    if (!stretch) return
    stretch.from = BigInt(lastOffset) + 1n
    if (stretch.from < stretch.to) return
    left.delete(partitionName(stretch))
    consumer.pause([{ topic, partitions: [partition] }])
    if (left.size === 0) finished.resolve()
  })
  consumer.on(CRASH, ({ payload: { error, restart } }) => {
    if (!restart) finished.reject(error)
  })

  const start = async () => {
    await consumer.connect()
    await consumer.subscribe({
      topics: [...new Set([...left.values()].map(each => each.topic))],
      fromBeginning: true,
    })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        const stretch = left.get(partitionName({ topic, partition }))
        for (const message of messages) {
          const offset = BigInt(message.offset)
          if (stretch && stretch.from <= offset && offset < stretch.to)
            see(inputRecord(topic, partition, message))
        }
      },
    })
  }
  try {
    start().catch(finished.reject)
    await finished.promise
  } catch (error) {
    consumer.disconnect().catch(() => {})
    throw error
  } finally {
    clearTimeout(silence)
  }
  await consumer.disconnect()
  // Kafka itself removes an empty group, though later.
  await admin.deleteGroups([groupId]).catch(() => {})
}

const assigned = (assignment: Record<string, number[]>): TopicPartition[] =>
  Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map(partition => ({ topic, partition })),
  )
