import { committedOffsets, withAdmin } from '../admin.ts'
import { type KafkaConnection, kafkaClient } from '../client.ts'
import { isDone, nextOffset, progressOf } from '../progress.ts'
import type { InputRecord } from '../record.ts'
import { onwards, partitionEnds, readStretches, type Stretch } from './stretches.ts'

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
    const [offsets] = await committedOffsets(admin, group, [topic])
    const progress = new Map(
      (offsets?.partitions ?? []).map(commit => [commit.partition, progressOf(commit)] as const),
    )
    const stretches = (await partitionEnds(admin, topic)).map((whole): Stretch => {
      const done = progress.get(whole.partition)
      const open = done
        ? onwards(whole, nextOffset(done))
        : fromBeginning
          ? whole
          : { ...whole, from: whole.to }
      return { ...open, to: open.to < open.from + mostOffsets ? open.to : open.from + mostOffsets }
    })
    let next: InputRecord | undefined
    await readStretches({ kafka: kafkaClient(connection), admin }, stretches, record => {
      const done = progress.get(record.partition)
      const isOpen = !done || !isDone(done, BigInt(record.offset))
      if (isOpen && (!next || record.partition < next.partition)) next = record
    })
    return next
  })
}
