import * as z from 'zod/mini'
import { Cart } from '../order/cart.ts'
import { inBrowser } from '../order/kept.ts'

/** An order that was placed in this browser. It never holds anything of the card, nor the mail address. */
const OwnOrder = z.object({
  orderId: z.uuid(),
  restaurant: z.string(),
  total: z.string(),
  at: z.iso.datetime(),
  /** The page that it was ordered on, and what: to order it again. Those of before have none. */
  page: z.optional(z.string()),
  cart: z.optional(Cart),
})
export type OwnOrder = z.infer<typeof OwnOrder>

const name = 'orders'
const mostKept = 50

/** What can't be read is left out: a browser's storage is anybody's who sits before it. */
const readOrders = (entries: unknown[]) =>
  entries
    .flatMap(entry => z.safeParse(OwnOrder, entry).data ?? [])
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, mostKept)

/** The newest ones, newest first. */
export const ownOrders = (): OwnOrder[] => readOrders(inBrowser.kept(name, z.array(z.unknown())) ?? [])

/** Adds an order. An answer that came twice is one order. */
export function rememberOrder(order: OwnOrder): void {
  const known = ownOrders()
  if (known.some(({ orderId }) => orderId === order.orderId)) return
  inBrowser.keep(name, [order, ...known].slice(0, mostKept))
}

export const forgetOrders = () => inBrowser.keep(name, undefined)
