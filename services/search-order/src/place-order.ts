import { createHash, createHmac } from 'node:crypto'
import {
  asRead,
  type Catalogue,
  cardDigits,
  choicesFaults,
  chosenOf,
  detailsRecord,
  flatAmountCents,
  isSealed,
  type Order,
  type OrderItem,
  type PlaceOrder,
  priceWith,
  type Restaurant,
} from 'kafka-restaurants-contracts'
import type { FieldError } from 'kafka-restaurants-service'

/** What was ordered, priced by the menu, or why it can't be had, by field. */
export type PricedItems = { items: OrderItem[]; amountCents: number } | { faults: FieldError[] }

type Wanted = NonNullable<PlaceOrder['items']>[number]

/** An order without items costs the flat amount, as in the first generation. */
export function priceItems(restaurant: Restaurant, wanted: PlaceOrder['items'] = []): PricedItems {
  const priced = wanted.map((item, index) => priceItem(restaurant, item, `items.${index}`))
  const faults = priced.flatMap(each => each.faults ?? [])
  if (faults.length > 0) return { faults }
  const items = priced.flatMap(each => each.item ?? [])
  const total = items.reduce((sum, { quantity, price_cents }) => sum + quantity * price_cents, 0)
  return { items, amountCents: items.length > 0 ? total : flatAmountCents }
}

function priceItem(
  restaurant: Restaurant,
  { id, quantity, choices = [] }: Wanted,
  field: string,
): { item: OrderItem; faults?: never } | { item?: never; faults: FieldError[] } {
  const dish = restaurant.menu.find(dish => dish.id === id)
  if (!dish) return { faults: [{ field: `${field}.id`, message: `${restaurant.name} has no dish "${id}"` }] }
  const faults = choicesFaults(dish, choices)
  if (faults.length > 0)
    return {
      faults: faults.map(message => ({ field: `${field}.choices`, message: `${dish.name}: ${message}` })),
    }
  const chosen = chosenOf(dish, choices)
  const item = {
    id,
    name: dish.name,
    quantity,
    price_cents: priceWith(dish, choices),
    ...(chosen.length > 0 && { choices: chosen.map(({ name }) => name) }),
  }
  return { item }
}

/**
 * The id of an order with an Idempotency-Key is derived from it, so that no store is needed. Who knows an order's id may
 * see the order, and a key may be anything: without the secret, nobody can tell the id.
 */
export const orderIdFor = (idempotencyKey: string, secret: string): string =>
  asUuid(createHmac('sha256', secret).update(idempotencyKey).digest().subarray(0, 16))

/** Shapes 16 bytes as a UUID of version 8, whose bits are the application's own (RFC 9562, section 5.8). */
function asUuid(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The card's last four digits: from the number itself, or as the page says where the number is sealed. */
const last4Of = ({ creditCard, cardLast4 }: PlaceOrder): string =>
  isSealed(creditCard) ? (cardLast4 ?? '') : cardDigits(creditCard).slice(-4)

/**
 * What makes two requests the same order, as a digest of what the diner said: what the catalogue says now is no part of
 * it, nor is the total that was seen. The card counts by its last four digits: a page that seals the same number again
 * gets other bytes.
 */
export function fingerprint(body: PlaceOrder): string {
  const same = [asRead(body.restaurant), body.email.toLowerCase(), last4Of(body), body.items ?? []]
  const details = detailsRecord(body)
  // Without any, it is that of before there were some.
  if (Object.keys(details).length > 0) same.push(JSON.stringify(details))
  return createHash('sha256').update(JSON.stringify(same)).digest('base64url')
}

/** An order with its price, tip included. `sealedCard` is a JWE: no bare number goes into Kafka. */
export interface PricedOrder {
  orderId: string
  body: PlaceOrder
  sealedCard: string
  restaurant: Restaurant
  priced: { items: OrderItem[]; amountCents: number }
  currency: Catalogue['currency']
  now: Date
}

/** The record for topic `order`. */
export function orderRecord(order: PricedOrder): Order {
  return {
    order_id: order.orderId,
    restaurant: order.restaurant.name,
    email: order.body.email,
    credit_card: order.sealedCard,
    card_last4: last4Of(order.body),
    items: order.priced.items,
    amount_cents: order.priced.amountCents,
    currency: order.currency,
    placed_at: order.now.toISOString(),
    ...detailsRecord(order.body),
  }
}
