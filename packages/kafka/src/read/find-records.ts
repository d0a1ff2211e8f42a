import { withAdmin } from '../admin.ts'
import { type KafkaConnection, kafkaClient } from '../client.ts'
import { steadyPartitioner } from '../partitioner.ts'
import type { InputRecord } from '../record.ts'
import { readTopics } from './read-topics.ts'

/**
 * The newest record of each key, among the last `newest` offsets of the partition that the key belongs to. Reads all of
 * those, so that it is for what is asked rarely, and best for many keys at once.
 * @param reader begins the name of the consumer group that reads, of which nothing is left
 */
export async function findRecords(
  connection: KafkaConnection,
  { topic, keys, newest, reader }: { topic: string; keys: string[]; newest: number; reader: string },
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
    await readTopics({ kafka: kafkaClient(connection), admin }, [topic], see, {
      part: ({ partition, to }) => (partitions.has(partition) ? [to - BigInt(newest), to] : undefined),
      reader,
    })
    return found
  })
}
