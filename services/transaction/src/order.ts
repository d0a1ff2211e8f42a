import { createHash } from 'node:crypto'
import { cardDigits, isSealed, maxValueBytes, Order } from 'kafka-restaurants-contracts'
import { type InputRecord, readJson, UnreadableRecordError } from 'kafka-restaurants-kafka'
import type { BankAnswer } from './charge-order.ts'

/**
 * Reads a record of topic `order`. The first generation's have no order_id: theirs is derived from the record's
 * coordinates, so that a redelivery gets the same one.
 * @throws UnreadableRecordError that names every faulty field, and repeats no value
 */
export function readOrder(record: InputRecord): { orderId: string; order: Order } {
  const result = Order.safeParse(readJson(record, maxValueBytes))
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || '(all)'}: ${message}`)
    throw new UnreadableRecordError(`the value is no order: ${faults.join('; ')}`)
  }
  return { orderId: result.data.order_id ?? derivedId(record.reference), order: result.data }
}

const derivedId = (reference: string) => createHash('sha256').update(reference).digest('hex').slice(0, 32)

/** The value for `order_confirm` or `order_declined`: a JSON list of one entry. The card is left out; unknown fields stay. */
export function outcomeRecord(
  orderId: string,
  { credit_card, ...order }: Order,
  answer: Exclude<BankAnswer, { outcome: 'unreadable' }>,
  now: Date,
): string {
  const decided =
    answer.outcome === 'accepted'
      ? { payment_id: answer.payment_id, confirmed_at: now.toISOString() }
      : { reason: answer.reason, declined_at: now.toISOString() }
  const value = JSON.stringify([{ ...order, order_id: orderId, card_last4: answer.card_last4, ...decided }])
  // A bare number may stand in a field that we don't know, too.
  return isSealed(credit_card)
    ? value
    : value.replaceAll(cardDigits(credit_card), `************${answer.card_last4}`)
}
