import type { Cluster } from '../commit/transaction.ts'
import { readTopics } from './read-topics.ts'

/**
 * What a changelog keeps: the last value of each key, by partition and then by key in latin1. Includes all that was
 * written by transactions that had begun to be committed when this was called, and waits for those that are open.
 * @param reader begins the name of the consumer group that reads, of which nothing is left
 * @throws Error also where a record can't be decoded, as what it kept is not known
 */
export async function readState(
  { kafka, admin }: Cluster,
  { changelog, partitions, reader }: { changelog: string; partitions: number[]; reader: string },
): Promise<Map<number, Map<string, Buffer>>> {
  const kept = new Map(partitions.map(partition => [partition, new Map<string, Buffer>()]))
  // A group may know of a commit before its marker is in the changelog, where the last stable offset is below it then.
  const offsets = await admin.fetchTopicOffsets(changelog, { readUncommitted: true })
  const ends = new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]))
  let unreadable: string | undefined
  await readTopics(
    { kafka, admin },
    [changelog],
    ({ partition, key, value, isTombstone, undecodable, reference }) => {
      if (undecodable) unreadable ??= `${reference} can not be read: ${undecodable.reason}`
      if (!key) return
      const name = key.toString('latin1')
      if (isTombstone) kept.get(partition)?.delete(name)
      else kept.get(partition)?.set(name, Buffer.from(value))
    },
    {
      part: ({ partition, from }) => (kept.has(partition) ? [from, ends.get(partition) ?? from] : undefined),
      reader,
    },
  )
  if (unreadable) throw new Error(unreadable)
  return kept
}
