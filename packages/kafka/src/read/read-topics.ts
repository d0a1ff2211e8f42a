import { randomUUID } from 'node:crypto'
import kafkajs, { type Admin } from 'kafkajs'
import type { TopicPartition } from '../commit/store.ts'
import type { Cluster } from '../commit/transaction.ts'
import { isDone, nextOffset, type OffsetRange, type Progress } from '../progress.ts'
import { type InputRecord, inputRecord } from '../record.ts'

/** The offsets of a partition from the first up to, and without, the second. */
export interface Stretch extends TopicPartition {
  from: bigint
  to: bigint
}

interface What {
  /** What is done already: it is passed over. */
  done?: ((at: TopicPartition) => Progress | undefined) | undefined
  /** Which offsets of a partition to read, of those that it holds and that may not be done; all unless given. */
  part?: (rest: Stretch) => OffsetRange | undefined
  /** Begins the name of the consumer group that reads, for those who may read with some groups alone. */
  reader?: string
}

const longestSilenceMs = 30_000
const none: Progress = { seenTo: 0n, open: [] }
const partitionName = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`

/**
 * Calls `see` with every committed record that some topics hold now, once, in each partition's order. Reads with a
 * consumer group of its own, of which nothing is left afterwards.
 * @throws KafkaJSError, also when Kafka says nothing for half a minute
 */
export async function readTopics(
  { kafka, admin }: Cluster,
  topics: string[],
  see: (record: InputRecord) => void,
  { done = () => undefined, part = ({ from, to }) => [from, to], reader = 'dead-letters' }: What = {},
): Promise<void> {
  const left = new Map<string, Stretch>()
  for (const whole of (await Promise.all(topics.map(topic => wholePartitions(admin, topic)))).flat()) {
    const rest = { ...whole, from: later(whole.from, nextOffset(done(whole) ?? none)) }
    const [from, to] = part(rest) ?? [0n, 0n]
    const stretch = { ...whole, from: later(rest.from, from), to }
    if (stretch.from < to) left.set(partitionName(whole), stretch)
  }
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
          const isWanted = stretch && stretch.from <= offset && offset < stretch.to
          if (isWanted && !isDone(done(stretch) ?? none, offset)) see(inputRecord(topic, partition, message))
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

/** The further one of two offsets. */
export const later = (a: bigint, b: bigint) => (a > b ? a : b)

/** The partitions of a topic, from the oldest record to the last stable offset. */
async function wholePartitions(admin: Admin, topic: string): Promise<Stretch[]> {
  // What kafkajs calls `high` is the last stable offset: its admin asks with isolation level "read committed".
  return (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
    topic,
    partition,
    from: BigInt(low),
    to: BigInt(high),
  }))
}

const assigned = (assignment: Record<string, number[]>): TopicPartition[] =>
  Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map(partition => ({ topic, partition })),
  )
