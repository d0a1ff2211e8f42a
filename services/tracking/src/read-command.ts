import { maxValueBytes, QueueId } from 'kafka-restaurants-contracts'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { type InputRecord, parseRecord } from 'kafka-restaurants-kafka'
import { z } from 'zod'
import type { Told } from './history.ts'
import { type Reader, timeOf, told } from './read-record.ts'

/** Ids as orders have them: search-order's, and those that are derived of the first generation's records. */
const OrderId = z.union([z.uuid(), z.string().regex(/^[\da-f]{32}$/)])
/** No more than what is told here: of anything else the command queue decides. */
const Command = z.looseObject({ id: z.string() })
const CommandEvent = z.looseObject({ type: z.string() })

/** A record of topic `command-requests`, whose key is the restaurant: the order waits in its line from here on. */
export const readRequest: Reader = record => {
  const { id } = parseRecord(record, Command, { what: 'command', maxBytes: maxValueBytes })
  const { success, data: resource } = QueueId.safeParse(record.key?.toString())
  if (!success) throw new UnreadableRecordError('the key is no resource')
  const line = { resource, partition: record.partition, offset: Number(record.offset) }
  return toldOf(record, id, 'queued', { line })
}

/** A record of topic `actionable-commands`. */
export const readActionable: Reader = record => {
  const { id } = parseRecord(record, Command, { what: 'command', maxBytes: maxValueBytes })
  return toldOf(record, id, 'cooking')
}

/** A record of topic `command-events`: of its types, which are more than we know, one says what becomes of an order. */
export const readEvent: Reader = record => {
  const { type, id } = parseRecord(record, CommandEvent, { what: 'event', maxBytes: maxValueBytes })
  return type === 'TERMINATING' ? toldOf(record, id, 'ready') : []
}

/** Others use the command queue, too: what is no order of ours is left out. */
function toldOf(
  record: InputRecord,
  id: unknown,
  status: Told['change']['status'],
  details: Told['details'] = {},
): Told[] {
  const { success, data: orderId } = OrderId.safeParse(id)
  return success ? [told(record, { orderId, status, at: timeOf(record, undefined), details })] : []
}
