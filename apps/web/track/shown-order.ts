import {
  defaultCurrency,
  dishInWords,
  type Locale,
  money,
  type OrderStatus,
  type TrackedOrder,
} from 'kafka-restaurants-contracts'
import type { Receipt } from '../order/receipt.ts'

/** An order as its page shows it. A text that no record tells is empty. */
export interface ShownOrder {
  status: OrderStatus
  /** Of what this tab knows by itself, there is no time. */
  history: { status: OrderStatus; at?: string }[]
  restaurant: string
  email: string
  /** Missing until tracking is asked. */
  cardLast4?: string
  lines: { name: string; quantity: number; cost: string }[]
  tip: string
  total: string
  reason?: string | undefined
  /** While it is queued. */
  placeInLine?: number | undefined
}

/** What was paid besides the dishes, where any are named. */
function tipOf(order: TrackedOrder): number {
  const dishes = order.items.reduce((sum, { quantity, price_cents }) => sum + quantity * price_cents, 0)
  return order.items.length > 0 ? Math.max(0, (order.amountCents ?? dishes) - dishes) : 0
}

/** What tracking knows; only the tab that has ordered knows the whole mail address. */
export function shownOrder(order: TrackedOrder, receipt: Receipt | undefined, locale: Locale): ShownOrder {
  const { status, history, restaurant, cardLast4, items, amountCents, reason, placeInLine } = order
  const inCurrency = (cents: number) => money(cents, order.currency || defaultCurrency, locale)
  return {
    status,
    history,
    restaurant,
    cardLast4,
    reason,
    placeInLine,
    email: receipt?.email ?? order.email,
    lines: items.map(item => ({
      name: dishInWords(item),
      quantity: item.quantity,
      cost: inCurrency(item.quantity * item.price_cents),
    })),
    tip: tipOf(order) > 0 ? inCurrency(tipOf(order)) : '',
    total: amountCents === undefined ? '' : inCurrency(amountCents),
  }
}

/** What the tab that has ordered can show before tracking has read of it. */
export const orderOfReceipt = ({ restaurant, email, total }: Receipt): ShownOrder => ({
  status: 'placed',
  history: [{ status: 'placed' }],
  restaurant,
  email,
  total,
  tip: '',
  lines: [],
})
