import { LenientConfirmedOrders, LenientDeclinedOrders, maxValueBytes } from 'kafka-restaurants-contracts'
import { derivedId } from 'kafka-restaurants-contracts/derived-id'
import { type InputRecord, parseRecord } from 'kafka-restaurants-kafka'

/** The confirmed orders in a record of `order_confirm`, each with an id. @throws UnreadableRecordError */
export const readConfirmed = (record: InputRecord) =>
  withIds(record, parseRecord(record, LenientConfirmedOrders, listOfOutcomes))

/** The declined orders in a record of `order_declined`, each with an id. @throws UnreadableRecordError */
export const readDeclined = (record: InputRecord) =>
  withIds(record, parseRecord(record, LenientDeclinedOrders, listOfOutcomes))

const listOfOutcomes = { what: 'list of outcomes', maxBytes: maxValueBytes }

/** An id derived from the record's coordinates is the same at a redelivery, and so is the mail's Message-ID. */
const withIds = <Entry extends { order_id?: string }>({ reference }: InputRecord, entries: Entry[]) =>
  entries.map((entry, index) => ({
    ...entry,
    order_id: entry.order_id ?? derivedId(`${reference}#${index}`),
    idIsDerived: entry.order_id === undefined,
  }))
