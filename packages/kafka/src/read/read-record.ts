import { withAdmin } from '../admin.ts'
import { type KafkaConnection, kafkaClient } from '../client.ts'
import type { InputRecord } from '../record.ts'
import { readTopics } from './read-topics.ts'

/**
 * The record at a place, or undefined where the topic does not have it any more. Joins a group of its own for it, so that it
 * is for what is asked rarely.
 * @param reader begins the name of that group, of which nothing is left
 */
export async function readRecord(
  connection: KafkaConnection,
  { topic, partition, offset, reader }: { topic: string; partition: number; offset: string; reader: string },
): Promise<InputRecord | undefined> {
  return withAdmin(connection, async admin => {
    let found: InputRecord | undefined
    const see = (record: InputRecord) => {
      if (record.offset === offset) found = record
    }
    const from = BigInt(offset)
    await readTopics({ kafka: kafkaClient(connection), admin }, [topic], see, {
      part: rest => (rest.partition === partition ? [from, from + 1n] : undefined),
      reader,
    })
    return found
  })
}
