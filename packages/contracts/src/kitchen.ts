import { z } from 'zod'
import { QueueId } from './command-queue.ts'
import { kitchenDetails } from './details.ts'
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

/** What the kitchen cooks. Also the value of a `kitchen-tickets` record, whose key is the restaurant: nothing personal. */
export const Ticket = z.object({
  orderId: QueueId,
  restaurant: z.string(),
  items: z.array(OrderItem.pick({ name: true, quantity: true })),
  state: TicketState,
  cookingAt: z.iso.datetime(),
  readyAt: z.iso.datetime().optional(),
})
export type Ticket = z.infer<typeof Ticket>

/** A ticket as the staff sees it on the board: with whom it is for, and where it goes. */
export const BoardTicket = Ticket.extend(kitchenDetails)
export type BoardTicket = z.infer<typeof BoardTicket>

/** `POST /quotes` of the kitchen. */
export const QuoteRequest = z.object({ restaurant: QueueId })

/** Its answer: in how many minutes an order that is placed now would be ready. */
export const Quote = z.object({ restaurant: QueueId, minutes: z.int().min(1) })
export type Quote = z.infer<typeof Quote>

/** `GET /settings` of the kitchen. */
export const KitchenSettings = z.object({
  autopilotSeconds: z
    .number()
    .positive()
    .nullable()
    .meta({ description: 'after how long each ticket becomes ready by itself; null where people say so' }),
})
export type KitchenSettings = z.infer<typeof KitchenSettings>
