import type { Locale } from 'kafka-restaurants-contracts'

/** All words of the mails in one language. What is put into them is one line of text, and stands for itself. */
export interface Words {
  locale: Locale
  dir: 'ltr' | 'rtl'
  confirmed: OutcomeWords & { lead: (restaurant: string) => string }
  declined: OutcomeWords & { lead: (why: string, restaurant: string) => string }
  /** What was paid, behind the lead. */
  charged: (card: string, amount: string) => string
  /** A card by its last four digits, which may be unknown: ''. */
  card: (last4: string) => string
  delivery: string
  pickup: string
  soon: string
  labels: Record<Label, string>
}

interface OutcomeWords {
  /** The outcome comes first: lists of mails cut off what is long. */
  subject: (restaurant: string) => string
  heading: string
  /** What the link to the order says. */
  link: string
  closing: string
}

type Label =
  | 'tip'
  | 'total'
  | 'fulfilment'
  | 'address'
  | 'time'
  | 'name'
  | 'phone'
  | 'note'
  | 'paidWith'
  | 'notCharged'
  | 'payment'
  | 'order'
