import { defaultCurrency, maxValueBytes, OrderItem } from 'kafka-restaurants-contracts'
import { derivedId } from 'kafka-restaurants-contracts/derived-id'
import { type InputRecord, parseRecord } from 'kafka-restaurants-kafka'
import { z } from 'zod'

/** What the first generation's lists may lack gets a default; a diner to write to is all that a mail can't do without. */
const Outcome = z.looseObject({
  order_id: z.string().min(1).optional(),
  restaurant: z.string().min(1),
  email: z.string().min(1),
  card_last4: z.string().default(''),
  items: z.array(OrderItem).default([]),
  amount_cents: z.int().nonnegative().nullish(),
  currency: z.string().default(defaultCurrency),
})

const Confirmed = z.array(
  Outcome.extend({ payment_id: z.string().default(''), confirmed_at: z.string().default('') }),
)
const Declined = z.array(
  Outcome.extend({ reason: z.string().default(''), declined_at: z.string().default('') }),
)

/** The confirmed orders in a record of `order_confirm`, each with an id. @throws UnreadableRecordError */
export const readConfirmed = (record: InputRecord) =>
  withIds(record, parseRecord(record, Confirmed, listOfOutcomes))

/** The declined orders in a record of `order_declined`, each with an id. @throws UnreadableRecordError */
export const readDeclined = (record: InputRecord) =>
  withIds(record, parseRecord(record, Declined, listOfOutcomes))

const listOfOutcomes = { what: 'list of outcomes', maxBytes: maxValueBytes }

/** An id derived from the record's coordinates is the same at a redelivery, and so is the mail's Message-ID. */
const withIds = <Entry extends { order_id?: string }>({ reference }: InputRecord, entries: Entry[]) =>
  entries.map((entry, index) => ({
    ...entry,
    order_id: entry.order_id ?? derivedId(`${reference}#${index}`),
  }))
