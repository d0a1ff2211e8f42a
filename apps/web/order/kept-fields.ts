import { wantedAtFault } from 'kafka-restaurants-contracts'
import * as v from 'valibot'
import { keep, kept } from './kept.ts'
import type { OrderFields } from './order-fields.ts'

const text = v.optional(v.string(), '')

/** Who orders, and where to: the same at every restaurant. */
const Diner = v.object({
  name: text,
  phone: text,
  email: text,
  street: text,
  city: text,
  postalCode: text,
  extra: text,
})
/** How, when and what else, at one restaurant. */
const Wishes = v.object({
  fulfilment: v.optional(v.picklist(['delivery', 'pickup'])),
  wantedAt: text,
  note: text,
  tipPercent: v.optional(v.string(), '0'),
})

const wishesOf = (page: string) => `wishes:${page}`

/** What was filled in on this tab, over reloads, the way back and a declined card; nothing of any card. */
export function keptFields(page: string, { delivery }: { delivery: boolean }): OrderFields {
  const diner = kept('diner', Diner) ?? v.parse(Diner, {})
  const { fulfilment = 'delivery', wantedAt, ...wishes } = kept(wishesOf(page), Wishes) ?? v.parse(Wishes, {})
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
  keep('diner', v.parse(Diner, fields))
  keep(wishesOf(page), v.parse(Wishes, fields))
}
