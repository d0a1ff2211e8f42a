import { withAdmin } from '../admin.ts'
import { type KafkaConnection, kafkaClient } from '../client.ts'
import type { TopicPartition } from '../commit/store.ts'
import type { InputRecord } from '../record.ts'
import { readTopics } from './read-topics.ts'

/** Where a record is. */
export interface RecordPlace extends TopicPartition {
  offset: string
}

/**
 * The record at a place, or undefined where the topic does not have it any more. Joins a group of its own for it, so that it
 * is for what is asked rarely.
 * @param reader begins the name of that group, of which nothing is left
 */
export async function readRecord(
  connection: KafkaConnection,
  { reader, ...place }: RecordPlace & { reader: string },
): Promise<InputRecord | undefined> {
  const [record] = await readRecords(connection, { places: [place], reader })
  return record
}

/** The same of several places, by one group for all that are in partitions of their own. */
export async function readRecords(
  connection: KafkaConnection,
  { places, reader }: { places: RecordPlace[]; reader: string },
): Promise<InputRecord[]> {
  return withAdmin(connection, async admin => {
    const found: InputRecord[] = []
    for (let left = places; left.length > 0; ) {
      const now = left.filter((place, index) => left.findIndex(isBeside(place)) === index)
      left = left.filter(place => !now.includes(place))
      const placeIn = (at: TopicPartition) => now.find(isBeside(at))
      const see = (record: InputRecord) => {
        if (record.offset === placeIn(record)?.offset) found.push(record)
      }
      const topics = [...new Set(now.map(({ topic }) => topic))]
      await readTopics({ kafka: kafkaClient(connection), admin }, topics, see, {
        part: rest => {
          const from = BigInt(placeIn(rest)?.offset ?? -1)
          // Nothing is waited for that is not written yet.
          return from < 0n || from >= rest.to ? undefined : [from, from + 1n]
        },
        reader,
      })
    }
    return found
  })
}

const isBeside = (a: TopicPartition) => (b: TopicPartition) =>
  a.topic === b.topic && a.partition === b.partition
