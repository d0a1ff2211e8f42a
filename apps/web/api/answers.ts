import type { OrderAccepted, PaymentKey, Problem, Quote, Total } from 'kafka-restaurants-contracts'
import * as v from 'valibot'
import type { Shape } from './shape.ts'

// Of the contracts' answers what the page of a restaurant reads. Each fits the contract's type, or does not compile.

const total = v.object({ amountCents: v.number(), currency: v.string() }) satisfies Shape<Total>

export const orderAccepted = v.object({
  orderId: v.pipe(v.string(), v.uuid()),
}) satisfies Shape<Pick<OrderAccepted, 'orderId'>>

export const orderProblem = v.object({
  type: v.optional(v.string(), 'about:blank'),
  title: v.string(),
  status: v.number(),
  detail: v.optional(v.string()),
  errors: v.optional(v.array(v.object({ field: v.string(), message: v.string() }))),
  total: v.optional(v.object({ seen: total, now: total })),
}) satisfies Shape<Problem>

export const paymentKey = v.looseObject({
  kty: v.literal('OKP'),
  crv: v.literal('X25519'),
  x: v.string(),
  kid: v.string(),
  alg: v.literal('ECDH-ES'),
  use: v.literal('enc'),
}) satisfies Shape<PaymentKey>

export const quote = v.object({ minutes: v.number() }) satisfies Shape<Pick<Quote, 'minutes'>>
