import type { PlaceOrder } from 'kafka-restaurants-contracts'
import type { OrderContents } from './order-fields.ts'

/**
 * One order as it is sent, and sent again: a repeat carries the same key and the same body, so that it can't become
 * a second order. The body is kept because sealing a card twice gives two different texts.
 */
export interface OrderAttempt {
  key: string
  contents: string
  body?: PlaceOrder
}

/** The attempt to send these contents with: the last one, unless something in them changed. */
export function attemptFor(contents: OrderContents, last?: OrderAttempt, newKey = randomUuid): OrderAttempt {
  const normal = JSON.stringify({
    ...contents,
    card: contents.card.replace(/\D/g, ''),
    email: contents.email.trim(),
    cart: Object.entries(contents.cart).sort(([a], [b]) => (a < b ? -1 : 1)),
  })
  return last?.contents === normal ? last : { key: newKey(), contents: normal }
}

/** A version 4 UUID. `crypto.randomUUID` is not there on a page served without TLS; this is. */
export function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
