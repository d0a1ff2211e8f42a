import type { Admin, EachBatchPayload, Kafka, Producer, Transaction } from 'kafkajs'
import { fetchCommitted } from './admin.ts'
import { steadyPartitioner } from './partitioner.ts'
import { inBatches, isTooLarge, RecordTooLargeError, topicMessages } from './producer.ts'
import { commitOf, type Progress, progressOf } from './progress.ts'
import type { OutputRecord } from './record.ts'

export interface TopicPartition {
  topic: string
  partition: number
}

/** Where the results of one input partition go, together with the offset that they bring it to. */
export interface Sink {
  /**
   * Takes the partition over from whoever had it before.
   * @returns what is done of it; undefined where nothing was committed
   */
  takeOver: () => Promise<Progress | undefined>
  /**
   * Writes outputs and commits the progress that they bring.
   * @throws RecordTooLargeError when a topic does not take one of them
   * @param commitOffsets the batch's own way to commit, while there is a batch: the consumer's does nothing, silently,
   *   once it is stopping
   */
  commit: (outputs: OutputRecord[], progress: Progress, commitOffsets?: CommitOffsets) => Promise<void>
  /** The offset of the partition's oldest record: what was below has expired. */
  lowest: () => Promise<bigint>
  close: () => Promise<void>
}

export type CommitOffsets = EachBatchPayload['commitOffsetsIfNecessary']

export interface SinkParts {
  kafka: Kafka
  admin: Admin
  group: string
}

/** What a group has committed for a partition. */
async function committed(admin: Admin, groupId: string, { topic, partition }: TopicPartition) {
  const [found] = await fetchCommitted(admin, groupId, [topic])
  const commit = found?.partitions.find(each => each.partition === partition)
  if (!commit) throw new Error(`it is not known what is committed of ${topic}[${partition}]`)
  return progressOf(commit)
}

async function lowest(admin: Admin, { topic, partition }: TopicPartition): Promise<bigint> {
  const offsets = await admin.fetchTopicOffsets(topic)
  return BigInt(offsets.find(each => each.partition === partition)?.low ?? 0)
}

/** kafkajs sends `metadata`, though its types don't know it. */
const offsetsOf = ({ topic, partition }: TopicPartition, progress: Progress) => [
  { topic, partitions: [{ partition, ...commitOf(progress) }] },
]

/**
 * Outputs and offset in one Kafka transaction (KIP-98). The transactional id belongs to the input partition, so that
 * beginning the first transaction fences whoever had the partition before, and completes or aborts what it left.
 * Only then is the commit read: kafkajs fetched its offset before the fence, and a dying zombie may have
 * committed since.
 */
export function transactionalSink({ kafka, admin, group }: SinkParts, at: TopicPartition): Sink {
  let producer: Producer | undefined
  const open = async () => {
    await producer?.disconnect()
    const opened = kafka.producer({
      transactionalId: `${group}-${at.topic}-${at.partition}`,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: 30_000,
      allowAutoTopicCreation: false,
      createPartitioner: steadyPartitioner,
    })
    producer = opened
    await opened.connect()
    await (await opened.transaction()).abort()
    return opened
  }
  const write = async (from: Producer, batches: OutputRecord[][], progress: Progress) => {
    const transaction = await from.transaction()
    try {
      await sendAll(transaction, batches)
      const offsets = { consumerGroupId: group, topics: offsetsOf(at, progress) }
      await transaction.sendOffsets(offsets)
      await transaction.commit()
    } catch (error) {
      // The next owner of the transactional id aborts what this can't.
      await transaction.abort().catch(() => {})
      throw error
    }
  }
  return {
    takeOver: async () => {
      await open()
      return committed(admin, group, at)
    },
    commit: async (outputs, progress) => {
      try {
        await write(producer ?? (await open()), inBatches(outputs), progress)
      } catch (error) {
        if (!isTooLarge(error)) throw error
        // The batch may be too large, and no record of it.
        await write(
          await open(),
          outputs.map(output => [output]),
          progress,
        )
      }
    },
    lowest: () => lowest(admin, at),
    close: async () => {
      await producer?.disconnect()
    },
  }
}

/** @throws RecordTooLargeError with all that are too large by themselves */
async function sendAll(transaction: Transaction, batches: OutputRecord[][]): Promise<void> {
  const tooLarge: OutputRecord[] = []
  for (const batch of batches) {
    try {
      await transaction.sendBatch({ topicMessages: topicMessages(batch) })
    } catch (error) {
      if (!isTooLarge(error) || batch.length > 1) throw error
      tooLarge.push(...batch)
    }
  }
  if (tooLarge.length > 0) throw new RecordTooLargeError(tooLarge)
}

/**
 * For handlers whose effect is elsewhere, such as a mail: a plain commit, as there is mostly nothing to write. What
 * there is (dead letters) goes into a transaction with the commit, as it should be there once.
 */
export function plainSink(parts: SinkParts, at: TopicPartition): Sink {
  const { admin, group } = parts
  let fenced: Promise<Sink> | undefined
  let known: Progress | undefined
  const fence = async () => {
    const sink = transactionalSink(parts, at)
    await sink.takeOver()
    return sink
  }
  /** Kafka can't refuse a transaction of somebody who has lost the partition, as kafkajs does not say who it is. */
  const assertOurs = async () => {
    const now = await committed(admin, group, at)
    if (now && known && sameCommit(now, known)) return
    if (now || known) throw new Error(`somebody else has committed ${at.topic}[${at.partition}]`)
  }
  return {
    takeOver: async () => {
      known = await committed(admin, group, at)
      return known
    },
    commit: async (outputs, progress, commitOffsets) => {
      if (outputs.length === 0 && commitOffsets) await commitOffsets({ topics: offsetsOf(at, progress) })
      else {
        fenced ??= fence()
        const sink = await fenced
        await assertOurs()
        await sink.commit(outputs, progress)
      }
      known = progress
    },
    lowest: () => lowest(admin, at),
    close: async () => {
      await fenced?.then(sink => sink.close())
    },
  }
}

function sameCommit(one: Progress, other: Progress): boolean {
  const [a, b] = [commitOf(one), commitOf(other)]
  return a.offset === b.offset && a.metadata === b.metadata
}
