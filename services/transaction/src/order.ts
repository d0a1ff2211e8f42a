import { maxValueBytes, Order } from 'kafka-restaurants-contracts'
import { derivedId } from 'kafka-restaurants-contracts/derived-id'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { type InputRecord, type OutputRecord, parseRecord } from 'kafka-restaurants-kafka'
import type { BankAnswer } from './charge.ts'
import { maskingFor } from './masking.ts'

/**
 * Reads a record of topic `order`. The first generation's have no order_id: theirs is derived from the record's
 * coordinates, so that a redelivery gets the same one.
 * @throws UnreadableRecordError that names every faulty field, and repeats no value
 */
export function readOrder(record: InputRecord): { orderId: string; order: Order } {
  const order = parseRecord(record, Order, { what: 'order', maxBytes: maxValueBytes })
  if (!canBePassedOn(order))
    throw new UnreadableRecordError('the order is too deep or too large to be passed on')
  return { orderId: order.order_id ?? derivedId(record.reference), order }
}

/**
 * Whether the order's outcome can be written, and read again. JSON.stringify overflows the stack at some thousands of
 * levels, and what it writes may be longer than what was read. Known before the card is charged, not after.
 */
const canBePassedOn = (order: Order) =>
  !isDeeper(order, 100) && Buffer.byteLength(JSON.stringify(order)) < maxValueBytes - 1_000

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(part => isDeeper(part, levels - 1)))

/**
 * Key, value and headers for `order_confirm` or `order_declined`: a JSON list of one entry. The card is left out; unknown
 * fields stay.
 */
export function outcomeRecord(
  orderId: string,
  { credit_card, ...order }: Order,
  answer: Exclude<BankAnswer, { outcome: 'unreadable' }>,
  { now, headers }: { now: Date; headers: InputRecord['headers'] },
): Omit<OutputRecord, 'topic'> {
  const decided =
    answer.outcome === 'accepted'
      ? { payment_id: answer.payment_id, confirmed_at: now.toISOString() }
      : { reason: answer.reason, declined_at: now.toISOString() }
  const outcome = { ...order, order_id: orderId, card_last4: answer.card_last4, ...decided }
  const masking = maskingFor(credit_card)
  return {
    key: masking.text(order.restaurant),
    value: masking.json([outcome]),
    ...masking.headers(headers),
  }
}
