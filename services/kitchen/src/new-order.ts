import {
  type BoardTicket,
  CookingOrder,
  kitchenDetailsOf,
  NewTicket,
  QueueId,
} from 'kafka-restaurants-contracts'
import { withoutMark } from 'kafka-restaurants-service'
import { z } from 'zod'

/** The order in a command's message. Its restaurant is a resource of the command queue, and called as one can be. */
const Message = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(withoutMark(text))
    } catch {
      context.addIssue({ code: 'custom', message: 'must be an order as JSON' })
      return z.NEVER
    }
  })
  .pipe(CookingOrder.extend({ restaurant: QueueId }))

/**
 * What the kitchen is told to cook, and for whom, read from a `NewTicket`. Of a dish it keeps name and quantity alone:
 * what else comes along may be anything, and is no business of the kitchen.
 */
export const NewOrder = NewTicket.extend({ message: Message }).transform(
  ({ id, message: { restaurant, items, ...message }, fence }) => ({
    orderId: id,
    restaurant,
    items: items.map(({ name, quantity }) => ({ name, quantity })),
    details: kitchenDetailsOf(message),
    fence,
  }),
)
export type NewOrder = z.infer<typeof NewOrder>

/** A ticket, and the number that its command was started with. */
export interface KeptTicket {
  ticket: BoardTicket
  fence: number | undefined
  /** The trace that it was made in, which its end belongs to: see `currentTrace`. */
  trace?: string | undefined
}

/** What becomes of an order that the kitchen is told to cook. */
export type Taking =
  | { outcome: 'new'; kept: KeptTicket }
  | { outcome: 'known'; kept: KeptTicket }
  /** Its command was started again, and the new start counts alone. */
  | { outcome: 'restarted'; kept: KeptTicket }
  | { outcome: 'elsewhere' }

/** Decides on an order by what is kept of it. Pure. A ticket is made once, and never changed by a repeat. */
export function takeOrder(
  { orderId, restaurant, items, details, fence }: NewOrder,
  kept: KeptTicket | undefined,
  now: Date,
): Taking {
  if (!kept) {
    const cooking = { state: 'cooking' as const, cookingAt: now.toISOString() }
    return { outcome: 'new', kept: { ticket: { orderId, restaurant, items, ...cooking, ...details }, fence } }
  }
  if (kept.ticket.restaurant !== restaurant) return { outcome: 'elsewhere' }
  const isNewer = fence !== undefined && fence > (kept.fence ?? -1)
  return isNewer ? { outcome: 'restarted', kept: { ...kept, fence } } : { outcome: 'known', kept }
}
