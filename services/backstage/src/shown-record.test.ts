import { describe, expect, it } from 'vitest'
import { shownValue } from './shown-record.ts'

const sealed = `eyJhbGciOiJFQ0RILUVTIn0..${'i'.repeat(16)}.${'c'.repeat(40)}.${'t'.repeat(22)}`
const personal = {
  name: 'Dana Cohen',
  phone: '+49 30 1234567',
  address: { street: 'Olive Street 5', city: 'Berlin' },
  note: 'ring twice, Dana',
}
const order = {
  order_id: 'one',
  restaurant: 'Fig',
  email: 'dana@example.com',
  credit_card: sealed,
  card_last4: '4242',
  items: [{ id: 'soup', name: 'Soup', quantity: 2, price_cents: 500, for: 'Dana Cohen' }],
  amount_cents: 1000,
  ...personal,
}
const shown = (value: unknown, id = 'one') => shownValue(JSON.stringify(value), id)

describe('of a record', () => {
  it('what is personal is hidden, and the card stays sealed', () => {
    const value = shown(order)
    expect(value).toMatchObject({
      restaurant: 'Fig',
      email: 'd…@example.com',
      card_last4: '4242',
      items: [{ id: 'soup', name: 'Soup', quantity: 2, price_cents: 500 }],
    })
    expect(value?.credit_card).toBe(`${sealed.slice(0, 24)}… (${sealed.length} characters)`)
    expect(JSON.stringify(value)).not.toMatch(/Dana|dana@|1234567|Olive Street|Berlin|twice/)
  })
  it('nothing is shown that is not known to be harmless', () => {
    expect(
      shown({ order_id: 'one', mother: 'Ruth', credit_card: '4242424242424242', reason: { a: 1 } }),
    ).toEqual({ order_id: 'one', mother: '…', credit_card: '…', reason: '…' })
    expect(shown({ order_id: 'one', email: 'no address at all' })).toEqual({ order_id: 'one', email: '…' })
  })
  it('with several outcomes there is its own alone', () => {
    expect(shown([{ order_id: 'other', restaurant: 'Elm' }, order])).toMatchObject({ restaurant: 'Fig' })
    expect(shown([{ order_id: 'other' }])).toBeUndefined()
    expect(shown({ order_id: 'other' })).toBeUndefined()
  })
  it('that is a command, its message is shown by the same rules', () => {
    const message = JSON.stringify({ restaurant: 'Fig', items: order.items, ...personal })
    expect(shown({ id: 'one', message, fence: 3 })).toEqual({
      id: 'one',
      fence: 3,
      message: {
        restaurant: 'Fig',
        items: [{ id: 'soup', name: 'Soup', quantity: 2, price_cents: 500 }],
        name: '…',
        phone: '…',
        address: '…',
        note: '…',
      },
    })
    expect(shown({ id: 'one', message: 'for Dana' })).toEqual({ id: 'one', message: '…' })
  })
  it.each(['', '{', 'null', '[1]', '"one"'])('that is none, nothing is shown: %j', value => {
    expect(shownValue(value, 'one')).toBeUndefined()
  })
})
