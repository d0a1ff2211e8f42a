import { isSealed, type PlaceOrder, type Total } from 'kafka-restaurants-contracts'
import * as v from 'valibot'
import { lastFour } from './card-format.ts'
import { Cart } from './cart.ts'
import { keep, kept } from './kept.ts'
import type { OrderContents } from './order-fields.ts'

/** It was made by this page, and is checked where it arrives: here only that no number of a card lies bare in it. */
const isSealedOrder = (body: unknown) =>
  typeof body === 'object' && body !== null && 'creditCard' in body && isSealed(String(body.creditCard))

const Attempt = v.object({
  /** The Idempotency-Key: what makes a repeat the same order. */
  key: v.string(),
  /** What was ordered, for this page; of the card its last four digits alone. */
  restaurant: v.string(),
  restaurantName: v.string(),
  email: v.string(),
  cart: Cart,
  last4: v.string(),
  /** The language that it was begun in, and which its body is in therefore, each time that one is made. */
  locale: v.optional(v.picklist(['en', 'he'])),
  /** What else is said of it, as JSON. */
  details: v.optional(v.string(), '{}'),
  /** The order as it was sent. It is kept because sealing a card twice gives two different texts. */
  body: v.optional(v.custom<PlaceOrder>(isSealedOrder)),
  /** When it was sent last, while it may have been taken without this page knowing. */
  openSince: v.optional(v.number()),
})

/**
 * One order as it is sent, and sent again: a repeat carries the same key and the same body, so that it can't become
 * a second order. Only the total may be another one, once the diner has agreed to it.
 */
export type OrderAttempt = v.InferOutput<typeof Attempt> & {
  /** The whole number, while the page is not reloaded: another card with the same last digits is another order. */
  digits?: string
}

const digitsOf = (card: string) => card.replace(/\D/g, '')

/** An attempt to send these contents, with a key of its own. */
export function newAttempt(contents: OrderContents, newKey = randomUuid): OrderAttempt {
  const { restaurant, restaurantName, cart, locale } = contents
  const digits = digitsOf(contents.card)
  const email = contents.email.trim()
  const details = JSON.stringify(contents.details)
  return {
    key: newKey(),
    restaurant,
    restaurantName,
    email,
    cart,
    last4: lastFour(digits),
    locale,
    details,
    digits,
  }
}

/**
 * Whether an attempt is for these contents, so that it is the one to send them with. The card may be left out where the
 * attempt has it sealed: after a reload nobody has to type it again.
 */
export function isFor(attempt: OrderAttempt, contents: OrderContents): boolean {
  const digits = digitsOf(contents.card)
  const sameCard = digits
    ? digits === (attempt.digits ?? digits) && lastFour(digits) === attempt.last4
    : attempt.body !== undefined
  return (
    sameCard &&
    attempt.restaurant === contents.restaurant &&
    attempt.email === contents.email.trim() &&
    normal(attempt.cart) === normal(contents.cart) &&
    attempt.details === JSON.stringify(contents.details)
  )
}

const normal = (cart: Cart) => JSON.stringify(Object.entries(cart).sort(([a], [b]) => (a < b ? -1 : 1)))

/** The attempt with the total that the diner sees, wherever that has changed. */
export const withTotal = (attempt: OrderAttempt, total: Total): OrderAttempt =>
  attempt.body ? { ...attempt, body: { ...attempt.body, total } } : attempt

const nameOf = (page: string) => `attempt:${page}`

/**
 * Keeps the attempt of a restaurant's page until its answer is there, over reloads; `undefined` forgets it. A body whose
 * card could not be sealed is left out.
 */
export function keepAttempt(page: string, attempt: OrderAttempt | undefined) {
  if (!attempt) return keep(nameOf(page), undefined)
  const { digits: _, body, ...rest } = attempt
  keep(nameOf(page), { ...rest, ...(body && isSealed(body.creditCard) && { body }) })
}

export const keptAttempt = (page: string): OrderAttempt | undefined => kept(nameOf(page), Attempt)

/** Forgets the attempt that is confirmed now; not that of a later order on the same page. */
export function forgetConfirmed({ page, key }: { page: string; key: string }) {
  if (keptAttempt(page)?.key === key) keepAttempt(page, undefined)
}

/** A version 4 UUID. `crypto.randomUUID` is not there on a page served without TLS; this is. */
export function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
