import { describe, expect, test } from 'vitest'
import { checkOrder, hasErrors, problemErrors } from './order-fields.ts'

const good = {
  restaurant: 'olive-and-thyme',
  restaurantName: 'Olive & Thyme',
  total: { amountCents: 1150, currency: 'EUR' },
  email: 'diner@example.com',
  card: '4242 4242 4242 4242',
  cart: { masabacha: 1 },
}

describe('before anything is sent', () => {
  test('a complete order has no errors', () => {
    expect(hasErrors(checkOrder(good))).toBe(false)
  })

  test('each empty field says what it wants', () => {
    expect(checkOrder({ ...good, email: ' ', card: '', cart: {} })).toEqual({
      items: 'Choose at least one dish.',
      email: 'Enter the mail address for your confirmation.',
      card: 'Enter your card number.',
    })
  })

  test.each(['some=thing@example.com', 'user@münchen.de', ' diner@example.com '])('%s is one', email => {
    expect(hasErrors(checkOrder({ ...good, email }))).toBe(false)
  })

  test.each(['diner', 'diner@', 'a b@example.com', 'a@b-.com', `${'x'.repeat(65)}@example.com`])(
    '%s is no mail address',
    email => {
      expect(checkOrder({ ...good, email }).email).toMatch(/not a mail address/)
    },
  )

  test('a short card number and a mistyped one are told apart', () => {
    expect(checkOrder({ ...good, card: '4242' }).card).toMatch(/13 to 19 digits/)
    expect(checkOrder({ ...good, card: '4242 4242 4242 4243' }).card).toMatch(/typing error/)
    expect(checkOrder({ ...good, card: '0000 0000 0000 0000' }).card).toMatch(/typing error/)
  })
})

describe("the API's answer", () => {
  const problem = { type: 'about:blank', title: 'Invalid order', status: 422 }

  test('each message goes next to its field', () => {
    const errors = [
      { field: 'email', message: 'Invalid email address' },
      { field: 'creditCard', message: 'is no card number' },
      { field: 'items.0.quantity', message: 'too many' },
      { field: 'items[1].id', message: 'not on the menu' },
    ]
    expect(problemErrors({ ...problem, errors })).toEqual({
      email: 'Invalid email address.',
      card: 'Is no card number.',
      items: 'Too many. Not on the menu.',
    })
  })

  test('a message about a field that the page does not show is not lost', () => {
    const errors = [{ field: 'restaurant', message: 'is closed' }]
    expect(problemErrors({ ...problem, errors })).toEqual({ form: ['Restaurant: is closed.'] })
  })

  test('a problem without fields has no field errors', () => {
    expect(hasErrors(problemErrors(problem))).toBe(false)
  })
})
