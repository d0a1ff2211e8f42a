import type { Progress } from '../progress.ts'
import { nameOf, type Store, type TopicPartition } from './store.ts'

/**
 * A group that has no commit of a partition begins where that ended when its worker was started, and commits that at once:
 * whoever starts again, or takes the partition over, before a first record is done skips nothing.
 * @param options.endOf where a partition ended then; undefined where it is read from its beginning
 * @param options.seek has the consumer go on there
 */
export function fromNowOn(
  store: Store,
  {
    endOf,
    seek,
  }: {
    endOf: (at: TopicPartition) => bigint | undefined
    seek: (at: TopicPartition, offset: bigint) => void
  },
): Store {
  /** Where one of these has no commit any more, its topic was made anew, and is read from its beginning. */
  const begun = new Set<string>()
  const beginning = (at: TopicPartition): Progress | undefined => {
    const end = begun.has(nameOf(at)) ? undefined : endOf(at)
    return end === undefined ? undefined : { seenTo: end, open: [] }
  }
  return {
    ...store,
    positions: async (partitions, member) => {
      const committed = await store.positions(partitions, member)
      const fresh = partitions.flatMap((at, index) => {
        const progress = committed[index] ? undefined : beginning(at)
        return progress ? [{ ...at, progress }] : []
      })
      if (fresh.length > 0) await store.commit([], fresh, member)
      for (const { progress, ...at } of fresh) seek(at, progress.seenTo)
      const positions = partitions.map((at, index) => committed[index] ?? beginning(at))
      for (const at of partitions) begun.add(nameOf(at))
      return positions
    },
  }
}
