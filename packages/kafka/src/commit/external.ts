import type { Logger } from 'kafka-restaurants-service'
import type { Consumer } from 'kafkajs'
import { type Commit, commitOf, progressOf } from '../progress.ts'
import type { OutputRecord } from '../record.ts'
import { byTopic, type Member, type Store, type TopicPartition } from './store.ts'

/** How far a partition is, as text to be kept: the next offset, and what is done beyond it. */
export interface PartitionCommit extends TopicPartition, Commit {}

/** A store of your own that keeps results together with how far they bring the partitions that they come from. */
export interface ExternalStore {
  /**
   * Makes all of it durable, or nothing, in one transaction of its own. Somebody with a higher `generationId` may have
   * committed, or asked for, the same partitions, and has them now: it has to throw then, and change nothing.
   */
  commit: (unit: {
    outputs: OutputRecord[]
    offsets: PartitionCommit[]
    member: Member | undefined
  }) => Promise<void>
  /**
   * Gives back what was committed of partitions, in their order; undefined where nothing was. Whoever asks has them from
   * now on, which the store has to keep, as `commit` has to know it; it has to throw where somebody newer has them.
   */
  offsets: (partitions: TopicPartition[], member: Member | undefined) => Promise<(Commit | undefined)[]>
}

/** The offsets are committed to Kafka as well, afterwards, for who looks at the group's lag. What counts is the store's. */
export function externalStore(store: ExternalStore, consumer: Consumer, log: Logger): Store {
  return {
    positions: async (partitions, member) => {
      const asked = partitions.map(({ topic, partition }) => ({ topic, partition }))
      return (await store.offsets(asked, member)).map(commit => commit && progressOf(commit))
    },
    commit: async (outputs, done, member) => {
      const offsets = done.map(({ topic, partition, progress }) => ({
        topic,
        partition,
        ...commitOf(progress),
      }))
      await store.commit({ outputs, offsets, member })
      await consumer
        .commitOffsets(
          byTopic(done).flatMap(({ topic, partitions }) => partitions.map(each => ({ topic, ...each }))),
        )
        .catch(err => log.debug({ err }, 'Kafka does not know yet what is done'))
    },
    close: async () => {},
  }
}
