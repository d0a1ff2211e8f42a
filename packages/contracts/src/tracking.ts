import { z } from 'zod'
import { OrderItem } from './orders.ts'

/** What becomes of an order, in this sequence; it is either paid or declined. */
export const OrderStatus = z.enum(['placed', 'declined', 'paid', 'queued', 'cooking', 'ready'])
export type OrderStatus = z.infer<typeof OrderStatus>

/** One step of an order, and the record that told of it. */
export const OrderChange = z.object({
  status: OrderStatus,
  at: z.iso.datetime().meta({ description: 'when, as the record says; else when it was written' }),
  topic: z.string(),
  partition: z.int(),
  offset: z.string().meta({ description: 'digits; more than a number of JSON may hold' }),
})
export type OrderChange = z.infer<typeof OrderChange>

/** `GET /orders/{id}` of tracking. What no record has told yet is missing. */
export const TrackedOrder = z
  .object({
    orderId: z.uuid(),
    status: OrderStatus,
    placeInLine: z.int().min(1).optional().meta({
      description:
        'while it is queued: 1, and one more for each order that the restaurant has to start before it',
    }),
    restaurant: z.string(),
    email: z.string().meta({ description: 'masked: the first letter, and the domain' }),
    cardLast4: z.string().meta({ description: 'the last four digits, or nothing where they are not known' }),
    items: z.array(OrderItem.pick({ name: true, quantity: true, price_cents: true, choices: true })),
    amountCents: z.int().nonnegative().optional(),
    currency: z.string().optional().meta({ description: 'as the records say; any text' }),
    reason: z.string().optional().meta({ description: 'why it was declined' }),
    history: z.array(OrderChange).meta({ description: 'each status once, in the sequence of OrderStatus' }),
  })
  .meta({
    examples: [
      {
        orderId: '0b0ad4c4-63a1-8d0f-9d4b-2f3f2c1f9a11',
        status: 'paid',
        restaurant: 'Olive & Thyme',
        email: 'd…@example.com',
        cardLast4: '4242',
        items: [{ name: 'Masabacha', quantity: 2, price_cents: 1250 }],
        amountCents: 2500,
        currency: 'EUR',
        history: [
          { status: 'placed', at: '2026-11-21T12:00:00.000Z', topic: 'order', partition: 3, offset: '42' },
          {
            status: 'paid',
            at: '2026-11-21T12:00:00.120Z',
            topic: 'order_confirm',
            partition: 7,
            offset: '40',
          },
        ],
      },
    ],
  })
export type TrackedOrder = z.infer<typeof TrackedOrder>

/** `GET /popular` of tracking: which restaurant. */
export const PopularQuery = z.object({
  restaurant: z.string().min(1).max(200).meta({ description: 'its name, as orders have it' }),
})

/** What diners order most at a restaurant, by the dishes' names: most ordered first, and only what many order. */
export const PopularDishes = z.object({
  dishes: z.array(z.object({ name: z.string(), orders: z.int().meta({ description: 'how many have it' }) })),
})
export type PopularDishes = z.infer<typeof PopularDishes>

/** An event called `place` of `GET /orders/{id}` as a stream: where the order stands in line now. */
export const PlaceInLine = z.object({ placeInLine: z.int().min(1) })
export type PlaceInLine = z.infer<typeof PlaceInLine>

/** The topic on the bus by which tracking tells of each change. */
export const orderStatusTopic = 'restaurants::outbound::order-status'

/** What it tells. `restaurant` names the line that the order has left by it: those behind it move up. */
export const OrderStatusEvent = z.object({
  order_id: z.string(),
  status: OrderStatus,
  at: z.iso.datetime(),
  restaurant: z.string().optional(),
})
export type OrderStatusEvent = z.infer<typeof OrderStatusEvent>
