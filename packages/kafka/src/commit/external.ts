import type { Logger } from 'kafka-restaurants-service'
import type { Consumer } from 'kafkajs'
import { type Commit, commitOf, progressOf } from '../progress.ts'
import type { OutputRecord } from '../record.ts'
import { type Member, nameOf, type Store, type TopicPartition } from './store.ts'

/** How far a partition is, as text to be kept: the next offset, and what is done beyond it. */
export interface PartitionCommit extends TopicPartition, Commit {}

/** A store of your own that keeps results together with how far they bring the partitions that they come from. */
export interface ExternalStore {
  /**
   * Makes all of it durable, or nothing, in one transaction of its own. It has to throw, and change nothing, where another
   * member, or this one in another generation, was the last to ask for one of the partitions: that one has it now.
   */
  commit: (unit: {
    outputs: OutputRecord[]
    offsets: PartitionCommit[]
    member: Member | undefined
  }) => Promise<void>
  /**
   * Gives back what was committed of partitions, in their order; undefined where nothing was: they are read from their
   * beginning then, whatever Kafka knows of the group (unless `fromBeginning` is false). Whoever asks has them from
   * now on, which the store has to keep, as `commit` has to know it. A zombie that asks late takes a partition away for a
   * moment, and finds it where it is: its owner asks again, and nothing is done twice.
   */
  offsets: (partitions: TopicPartition[], member: Member | undefined) => Promise<(Commit | undefined)[]>
}

/** A database takes as many rows at once about as fast as more, and what waits for it is less. */
const mostOutputs = 2_000

/**
 * The offsets are committed to Kafka as well, afterwards, for who looks at the group's lag. What counts is the store's, and
 * nothing waits for Kafka; what it was not told it hears when the partitions are taken over.
 */
export function externalStore(
  store: ExternalStore,
  {
    consumer,
    fromBeginning,
    log,
  }: { consumer: Pick<Consumer, 'commitOffsets'>; fromBeginning: boolean; log: Logger },
): Store {
  const untold = new Map<string, PartitionCommit>()
  let isTelling = false

  const tell = async (commits: PartitionCommit[]) => {
    for (const commit of commits) untold.set(nameOf(commit), commit)
    if (isTelling) return
    isTelling = true
    while (untold.size > 0) {
      const all = [...untold.values()]
      untold.clear()
      await consumer
        .commitOffsets(all)
        .catch(err => log.debug({ err }, 'Kafka does not know yet what is done'))
    }
    isTelling = false
  }

  return {
    startsOver: fromBeginning,
    mostOutputs,
    positions: async (partitions, member) => {
      const asked = partitions.map(({ topic, partition }) => ({ topic, partition }))
      const commits = await store.offsets(asked, member)
      void tell(asked.flatMap((at, index) => (commits[index] ? [{ ...at, ...commits[index] }] : [])))
      return commits.map(commit => commit && progressOf(commit))
    },
    commit: async (outputs, done, member) => {
      const offsets = done.map(({ topic, partition, progress }) => ({
        topic,
        partition,
        ...commitOf(progress),
      }))
      await store.commit({ outputs, offsets, member })
      void tell(offsets)
    },
    close: async () => {},
  }
}
