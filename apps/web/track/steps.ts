import { type OrderStatus, whyDeclined } from 'kafka-restaurants-contracts'
import type { ShownOrder } from './shown-order.ts'

/** How a step is drawn: reached, reached and the end of it, or not reached yet. */
export type Mark = 'done' | 'failed' | 'awaited'

interface Step {
  /** In the timeline, and in the list of orders. */
  title: string
  heading: string
  /** What there is to know, in a sentence or two. */
  says: (order: ShownOrder) => string
  /** What comes next, for as long as nothing has. */
  awaits?: { title: string; comes: string }
  isFailure?: true
  /** Nothing follows. */
  isLast?: true
}

/** What the site says of each status: all that a new one needs is its entry. */
export const steps: Readonly<Record<OrderStatus, Step>> = {
  placed: {
    title: 'Placed',
    heading: 'Your order is in',
    says: ({ restaurant }) => `We have your order${at(restaurant)}, and are charging your card.`,
    awaits: { title: 'Payment', comes: 'is on its way…' },
  },
  declined: {
    title: 'Declined',
    heading: 'Your card was declined',
    says: ({ reason = '', restaurant }) =>
      `${whyDeclined(reason)} Nothing was charged, and ${restaurant || 'the restaurant'} will not cook this order.`,
    isFailure: true,
    isLast: true,
  },
  paid: {
    title: 'Paid',
    heading: 'Your order is paid',
    says: order => (order.email ? `${charged(order)} The mail goes to ${order.email}.` : charged(order)),
  },
  queued: {
    title: 'Queued',
    heading: 'Your order is in line',
    says: order => `${placeOf(order)} ${charged(order)}`,
    awaits: { title: 'Cooking', comes: 'comes next…' },
  },
  cooking: {
    title: 'Cooking',
    heading: 'Your order is cooking',
    says: order => `The kitchen${at(order.restaurant)} is cooking it. ${charged(order)}`,
    awaits: { title: 'Ready', comes: 'comes next…' },
  },
  ready: {
    title: 'Ready',
    heading: 'Your order is ready',
    says: order => `The kitchen${at(order.restaurant)} has cooked it. ${charged(order)}`,
    isLast: true,
  },
}

/** Said on, as a free kitchen begins at once, before anybody has read that it is paid. */
function charged({ total, cardLast4 }: ShownOrder): string {
  const card = cardLast4 ? `your card ending in ${cardLast4}` : 'your card'
  return total ? `${total} was charged to ${card}.` : `It was charged to ${card}.`
}

const placeOf = ({ placeInLine, restaurant }: ShownOrder) =>
  placeInLine === undefined
    ? `It waits in line${at(restaurant)}.`
    : `You are number ${placeInLine} in line${at(restaurant)}.`

const at = (restaurant: string) => restaurant && ` at ${restaurant}`

export const markOf = (status: OrderStatus): Mark => (steps[status].isFailure ? 'failed' : 'done')

interface Row {
  title: string
  /** Of what is awaited. */
  comes?: string
  at?: string | undefined
  mark: Mark
}

/** What an order has come to, and what comes next where that is known. */
export function timeline({ status, history }: Pick<ShownOrder, 'status' | 'history'>): Row[] {
  const reached = history.map(({ status, at }) => ({ title: steps[status].title, at, mark: markOf(status) }))
  const { awaits } = steps[status]
  return awaits ? [...reached, { ...awaits, mark: 'awaited' }] : reached
}
