import {
  dishInWords,
  type Locale,
  money,
  type OrderItem,
  type RecordedDetails,
  whyDeclined,
} from 'kafka-restaurants-contracts'
import { unlinked } from './one-line.ts'
import { wordsOf } from './words/languages.ts'
import type { Words } from './words/words.ts'

/** What a mail says of an order. The first generation names no amount, and so nothing is said of any. */
export interface Outcome extends RecordedDetails {
  order_id: string
  restaurant: string
  items: OrderItem[]
  amount_cents?: number | null | undefined
  currency: string
  card_last4: string
}

/** What a mail says, in its language: text, be it of ours or of others, and no HTML. */
export interface Content {
  words: Words
  outcome: 'confirmed' | 'declined'
  subject: string
  /** What lists of mails show behind the subject. */
  preview: string
  heading: string
  lead: string
  /** The dishes and what they cost, the tip. */
  costs: Line[]
  total: Line | undefined
  facts: Line[]
  link: { label: string; url: string } | undefined
  closing: string
}

type Line = [name: string, value: string]

/** @param url of the order's page, where it has one */
export function confirmation(order: Outcome & { payment_id: string }, url: string | undefined): Content {
  const words = wordsOf(order.locale)
  const { confirmed, labels } = words
  const amount = amountOf(order, words)
  const card = words.card(unlinked(order.card_last4))
  const lead = confirmed.lead(unlinked(order.restaurant))
  const dishes = order.items.map(item => unlinked(named(item))).join(', ')
  return {
    ...shared(order, words, 'confirmed', url),
    preview: amount ? [`${labels.total}: ${amount}`, dishes].filter(Boolean).join(' · ') : lead,
    lead: amount ? `${lead} ${words.charged(card, amount)}` : lead,
    facts: facts([
      ...detailsOf(order, words),
      [labels.paidWith, amount && card],
      [labels.payment, unlinked(order.payment_id)],
      [labels.order, unlinked(order.order_id)],
    ]),
  }
}

/** Says nothing of the diner: nobody goes there. @param url of the order's page, where it has one */
export function decline(order: Outcome & { reason: string }, url: string | undefined): Content {
  const words = wordsOf(order.locale)
  const lead = words.declined.lead(whyDeclined(order.reason, words.locale), unlinked(order.restaurant))
  return {
    ...shared(order, words, 'declined', url),
    preview: lead,
    lead,
    facts: facts([
      [words.labels.notCharged, words.card(unlinked(order.card_last4))],
      [words.labels.order, unlinked(order.order_id)],
    ]),
  }
}

function shared(order: Outcome, words: Words, outcome: Content['outcome'], url: string | undefined) {
  const { locale, labels } = words
  const { subject, heading, link, closing } = words[outcome]
  const price = (cents: number) => money(cents, unlinked(order.currency), locale)
  const costs = order.items.map(
    (item): Line => [unlinked(named(item)), price(item.quantity * item.price_cents)],
  )
  if (order.tip_cents) costs.push([labels.tip, price(order.tip_cents)])
  const amount = amountOf(order, words)
  return {
    words,
    outcome,
    subject: subject(unlinked(order.restaurant)),
    heading,
    costs,
    total: amount === undefined ? undefined : ([labels.total, amount] satisfies Line),
    link: url === undefined ? undefined : { label: link, url },
    closing,
  }
}

/** Where the meal goes, when, and to whom. */
function detailsOf(order: Outcome, words: Words): [string, string | undefined][] {
  const { labels } = words
  const { fulfilment, address } = order
  const place = address && [
    address.street,
    [address.postal_code, address.city].filter(Boolean).join(' '),
    address.extra,
  ]
  return [
    [labels.fulfilment, fulfilment && words[fulfilment]],
    [labels.address, place && unlinked(place.filter(Boolean).join(', '))],
    [labels.time, order.wanted_at ? timeOf(order.wanted_at, words.locale) : fulfilment && words.soon],
    [labels.name, order.name && unlinked(order.name)],
    [labels.phone, order.phone && unlinked(order.phone)],
    [labels.note, order.note && unlinked(order.note)],
  ]
}

const facts = (all: [string, string | undefined][]): Line[] => all.filter((fact): fact is Line => !!fact[1])

const named = (item: OrderItem) => `${item.quantity} × ${dishInWords(item)}`

const amountOf = (order: Outcome, { locale }: Words): string | undefined =>
  typeof order.amount_cents === 'number'
    ? money(order.amount_cents, unlinked(order.currency), locale)
    : undefined

/** A time as it is on the clock of whoever wrote it, and how far that is from UTC. Undefined where it is none. */
function timeOf(iso: string, locale: Locale): string | undefined {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return undefined
  const [offset = '', sign = '', hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? []
  const offsetMs = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000
  return `${clocks[locale].format(at + offsetMs)} (UTC${offset})`
}

const clockOf = (locale: string) =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
  })
const clocks = { en: clockOf('en-GB'), he: clockOf('he') }
