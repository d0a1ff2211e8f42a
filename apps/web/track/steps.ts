import { type Locale, type OrderStatus, whyDeclined } from 'kafka-restaurants-contracts'
import type { useTranslations } from 'next-intl'
import type { ShownOrder } from './shown-order.ts'

/** The texts of the statuses. */
export type StatusTexts = ReturnType<typeof useTranslations<'status'>>
type Key = Parameters<StatusTexts>[0]

/** How a step is drawn: reached, reached and the end of it, or not reached yet. */
export type Mark = 'done' | 'failed' | 'awaited'

interface Step {
  /** What there is to know, by sentences of the catalogue. */
  says: (order: ShownOrder) => Key[]
  /** What comes next, for as long as nothing has. */
  awaits?: 'payment' | 'cooking' | 'ready'
  isFailure?: true
  /** Nothing follows. */
  isLast?: true
}

/** What the site says of each status: all that a new one needs is its entry, and its title and heading in the catalogues. */
export const steps: Readonly<Record<OrderStatus, Step>> = {
  placed: { says: () => ['placed.says'], awaits: 'payment' },
  declined: { says: () => ['declined.says'], isFailure: true, isLast: true },
  // What was charged is said on, as a free kitchen begins at once, before anybody has read that it is paid.
  paid: { says: ({ email }) => (email ? ['charged', 'mailed'] : ['charged']) },
  queued: {
    says: ({ placeInLine }) => [placeInLine === undefined ? 'queued.waits' : 'queued.says', 'charged'],
    awaits: 'cooking',
  },
  cooking: { says: () => ['cooking.says', 'charged'], awaits: 'ready' },
  ready: { says: () => ['ready.says', 'charged'], isLast: true },
}

/** What there is to know of an order, in a sentence or two. */
export function says(order: ShownOrder, t: StatusTexts, locale: Locale): string {
  const { status, restaurant, total, email, cardLast4 = '', placeInLine = 0, reason = '' } = order
  const values = {
    restaurant: apart(restaurant),
    hasRestaurant: yesOrNo(restaurant),
    total: apart(total),
    hasTotal: yesOrNo(total),
    card: cardLast4,
    hasCard: yesOrNo(cardLast4),
    place: placeInLine,
    email,
  }
  const sentences = steps[status].says(order).map(key => t(key, values))
  return (status === 'declined' ? [whyDeclined(reason, locale), ...sentences] : sentences).join(' ')
}

/** What is written from right to left is not to take along the sentence around it, as the amount behind it (FSI and PDI of Unicode). */
const apart = (text: string) =>
  /[\u200f\p{Script=Hebrew}\p{Script=Arabic}]/u.test(text) ? `\u2068${text}\u2069` : text

const yesOrNo = (text: string) => (text ? 'yes' : 'no')

export const markOf = (status: OrderStatus): Mark => (steps[status].isFailure ? 'failed' : 'done')

interface Row {
  title: string
  /** Of what is awaited. */
  comes?: string
  at?: string | undefined
  mark: Mark
}

/** What an order has come to, and what comes next where that is known. */
export function timeline({ status, history }: Pick<ShownOrder, 'status' | 'history'>, t: StatusTexts): Row[] {
  const reached = history.map(
    ({ status, at }): Row => ({ title: t(`${status}.title`), at, mark: markOf(status) }),
  )
  const { awaits } = steps[status]
  if (!awaits) return reached
  return [
    ...reached,
    { title: t(`awaited.${awaits}.title`), comes: t(`awaited.${awaits}.comes`), mark: 'awaited' },
  ]
}
