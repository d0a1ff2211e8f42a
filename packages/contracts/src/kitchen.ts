import { z } from 'zod'
import { QueueId } from './command-queue.ts'
import { OrderItem } from './orders.ts'

/** What becomes of a ticket. */
export const TicketState = z.enum(['cooking', 'ready'])
export type TicketState = z.infer<typeof TicketState>

/**
 * `POST /tickets` of the kitchen: the value of an `actionable-commands` record as it is. `message` is a `CookingOrder` as
 * JSON, and `id` the order's.
 */
export const NewTicket = z.looseObject({
  id: QueueId,
  message: z.string(),
  fence: z.int().nonnegative().optional(),
})
export type NewTicket = z.infer<typeof NewTicket>

/** What the kitchen cooks. Also the value of a `kitchen-tickets` record, whose key is the restaurant. */
export const Ticket = z.object({
  orderId: QueueId,
  restaurant: z.string(),
  items: z.array(OrderItem.pick({ name: true, quantity: true })),
  state: TicketState,
  cookingAt: z.iso.datetime(),
  readyAt: z.iso.datetime().optional(),
})
export type Ticket = z.infer<typeof Ticket>
