import { z } from 'zod'
import { numberAsText } from './card.ts'
import { detailsFault, orderDetails, recordedDetails } from './details.ts'
import { Card, MailAddress } from './fields.ts'
import { defaultCurrency, flatAmountCents } from './money.ts'
import { amountCents } from './payment.ts'

const quantity = z.int().min(1).max(99)

export const OrderItem = z.looseObject({
  id: z.string(),
  name: z.string(),
  quantity,
  price_cents: z.int().nonnegative(),
  choices: z.array(z.string()).optional().catch(undefined).meta({
    description: 'what was chosen of the dish, by name; price_cents has it',
  }),
})
export type OrderItem = z.infer<typeof OrderItem>

/** What an order comes to, in the smallest unit of its currency. */
export const Total = z.object({
  amountCents,
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR'),
})
export type Total = z.infer<typeof Total>

/** `POST /orders`. `restaurant` is the restaurant's id or its name. */
export const PlaceOrder = z
  .object({
    restaurant: z.string().min(1).max(200),
    email: MailAddress,
    creditCard: z.preprocess(numberAsText, Card),
    cardLast4: z
      .string()
      .regex(/^\d{4}$/, 'must be four digits')
      .optional()
      .meta({ description: 'the last four digits, where creditCard is sealed' }),
    items: z
      .array(
        z.object({
          id: z.string().min(1).max(100),
          quantity,
          choices: z.array(z.string().min(1).max(100)).max(50).optional().meta({
            description: "ids of choices of the dish's options",
          }),
        }),
      )
      .min(1, 'must have at least one dish; an order without items is the flat-price one')
      .max(50)
      .optional(),
    total: Total.optional().meta({
      description:
        'what the diner saw: with another total now, the order is refused with 409, which has both',
    }),
    ...orderDetails,
  })
  .superRefine((order, context) => {
    const fault = detailsFault(order)
    if (fault) context.addIssue({ code: 'custom', ...fault })
  })
  .meta({
    examples: [
      {
        restaurant: 'olive-and-thyme',
        email: 'diner@example.com',
        creditCard: '4242424242424242',
        items: [{ id: 'masabacha', quantity: 2 }],
        name: 'Dana Cohen',
        phone: '+49 30 1234567',
        fulfilment: 'delivery',
        address: { street: 'Olive Street 5', city: 'Berlin', postalCode: '10115' },
        note: 'No onions, please',
        tipCents: 200,
        total: { amountCents: 2500, currency: 'EUR' },
      },
    ],
  })
export type PlaceOrder = z.infer<typeof PlaceOrder>

/**
 * The answer to `POST /orders`: written to Kafka, and, where it is asked for by `Prefer: wait` and told in time, paid. One
 * that is declined is answered with `OrderDeclined`.
 */
export const OrderAccepted = z
  .object({
    message: z.string(),
    orderId: z.uuid(),
    status: z.enum(['accepted', 'paid']),
    statusUrl: z
      .string()
      .optional()
      .meta({ description: 'where to ask for the order, relative to this call, as in Location' }),
  })
  .meta({
    examples: [
      {
        message: 'Order accepted',
        orderId: '0b0ad4c4-63a1-8d0f-9d4b-2f3f2c1f9a11',
        status: 'accepted',
        statusUrl: 'orders/0b0ad4c4-63a1-8d0f-9d4b-2f3f2c1f9a11',
      },
    ],
  })
export type OrderAccepted = z.infer<typeof OrderAccepted>

/**
 * A record of topic `order`. Ours always has every field; the first generation's has `email`, `credit_card` and
 * `restaurant` alone, the card perhaps as a JSON number, and is as valid. Unknown fields are kept. Only an order without
 * any items has a price of its own: one that names them, be it none, says what they come to.
 */
export const Order = z
  .looseObject({
    order_id: z.string().min(1).max(100).optional(),
    restaurant: z.string().min(1).max(200),
    email: MailAddress,
    credit_card: z.preprocess(numberAsText, z.string().min(1).max(4096)),
    card_last4: z.string().optional(),
    items: z.array(OrderItem).optional(),
    amount_cents: amountCents.optional(),
    currency: z.string().length(3).default(defaultCurrency),
    placed_at: z.iso.datetime().optional(),
    ...recordedDetails,
  })
  .superRefine(({ items, amount_cents }, context) => {
    if (items === undefined || amount_cents !== undefined) return
    context.addIssue({
      code: 'custom',
      path: ['amount_cents'],
      message: 'is missing, though there are items',
    })
  })
  .transform(order => ({
    ...order,
    items: order.items ?? [],
    amount_cents: order.amount_cents ?? flatAmountCents,
  }))
  .meta({
    examples: [{ email: 'diner@example.com', credit_card: '4242424242424242', restaurant: 'Olive & Thyme' }],
  })
export type Order = z.infer<typeof Order>

const outcome = {
  order_id: z.string(),
  restaurant: z.string(),
  email: z.string(),
  card_last4: z.string(),
  items: z.array(OrderItem).default([]),
  amount_cents: z.int().nonnegative(),
  currency: z.string(),
  placed_at: z.iso.datetime().optional(),
  ...recordedDetails,
}
const outcomeExample = {
  order_id: '0b0ad4c4-63a1-8d0f-9d4b-2f3f2c1f9a11',
  restaurant: 'Olive & Thyme',
  email: 'diner@example.com',
  card_last4: '4242',
  items: [{ id: 'masabacha', name: 'Masabacha', quantity: 2, price_cents: 1250 }],
  amount_cents: 2500,
  currency: 'EUR',
}

/** One entry of a record of topic `order_confirm`. */
export const ConfirmedOrder = z
  .looseObject({ ...outcome, payment_id: z.string(), confirmed_at: z.iso.datetime() })
  .meta({
    examples: [{ ...outcomeExample, payment_id: 'pay_1', confirmed_at: '2026-11-21T12:00:00.000Z' }],
  })
export type ConfirmedOrder = z.infer<typeof ConfirmedOrder>

/** One entry of a record of topic `order_declined`. */
export const DeclinedOrder = z
  .looseObject({ ...outcome, reason: z.string(), declined_at: z.iso.datetime() })
  .meta({
    examples: [{ ...outcomeExample, reason: 'insufficient_funds', declined_at: '2026-11-21T12:00:00.000Z' }],
  })
export type DeclinedOrder = z.infer<typeof DeclinedOrder>

/** A record of `order_confirm` is a JSON list; what the first generation put in may lack all but the diner's fields. */
export const ConfirmedOrders = z.array(ConfirmedOrder)
/** A record of `order_declined` is a JSON list. */
export const DeclinedOrders = z.array(DeclinedOrder)

/** What an entry of the first generation's lists may lack has a default; a diner to write to is all that it needs. */
const lenientOutcome = z.looseObject({
  order_id: z.string().min(1).optional(),
  restaurant: z.string().min(1),
  email: z.string().min(1),
  card_last4: z.string().default(''),
  items: z.array(OrderItem).default([]),
  amount_cents: z.int().nonnegative().nullish(),
  currency: z.string().default(defaultCurrency),
  placed_at: z.iso.datetime().optional().catch(undefined),
  ...recordedDetails,
})

/** A record of `order_confirm`, as whoever reads it takes it. */
export const LenientConfirmedOrders = z.array(
  lenientOutcome.extend({ payment_id: z.string().default(''), confirmed_at: z.string().default('') }),
)
/** A record of `order_declined`, as whoever reads it takes it. */
export const LenientDeclinedOrders = z.array(
  lenientOutcome.extend({ reason: z.string().default(''), declined_at: z.string().default('') }),
)
