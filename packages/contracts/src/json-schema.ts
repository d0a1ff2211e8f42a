import { z } from 'zod'
import { Restaurant, RestaurantSummary } from './catalogue.ts'
import { ConfirmedOrder, DeclinedOrder, Order, OrderAccepted, PlaceOrder } from './orders.ts'
import { ChargeAccepted, ChargeDeclined, ChargeRequest, PaymentKey } from './payment.ts'
import { OrderDeclined, Problem } from './problem.ts'

/** The bodies of the site's own HTTP interface. */
export const httpBodies = {
  Restaurant,
  RestaurantSummary,
  PlaceOrder,
  OrderAccepted,
  OrderDeclined,
  PaymentKey,
  Problem,
}
const charges = { ChargeRequest, ChargeAccepted, ChargeDeclined }
const records = { Order, ConfirmedOrder, DeclinedOrder }

/** Every schema that carries a name, by that name. */
export const namedSchemas = { ...httpBodies, ...charges, ...records }

/** The JSON Schema (2020-12) of every HTTP body and Kafka record, by name: what is accepted, before defaults. */
export function jsonSchemas(): Record<keyof typeof namedSchemas, object> {
  return Object.fromEntries(
    Object.entries(namedSchemas).map(([name, schema]) => [
      name,
      z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
    ]),
  ) as Record<keyof typeof namedSchemas, object>
}
