import { z } from 'zod'
import { OrderAccepted, Total } from './orders.ts'

/** An error answer, `application/problem+json` (RFC 9457), with one `errors[]` entry for each faulty field. */
export const Problem = z
  .object({
    type: z.string().default('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    message: z.string().optional().meta({ description: 'all of it in one sentence' }),
    total: z
      .object({ seen: Total, now: Total })
      .optional()
      .meta({ description: 'of an order whose total is not the one that the diner saw' }),
  })
  .meta({
    examples: [
      {
        type: 'about:blank',
        title: 'Invalid order',
        status: 422,
        errors: [{ field: 'email', message: 'Invalid email address' }],
        message: 'Invalid order: email: Invalid email address',
      },
    ],
  })
export type Problem = z.infer<typeof Problem>

/** The problem that answers `POST /orders` with `Prefer: wait` where the card is declined: the order is there, to be asked for. */
export const OrderDeclined = Problem.extend({
  orderId: OrderAccepted.shape.orderId,
  orderStatus: z.literal('declined').meta({ description: 'as `status` is that of the answer' }),
  statusUrl: OrderAccepted.shape.statusUrl,
  reason: z.string().meta({ description: 'why, as the record says' }),
}).meta({
  examples: [
    {
      type: 'about:blank',
      title: 'The card was declined',
      status: 402,
      detail: 'There is not enough money on your card. Nothing was charged.',
      orderId: '0b0ad4c4-63a1-8d0f-9d4b-2f3f2c1f9a11',
      orderStatus: 'declined',
      statusUrl: 'orders/0b0ad4c4-63a1-8d0f-9d4b-2f3f2c1f9a11',
      reason: 'insufficient_funds',
      message: 'The card was declined: There is not enough money on your card. Nothing was charged.',
    },
  ],
})
export type OrderDeclined = z.infer<typeof OrderDeclined>
