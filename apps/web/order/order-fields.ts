import {
  cardDigits,
  hasCardLength,
  isCardNumber,
  isMailAddress,
  type Problem,
  type Total,
} from 'kafka-restaurants-contracts'
import type { Cart } from './cart.ts'

/** What the diner filled in: all that an order depends on. */
export interface OrderContents {
  restaurant: string
  restaurantName: string
  email: string
  card: string
  cart: Cart
  /** What the page shows that all of it comes to. */
  total: Total
}

/** What is wrong, by the field it is shown next to; `form` is for what belongs to none. */
export interface FieldErrors {
  items?: string
  email?: string
  card?: string
  form?: string[]
}

/** What the page can tell by itself, before anything is sent: nothing that the API would see otherwise. */
export function checkOrder({ email, card, cart }: OrderContents): FieldErrors {
  const errors: FieldErrors = {}
  if (Object.keys(cart).length === 0) errors.items = 'Choose at least one dish.'

  if (!email.trim()) errors.email = 'Enter the mail address for your confirmation.'
  else if (!isMailAddress(email.trim())) {
    errors.email = 'This is not a mail address. It should look like name@example.com.'
  }

  const digits = cardDigits(card)
  if (!digits) errors.card = 'Enter your card number.'
  else if (!hasCardLength(digits)) errors.card = 'A card number has 13 to 19 digits.'
  else if (!isCardNumber(digits))
    errors.card = 'This card number has a typing error. Please check the digits.'
  return errors
}

/** The errors without those of a field: it was changed, so that what was said of it may no longer hold. */
export function withoutField(errors: FieldErrors, field: 'items' | 'email' | 'card'): FieldErrors {
  const { [field]: _, ...others } = errors
  return others
}

export const hasErrors = (errors: FieldErrors) => Object.keys(errors).length > 0

/** Puts the messages of the API's answer next to the fields that they are about. */
export function problemErrors(problem: Problem): FieldErrors {
  const errors: FieldErrors = {}
  for (const { field, message } of problem.errors ?? []) {
    const target = targets[field.split(/[.[]/)[0] ?? '']
    if (target) errors[target] = [errors[target], sentence(message)].filter(Boolean).join(' ')
    else errors.form = [...(errors.form ?? []), sentence(field ? `${field}: ${message}` : message)]
  }
  return errors
}

const targets: Record<string, 'items' | 'email' | 'card' | undefined> = {
  items: 'items',
  email: 'email',
  creditCard: 'card',
  cardLast4: 'card',
}

function sentence(message: string): string {
  const text = message.trim()
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}
