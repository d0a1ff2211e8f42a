import { withAdmin } from '../admin.ts'
import { type KafkaConnection, kafkaClient } from '../client.ts'
import { steadyPartitioner } from '../partitioner.ts'
import type { InputRecord } from '../record.ts'
import { readTopics } from './read-topics.ts'

/** Where to look: among the last offsets of a partition, or what was written at a time (in ms since the epoch) or later. */
type Where = { newest: number; since?: never } | { since: number; newest?: never }

/**
 * The newest record of each key, there where to look of the partition that the key belongs to. Reads all of that, so that it
 * is for what is asked rarely, and best for many keys at once.
 * @param reader begins the name of the consumer group that reads, of which nothing is left
 */
export async function findRecords(
  connection: KafkaConnection,
  { topic, keys, newest, since, reader }: { topic: string; keys: string[]; reader: string } & Where,
): Promise<Map<string, InputRecord>> {
  return withAdmin(connection, async admin => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const partitionMetadata = topics.flatMap(({ partitions }) => partitions)
    const partitionOf = steadyPartitioner()
    const partitions = new Set(
      keys.map(key => partitionOf({ topic, partitionMetadata, message: { key, value: null } })),
    )
    const wanted = new Set(keys)
    const found = new Map<string, InputRecord>()
    const see = (record: InputRecord) => {
      const key = String(record.key)
      if (wanted.has(key)) found.set(key, record)
    }
    const starts = since === undefined ? [] : await admin.fetchTopicOffsetsByTimestamp(topic, since)
    const startOf = (partition: number, to: bigint) =>
      newest === undefined
        ? BigInt(starts.find(each => each.partition === partition)?.offset ?? 0)
        : to - BigInt(newest)
    await readTopics({ kafka: kafkaClient(connection), admin }, [topic], see, {
      part: ({ partition, to }) => (partitions.has(partition) ? [startOf(partition, to), to] : undefined),
      reader,
    })
    return found
  })
}
