import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { InputRecord, OutputRecord } from 'kafka-restaurants-kafka'
import type { Logger } from 'kafka-restaurants-service'
import type { Charge } from './charge.ts'
import { commandRecord } from './command.ts'
import { outcomeRecord, readOrder } from './order.ts'

export interface ChargeParts {
  charge: Charge
  /** `commands` is where a paid order asks to be cooked; none where nobody would. */
  topics: { confirm: string; declined: string; commands?: string | undefined }
  log: Logger
  now: () => Date
}

/**
 * Charges the order in a record, and returns the outcome to publish, and the command to cook it where it is paid.
 *
 * The order's id is the bank's idempotency key, so that a card is charged once, however often this runs. If the bank
 * knows the key from this very record, this is a redelivery, and the outcome is published; if it knows it from another
 * record, the order is in the topic twice, and the other one publishes.
 *
 * @throws UnreadableRecordError for a record that is no order, or whose charge the bank can't read
 */
export async function chargeOrder(record: InputRecord, parts: ChargeParts): Promise<OutputRecord[]> {
  const { orderId, order } = readOrder(record)
  const answer = await parts.charge(orderId, {
    card: order.credit_card,
    amount_cents: order.amount_cents,
    currency: order.currency,
    reference: record.reference,
  })
  if (answer.outcome === 'unreadable') {
    throw new UnreadableRecordError(`the bank can not read the charge: ${answer.why}`)
  }
  const { outcome } = answer
  if (answer.reference !== record.reference) {
    parts.log.info(
      { order_id: orderId, record: record.reference, first: answer.reference },
      'duplicate order, charged already',
    )
    return []
  }
  parts.log.info({ order_id: orderId, outcome, record: record.reference }, 'order charged')
  const { confirm, declined, commands } = parts.topics
  const { headers } = record
  const isPaid = outcome === 'accepted'
  const told = outcomeRecord(orderId, order, answer, { now: parts.now(), headers })
  return [
    { topic: isPaid ? confirm : declined, ...told },
    ...(isPaid && commands ? [{ topic: commands, ...commandRecord(orderId, order, headers) }] : []),
  ]
}
