import {
  addressAsTyped,
  cardDigits,
  detailLimits,
  hasCardLength,
  inOneLine,
  isCardNumber,
  isMailAddress,
  type OrderDetails,
  type Problem,
  phoneFault,
  type Total,
  textFault,
  wantedAtFault,
} from 'kafka-restaurants-contracts'
import type { Cart } from './cart.ts'
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
  { now, needsCard }: { now: Date; needsCard: boolean },
): FieldErrors {
  const isDelivery = fields.fulfilment === 'delivery'
  const { wantedAt } = fields
  const faults: FieldErrors = {
    name: textError(fields.name, detailLimits.name, 'This', 'Enter your name: the restaurant asks for it.'),
    phone: phoneError(fields.phone, isDelivery),
    ...(isDelivery && {
      street: textError(fields.street, detailLimits.street, 'This', 'Enter street and number.'),
      city: textError(fields.city, detailLimits.city, 'This', 'Enter the city.'),
      postalCode: textError(fields.postalCode, detailLimits.postalCode, 'This'),
      extra: textError(fields.extra, detailLimits.extra, 'This'),
    }),
    wantedAt:
      wantedAt && wantedAtFault(wantedAt, now.getTime()) && 'This time is over. Please choose another one.',
    note: textError(fields.note, detailLimits.note, 'The note'),
    email: emailError(fields.email),
    ...(needsCard && { card: cardError(fields.card), expiry: expiryFault(fields.expiry, now) }),
  }
  return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault))
}

function textError(typed: string, most: number, what: string, whereEmpty?: string): string | undefined {
  const text = inOneLine(typed)
  if (!text) return whereEmpty
  const fault = textFault(text, most)
  return fault && `${what} ${fault}.`
}

function phoneError(typed: string, isNeeded: boolean): string | undefined {
  const phone = inOneLine(typed)
  if (!phone) return isNeeded ? 'Enter a phone number, in case nobody finds you.' : undefined
  const fault = phoneFault(phone)
  return fault && `This ${fault}.`
}

function emailError(typed: string): string | undefined {
  const email = addressAsTyped(typed)
  if (!email) return 'Enter the mail address for your confirmation.'
  return isMailAddress(email)
    ? undefined
    : 'This is not a mail address. It should look like name@example.com.'
}

function cardError(card: string): string | undefined {
  const digits = cardDigits(card)
  if (!digits) return 'Enter your card number.'
  if (!hasCardLength(digits)) return 'A card number has 13 to 19 digits.'
  return isCardNumber(digits) ? undefined : 'This card number has a typing error. Please check the digits.'
}

export const hasErrors = (errors: FieldErrors) => Object.keys(errors).length > 0

/** Puts the messages of the API's answer next to the fields that they are about. */
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
