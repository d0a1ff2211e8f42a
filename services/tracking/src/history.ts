import type { OrderChange, OrderItem, OrderStatus } from 'kafka-restaurants-contracts'

/** What a record tells of an order: that it came to a status, and what it says of it besides. */
export interface Told {
  orderId: string
  change: OrderChange
  details: Partial<Details>
}

/** What is known of an order beside its history. The mail address is masked already. */
export interface Details {
  restaurant: string
  email: string
  cardLast4: string
  items: Pick<OrderItem, 'name' | 'quantity' | 'price_cents' | 'choices'>[]
  amountCents: number | undefined
  currency: string | undefined
  reason: string | undefined
  line: PlaceOfRequest | undefined
}

/** Where an order waits to be cooked: its request's place in the topic is its place among those of its restaurant. */
interface PlaceOfRequest {
  /** The restaurant, as the command queue knows it. */
  resource: string
  partition: number
  offset: number
}

/** An order as it is kept. `seen` are its statuses in the sequence in which they were learnt. */
export interface KnownOrder extends Details {
  orderId: string
  status: OrderStatus
  /** When it began, as far as is known: ISO 8601. */
  beganAt: string
  seen: OrderStatus[]
}

/** A change that was new, and its number within its order, from 1. */
export interface NewChange {
  orderId: string
  number: number
  change: OrderChange
  /** The restaurant whose line it has left by that. */
  leftLine?: string
}

/** An order, and its changes in the sequence in which they were learnt. */
export interface TrackedHistory {
  order: KnownOrder
  changes: NewChange[]
  /** While it is queued: how many are to start until it does, itself included. */
  place?: number
}

/** What it can come to, the later behind the earlier: topics are read independently, and the last may come first. */
const sequence: readonly OrderStatus[] = ['placed', 'declined', 'paid', 'queued', 'cooking', 'ready']

/** Orders statuses, or what has one, as they follow upon each other. */
export const bySequence = (a: OrderStatus, b: OrderStatus) => sequence.indexOf(a) - sequence.indexOf(b)

/**
 * Folds what was told into the orders that are known. An order comes to each status once: the first record that says so
 * is the one that counts, and a repeat changes nothing.
 * @returns the orders that are not as they were, and the changes that were new, in the sequence in which they were told
 */
export function fold(
  known: ReadonlyMap<string, KnownOrder>,
  told: readonly Told[],
): { orders: KnownOrder[]; changes: NewChange[] } {
  const orders = new Map<string, KnownOrder>()
  const changes: NewChange[] = []
  for (const { orderId, change, details } of told) {
    const before = orders.get(orderId) ?? known.get(orderId)
    if (before?.seen.includes(change.status)) continue
    const seen = [...(before?.seen ?? []), change.status]
    // What the bank says of a card counts more than what a page did, whichever is read first.
    const isFirst = change.status === 'placed'
    const status = seen.toSorted(bySequence).at(-1) ?? change.status
    orders.set(orderId, {
      ...nothingKnown,
      ...(isFirst ? { ...details, ...(before && said(before)) } : { ...before, ...said(details) }),
      orderId,
      seen,
      status,
      beganAt: before && before.beganAt < change.at ? before.beganAt : change.at,
    })
    const left = before?.status === 'queued' && status !== 'queued' ? before.line : undefined
    changes.push({ orderId, number: seen.length, change, ...(left && { leftLine: left.resource }) })
  }
  return { orders: [...orders.values()], changes }
}

const nothingKnown: Details = {
  restaurant: '',
  email: '',
  cardLast4: '',
  items: [],
  amountCents: undefined,
  currency: undefined,
  reason: undefined,
  line: undefined,
}

/** Without what says nothing. */
const said = <Some extends Partial<Details>>(details: Some): Some =>
  Object.fromEntries(
    Object.entries(details).filter(
      ([, value]) => value !== undefined && value !== '' && String(value) !== '',
    ),
  ) as Some
