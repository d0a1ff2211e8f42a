import {
  addressAsTyped,
  cardDigits,
  detailLimits,
  hasCardLength,
  inOneLine,
  isCardNumber,
  isMailAddress,
  type Locale,
  type OrderDetails,
  type Problem,
  phoneFault,
  type Total,
  textFault,
  wantedAtFault,
} from 'kafka-restaurants-contracts'
import type { Cart } from './cart.ts'
import type { CheckoutTexts } from './checkout-texts.tsx'
import { expiryFault } from './expiry.ts'

/** The form, as it is filled in. */
export interface OrderFields {
  name: string
  phone: string
  email: string
  fulfilment: 'delivery' | 'pickup'
  street: string
  city: string
  postalCode: string
  extra: string
  /** ISO 8601, or empty for as soon as possible. */
  wantedAt: string
  note: string
  /** Of what the dishes come to. */
  tipPercent: string
  card: string
  expiry: string
}

/** All that an order depends on. */
export interface OrderContents {
  restaurant: string
  restaurantName: string
  email: string
  card: string
  cart: Cart
  details: OrderDetails
  /** The language of its mails. It is not among the details: the same order in another language is the same order. */
  locale: Locale | undefined
  /** What the page shows that all of it comes to. */
  total: Total
}

/** What is wrong, by the field it is shown next to; `form` is for what belongs to none. */
export type FieldErrors = Partial<Record<keyof OrderFields | 'items', string>> & { form?: string[] }

/** What of an order is said in the form, besides mail address and card. */
export function detailsOf(fields: OrderFields, tipCents: number): OrderDetails {
  const { name, phone, fulfilment, street, city, postalCode, extra, wantedAt, note } = fields
  const address = { street, city, postalCode, extra }
  return given({
    name,
    phone,
    fulfilment,
    address: fulfilment === 'delivery' ? (given(address) as OrderDetails['address']) : undefined,
    wantedAt,
    note,
    tipCents,
  })
}

/** Without what is empty, each text as it is kept. */
const given = <T extends object>(values: T): T =>
  Object.fromEntries(
    Object.entries(values)
      .map(([name, value]) => [name, typeof value === 'string' ? inOneLine(value) : value])
      .filter(([, value]) => value),
  ) as T

/** A tip in cents, and no more than can be given. */
export const tipFor = (percent: string, dishesCents: number): number =>
  Math.min(Math.round((dishesCents * (Number(percent) || 0)) / 100), dishesCents, detailLimits.tipCents)

/** What the page can tell by itself, before anything is sent: nothing that the API would see otherwise. */
export function checkFields(
  fields: OrderFields,
  { now, needsCard, t }: { now: Date; needsCard: boolean; t: CheckoutTexts },
): FieldErrors {
  const isDelivery = fields.fulfilment === 'delivery'
  const { wantedAt } = fields
  const text = (field: 'name' | 'street' | 'city' | 'postalCode' | 'extra' | 'note') => {
    const fault = textFault(inOneLine(fields[field]), detailLimits[field])
    return fault && t(`errors.${fault.code}`, { field, most: fault.most ?? 0 })
  }
  const needed = (field: 'name' | 'street' | 'city') =>
    inOneLine(fields[field]) ? text(field) : t(`errors.${field}`)
  const faults: FieldErrors = {
    name: needed('name'),
    phone: phoneError(fields.phone, isDelivery, t),
    ...(isDelivery && {
      street: needed('street'),
      city: needed('city'),
      postalCode: text('postalCode'),
      extra: text('extra'),
    }),
    wantedAt: wantedAt && wantedAtFault(wantedAt, now.getTime()) && t('errors.timeOver'),
    note: text('note'),
    email: emailError(fields.email, t),
    ...(needsCard && { card: cardError(fields.card, t), expiry: expiryError(fields.expiry, now, t) }),
  }
  return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault))
}

function phoneError(typed: string, isNeeded: boolean, t: CheckoutTexts): string | undefined {
  const phone = inOneLine(typed)
  if (!phone) return isNeeded ? t('errors.phone') : undefined
  const fault = phoneFault(phone)
  return fault && t(`errors.${fault.code}`)
}

function emailError(typed: string, t: CheckoutTexts): string | undefined {
  const email = addressAsTyped(typed)
  if (!email) return t('errors.email')
  return isMailAddress(email) ? undefined : t('errors.noEmail')
}

function cardError(card: string, t: CheckoutTexts): string | undefined {
  const digits = cardDigits(card)
  if (!digits) return t('errors.card')
  if (!hasCardLength(digits)) return t('errors.cardLength')
  return isCardNumber(digits) ? undefined : t('errors.cardTypo')
}

function expiryError(typed: string, now: Date, t: CheckoutTexts): string | undefined {
  const fault = expiryFault(typed, now)
  return fault && t(`errors.${fault}`)
}

export const hasErrors = (errors: FieldErrors) => Object.keys(errors).length > 0

/** Puts the messages of the API's answer, in its own words, next to the fields that they are about. */
export function problemErrors(problem: Problem): FieldErrors {
  const errors: FieldErrors = {}
  for (const { field, message } of problem.errors ?? []) {
    const target = targetOf(field)
    if (target) errors[target] = [errors[target], sentence(message)].filter(Boolean).join(' ')
    else errors.form = [...(errors.form ?? []), sentence(field ? `${field}: ${message}` : message)]
  }
  return errors
}

/** Of a list or an address the API names the place, too. */
function targetOf(field: string): keyof OrderFields | 'items' | undefined {
  const [first = '', second = ''] = field.split(/[.[]/)
  return first === 'address' ? (targets[second] ?? 'street') : targets[first]
}

const targets: Readonly<Record<string, keyof OrderFields | 'items'>> = {
  items: 'items',
  email: 'email',
  creditCard: 'card',
  cardLast4: 'card',
  name: 'name',
  phone: 'phone',
  fulfilment: 'fulfilment',
  street: 'street',
  city: 'city',
  postalCode: 'postalCode',
  extra: 'extra',
  wantedAt: 'wantedAt',
  note: 'note',
  tipCents: 'tipPercent',
}

function sentence(message: string): string {
  const text = message.trim()
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}
