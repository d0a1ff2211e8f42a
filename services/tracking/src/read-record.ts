import {
  LenientConfirmedOrders,
  LenientDeclinedOrders,
  maskedAddress,
  maxValueBytes,
  Order,
  type OrderItem,
} from 'kafka-restaurants-contracts'
import { derivedId } from 'kafka-restaurants-contracts/derived-id'
import { type InputRecord, parseRecord } from 'kafka-restaurants-kafka'
import { z } from 'zod'
import type { Details, Told } from './history.ts'

/** Reads the records of one topic. @throws UnreadableRecordError */
export type Reader = (record: InputRecord) => Told[]

/** A record of topic `order`. One without an id has the one that transaction gives it. */
export const readOrder: Reader = record => {
  const order = parseRecord(record, Order, { what: 'order', maxBytes: maxValueBytes })
  const at = timeOf(record, order.placed_at)
  const orderId = order.order_id ?? derivedId(record.reference)
  return [told(record, { orderId, status: 'placed', at, details: detailsOf(order) })]
}

/** A record of topic `order_confirm`. An entry without an id belongs to no order that could be asked for. */
export const readConfirmed: Reader = record =>
  parseRecord(record, LenientConfirmedOrders, listOfOutcomes).flatMap(entry => {
    const at = timeOf(record, entry.confirmed_at)
    return withId(entry.order_id, orderId =>
      told(record, { orderId, status: 'paid', at, details: detailsOf(entry) }),
    )
  })

/** A record of topic `order_declined`. */
export const readDeclined: Reader = record =>
  parseRecord(record, LenientDeclinedOrders, listOfOutcomes).flatMap(entry => {
    const at = timeOf(record, entry.declined_at)
    const details = { ...detailsOf(entry), reason: kept(entry.reason, 100) }
    return withId(entry.order_id, orderId => told(record, { orderId, status: 'declined', at, details }))
  })

const listOfOutcomes = { what: 'list of outcomes', maxBytes: maxValueBytes }
/** More is no id: a database's index can't hold any length. */
const longestId = 100

const withId = (id: string | undefined, tell: (orderId: string) => Told): Told[] =>
  id === undefined || id.length > longestId ? [] : [tell(id)]

/** What a record tells of an order. */
export const told = (
  { topic, partition, offset }: InputRecord,
  { orderId, status, at, details }: Pick<Told, 'orderId' | 'details'> & Pick<Told['change'], 'status' | 'at'>,
): Told => ({
  orderId: kept(orderId, longestId),
  change: { status, at, topic, partition, offset },
  details,
})

const IsoTime = z.iso.datetime()

/** When it was, as the record says, or else when that was written. */
export function timeOf({ timestamp }: InputRecord, said: string | undefined): string {
  const parsed = IsoTime.safeParse(said)
  const time = new Date(parsed.success ? parsed.data : Number(timestamp))
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString()
}

const detailsOf = (of: {
  restaurant: string
  email: string
  card_last4?: string | undefined
  items: OrderItem[]
  amount_cents?: number | null | undefined
  currency: string
}): Partial<Details> => ({
  restaurant: kept(of.restaurant, 200),
  email: kept(maskedAddress(of.email), 260),
  cardLast4: kept(of.card_last4 ?? '', 4),
  items: of.items.slice(0, mostItems).map(({ name, quantity, price_cents, choices }) => ({
    name: kept(name, 200),
    quantity,
    price_cents,
    ...(choices && { choices: choices.slice(0, mostItems).map(each => kept(each, 100)) }),
  })),
  amountCents: of.amount_cents ?? undefined,
  currency: kept(of.currency, 3),
})

/** As many as an order of the site can have. */
const mostItems = 50

/** Text as a database takes it: PostgreSQL has no NUL, and what is longer than can be was not written by us. */
const kept = (text: string, most: number) => text.replaceAll('\0', '\ufffd').slice(0, most)
