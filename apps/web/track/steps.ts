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
  awaits?: string
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
    awaits: 'Payment',
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
    says: ({ total, cardLast4, email }) => {
      const card = cardLast4 ? `your card ending in ${cardLast4}` : 'your card'
      const paid = total ? `${total} was charged to ${card}.` : `It was charged to ${card}.`
      return email ? `${paid} The mail goes to ${email}.` : paid
    },
  },
  queued: {
    title: 'Queued',
    heading: 'Your order is queued',
    says: ({ restaurant }) => `Your order${at(restaurant)} is in the kitchen’s queue.`,
  },
  cooking: {
    title: 'Cooking',
    heading: 'Your order is cooking',
    says: ({ restaurant }) => `The kitchen is cooking your order${at(restaurant)}.`,
  },
  ready: {
    title: 'Ready',
    heading: 'Your order is ready',
    says: ({ restaurant }) => `Your order${at(restaurant)} is ready.`,
    isLast: true,
  },
}

const at = (restaurant: string) => restaurant && ` at ${restaurant}`

export const markOf = (status: OrderStatus): Mark => (steps[status].isFailure ? 'failed' : 'done')

interface Row {
  title: string
  at?: string | undefined
  mark: Mark
}

/** What an order has come to, and what comes next where that is known. */
export function timeline({ status, history }: Pick<ShownOrder, 'status' | 'history'>): Row[] {
  const reached = history.map(({ status, at }) => ({ title: steps[status].title, at, mark: markOf(status) }))
  const { awaits } = steps[status]
  return awaits ? [...reached, { title: awaits, mark: 'awaited' }] : reached
}
