import type { Admin, EachBatchPayload, Kafka, Producer } from 'kafkajs'
import { topicMessages } from './producer.ts'
import type { OutputRecord } from './record.ts'

export interface TopicPartition {
  topic: string
  partition: number
}

/** Where the results of one input partition go, together with the offset that they bring it to. */
export interface Sink {
  /**
   * Takes the partition over from whoever had it before.
   * @returns the offset from which on records are still to be handled; undefined where none was committed
   */
  takeOver: () => Promise<bigint | undefined>
  /**
   * Writes outputs and commits `nextOffset`, the first that is still to be handled.
   * @param commitOffsets the batch's own way to commit: the consumer's does nothing, silently, once it is stopping
   */
  commit: (outputs: OutputRecord[], nextOffset: bigint, commitOffsets: CommitOffsets) => Promise<void>
  close: () => Promise<void>
}

export type CommitOffsets = EachBatchPayload['commitOffsetsIfNecessary']

export interface SinkParts {
  kafka: Kafka
  admin: Admin
  group: string
}

/** The committed offset of a partition, or undefined where the group has none. */
async function committedOffset(admin: Admin, groupId: string, { topic, partition }: TopicPartition) {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
  const offset = BigInt(found?.partitions.find(each => each.partition === partition)?.offset ?? -1)
  return offset < 0n ? undefined : offset
}

/**
 * Outputs and offset in one Kafka transaction (KIP-98). The transactional id belongs to the input partition, so that
 * beginning the first transaction fences whoever had the partition before, and completes or aborts what it left.
 * Only then is the committed offset read: kafkajs fetched its own before the fence, and a dying zombie may have
 * committed since.
 */
export function transactionalSink({ kafka, admin, group }: SinkParts, at: TopicPartition): Sink {
  const producer = kafka.producer({
    transactionalId: `${group}-${at.topic}-${at.partition}`,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 30_000,
    allowAutoTopicCreation: false,
  })
  const takeOver = async () => {
    await producer.connect()
    await (await producer.transaction()).abort()
    return committedOffset(admin, group, at)
  }
  const commit = async (outputs: OutputRecord[], nextOffset: bigint) => {
    const transaction = await producer.transaction()
    try {
      if (outputs.length > 0) await transaction.sendBatch({ topicMessages: topicMessages(outputs) })
      await transaction.sendOffsets({
        consumerGroupId: group,
        topics: [{ topic: at.topic, partitions: [{ partition: at.partition, offset: String(nextOffset) }] }],
      })
      await transaction.commit()
    } catch (error) {
      // The next owner of the transactional id aborts what this can't.
      await transaction.abort().catch(() => {})
      throw error
    }
  }
  return { takeOver, commit, close: () => producer.disconnect() }
}

/** Outputs first, then the offset: after a crash between the two, records are handled again. */
export function plainSink({ admin, group }: SinkParts, at: TopicPartition, producer: Producer): Sink {
  return {
    takeOver: () => committedOffset(admin, group, at),
    commit: async (outputs, nextOffset, commitOffsets) => {
      if (outputs.length > 0) await producer.sendBatch({ acks: -1, topicMessages: topicMessages(outputs) })
      const { topic, partition } = at
      await commitOffsets({ topics: [{ topic, partitions: [{ partition, offset: String(nextOffset) }] }] })
    },
    close: async () => {},
  }
}
