import { withAdmin } from './admin.ts'
import { type KafkaConnection, kafkaClient } from './client.ts'
import { steadyPartitioner } from './partitioner.ts'
import type { InputRecord } from './record.ts'
import { later, partitionEnds, readStretches } from './stretches.ts'

/**
 * The newest record with a key, among the last `newest` offsets of the partition that the key belongs to; undefined when
 * there is none. Reads them all, so that it is for what is asked rarely.
 * @param reader begins the name of the consumer group that reads, of which nothing is left
 */
export async function findRecord(
  connection: KafkaConnection,
  { topic, key, newest, reader }: { topic: string; key: string; newest: number; reader: string },
): Promise<InputRecord | undefined> {
  return withAdmin(connection, async admin => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const partitionMetadata = topics.flatMap(({ partitions }) => partitions)
    const partition = steadyPartitioner()({ topic, partitionMetadata, message: { key, value: null } })
    const stretches = (await partitionEnds(admin, topic))
      .filter(each => each.partition === partition)
      .map(whole => ({ ...whole, from: later(whole.from, whole.to - BigInt(newest)) }))
    let found: InputRecord | undefined
    const see = (record: InputRecord) => {
      if (String(record.key) === key) found = record
    }
    await readStretches({ kafka: kafkaClient(connection), admin }, stretches, see, reader)
    return found
  })
}
