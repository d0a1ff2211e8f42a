import * as v from 'valibot'
import { readAs } from '../api/shape.ts'
import { Cart } from '../order/cart.ts'
import { inBrowser } from '../order/kept.ts'

/** An order that was placed in this browser. It never holds anything of the card, nor the mail address. */
const OwnOrder = v.object({
  orderId: v.pipe(v.string(), v.uuid()),
  restaurant: v.string(),
  total: v.string(),
  at: v.pipe(v.string(), v.isoTimestamp()),
  /** The page that it was ordered on, and what: to order it again. Those of before have none. */
  page: v.optional(v.string()),
  cart: v.optional(Cart),
})
export type OwnOrder = v.InferOutput<typeof OwnOrder>

const name = 'orders'
const mostKept = 50

/** What can't be read is left out: a browser's storage is anybody's who sits before it. */
const readOrders = (entries: unknown[]) =>
  entries
    .flatMap(entry => readAs(OwnOrder, entry) ?? [])
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, mostKept)

/** The newest ones, newest first. */
export const ownOrders = (): OwnOrder[] => readOrders(inBrowser.kept(name, v.array(v.unknown())) ?? [])

/** Adds an order. An answer that came twice is one order. */
export function rememberOrder(order: OwnOrder): void {
  const known = ownOrders()
  if (known.some(({ orderId }) => orderId === order.orderId)) return
  inBrowser.keep(name, [order, ...known].slice(0, mostKept))
}

export const forgetOrders = () => inBrowser.keep(name, undefined)
