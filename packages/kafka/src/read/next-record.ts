import { groupProgress, withAdmin } from '../admin.ts'
import { type KafkaConnection, kafkaClient } from '../client.ts'
import type { OffsetRange } from '../progress.ts'
import type { InputRecord } from '../record.ts'
import { readTopics, type Stretch } from './read-topics.ts'

/** Where a group has not begun, the first record is looked for within so many offsets. */
const mostOffsets = 500n

/**
 * The record that a group would handle next, of the lowest partition that has one; undefined when all are handled. Only
 * looks: nothing is committed, and nobody joins the group.
 */
export async function nextRecord(
  connection: KafkaConnection,
  {
    group,
    topic,
    fromBeginning = true,
  }: { group: string; topic: string; fromBeginning?: boolean | undefined },
): Promise<InputRecord | undefined> {
  return withAdmin(connection, async admin => {
    const done = await groupProgress(admin, group, [topic])
    let next: InputRecord | undefined
    const see = (record: InputRecord) => {
      if (!next || record.partition < next.partition) next = record
    }
    const part = (rest: Stretch): OffsetRange => {
      const from = fromBeginning || done(rest) ? rest.from : rest.to
      const to = from + mostOffsets
      return [from, to < rest.to ? to : rest.to]
    }
    await readTopics({ kafka: kafkaClient(connection), admin }, [topic], see, { done, part })
    return next
  })
}
