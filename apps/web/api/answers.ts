import type { OrderAccepted, PaymentKey, Problem, Quote, Total } from 'kafka-restaurants-contracts'
import * as z from 'zod/mini'

// Of the contracts' answers what the page of a restaurant reads, by the parser's small build: the contracts' own schemas
// bring all of the parser, which is more than the page itself. Each fits the contract's type, or does not compile.

const total = z.object({ amountCents: z.number(), currency: z.string() }) satisfies Shape<Total>

export const orderAccepted = z.object({ orderId: z.uuid() }) satisfies Shape<Pick<OrderAccepted, 'orderId'>>

export const orderProblem = z.object({
  type: z._default(z.string(), 'about:blank'),
  title: z.string(),
  status: z.number(),
  detail: z.optional(z.string()),
  errors: z.optional(z.array(z.object({ field: z.string(), message: z.string() }))),
  total: z.optional(z.object({ seen: total, now: total })),
}) satisfies Shape<Problem>

export const paymentKey = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('X25519'),
  x: z.string(),
  kid: z.string(),
  alg: z.literal('ECDH-ES'),
  use: z.literal('enc'),
}) satisfies Shape<PaymentKey>

export const quote = z.object({ minutes: z.number() }) satisfies Shape<Pick<Quote, 'minutes'>>

/** What reads a T, of either build of the parser. */
export type Shape<T> = z.core.$ZodType<T>
