import { wantedAtFault } from 'kafka-restaurants-contracts'
import * as z from 'zod/mini'
import { keep, kept } from './kept.ts'
import type { OrderFields } from './order-fields.ts'

const text = z._default(z.string(), '')

/** Who orders, and where to: the same at every restaurant. */
const Diner = z.object({
  name: text,
  phone: text,
  email: text,
  street: text,
  city: text,
  postalCode: text,
  extra: text,
})
/** How, when and what else, at one restaurant. */
const Wishes = z.object({
  fulfilment: z.optional(z.enum(['delivery', 'pickup'])),
  wantedAt: text,
  note: text,
  tipPercent: z._default(z.string(), '0'),
})

const wishesOf = (page: string) => `wishes:${page}`

/** What was filled in on this tab, over reloads, the way back and a declined card; nothing of any card. */
export function keptFields(page: string, { delivery }: { delivery: boolean }): OrderFields {
  const diner = kept('diner', Diner) ?? z.parse(Diner, {})
  const { fulfilment = 'delivery', wantedAt, ...wishes } = kept(wishesOf(page), Wishes) ?? z.parse(Wishes, {})
  return {
    ...diner,
    ...wishes,
    fulfilment: delivery ? fulfilment : 'pickup',
    wantedAt: wantedAt && !wantedAtFault(wantedAt, Date.now()) ? wantedAt : '',
    card: '',
    expiry: '',
  }
}

export function keepFields(page: string, fields: OrderFields) {
  // Each takes what is its own: neither the card nor when it expires.
  keep('diner', z.parse(Diner, fields))
  keep(wishesOf(page), z.parse(Wishes, fields))
}
