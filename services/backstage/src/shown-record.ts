import { isSealed, maskedAddress } from 'kafka-restaurants-contracts'
import { z } from 'zod'

const hidden = '…'
/** What says nothing of the diner. All else is hidden, also fields that nobody has thought of yet. */
const open = new Set([
  'order_id',
  'id',
  'restaurant',
  'card_last4',
  'amount_cents',
  'currency',
  'tip_cents',
  'locale',
  'fulfilment',
  'payment_id',
  'reason',
  'placed_at',
  'confirmed_at',
  'declined_at',
  'type',
  'fence',
])
const ofDish = new Set(['id', 'name', 'quantity', 'price_cents'])
const Fields = z.record(z.string(), z.unknown())

/**
 * What may be shown of a record's value: a sealed card shortened, what is personal hidden, and of a list of outcomes that
 * of the order alone. Undefined where the value tells nothing of this order, or can't be read.
 */
export function shownValue(value: string, orderId: string): Record<string, unknown> | undefined {
  const read = readJson(value)
  const all: unknown[] = Array.isArray(read) ? read : [read]
  const own = all
    .map(each => Fields.safeParse(each).data)
    .find(fields => (fields?.order_id ?? fields?.id) === orderId)
  return own && shownFields(own)
}

const shownFields = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, shownField(name, value)]))

function shownField(name: string, value: unknown): unknown {
  if (open.has(name)) return typeof value === 'object' ? hidden : value
  if (name === 'items' && Array.isArray(value)) return value.map(shownDish)
  if (typeof value !== 'string') return hidden
  if (name === 'credit_card' && isSealed(value)) return shortened(value)
  if (name === 'email') return maskedAddress(value)
  // A command says what it is about as JSON in a text.
  if (name === 'message') {
    const fields = Fields.safeParse(readJson(value)).data
    return fields ? shownFields(fields) : hidden
  }
  return hidden
}

const shownDish = (dish: unknown) =>
  Object.fromEntries(Object.entries(Fields.safeParse(dish).data ?? {}).filter(([name]) => ofDish.has(name)))

/** As much as is needed to see that it is no number. */
const shortened = (sealed: string) => `${sealed.slice(0, 24)}${hidden} (${sealed.length} characters)`

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
