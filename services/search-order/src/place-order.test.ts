import { flatAmountCents, type PlaceOrder } from 'kafka-restaurants-contracts'
import { describe, expect, it } from 'vitest'
import { figTree } from '../tests/fig-tree.ts'
import { fingerprint, orderIdFor, priceItems } from './place-order.ts'

const body: PlaceOrder = { restaurant: 'fig', email: 'a@example.com', creditCard: '4242424242424242' }

describe('an order', () => {
  it('costs what the menu says', () => {
    const wanted = [
      { id: 'soup', quantity: 2 },
      { id: 'bread', quantity: 3 },
    ]
    expect(priceItems(figTree, wanted)).toMatchObject({ amountCents: 1450 })
  })
  it('costs the flat amount without items', () => {
    expect(priceItems(figTree)).toEqual({ items: [], amountCents: flatAmountCents })
  })
  it('names every dish that is not on the menu', () => {
    const wanted = ['soup', 'cake', 'tea'].map(id => ({ id, quantity: 1 }))
    expect(priceItems(figTree, wanted)).toEqual({
      faults: [
        { field: 'items.1.id', message: `${figTree.name} has no dish "cake"` },
        { field: 'items.2.id', message: `${figTree.name} has no dish "tea"` },
      ],
    })
  })
  describe('with choices', () => {
    const pizza = {
      id: 'pizza',
      name: 'Pizza',
      description: '',
      vegetarian: false,
      priceCents: 900,
      options: [
        {
          name: 'Size',
          least: 1,
          most: 1,
          choices: [
            { id: 'small', name: 'Small', priceCents: 0 },
            { id: 'large', name: 'Large', priceCents: 300 },
          ],
        },
        {
          name: 'Extras',
          least: 0,
          most: 2,
          choices: ['Olives', 'Egg', 'Basil'].map(name => ({ id: name.toLowerCase(), name, priceCents: 50 })),
        },
      ],
    }
    const forno = { ...figTree, name: 'Forno', menu: [pizza] }
    const priced = (...choices: string[]) => priceItems(forno, [{ id: 'pizza', quantity: 2, choices }])
    it('costs what they cost, and says what they are as the menu does', () => {
      expect(priced('egg', 'large', 'olives')).toEqual({
        items: [
          { id: 'pizza', name: 'Pizza', quantity: 2, price_cents: 1300, choices: ['Large', 'Olives', 'Egg'] },
        ],
        amountCents: 2600,
      })
      expect(priced('small')).toMatchObject({ amountCents: 1800 })
    })
    it.each([
      [[], 'choose 1 of "Size": small, large'],
      [['small', 'large'], 'choose 1 of "Size": small, large'],
      [['small', 'olives', 'egg', 'basil'], 'choose 0 to 2 of "Extras": olives, egg, basil'],
      [['small', 'gold', 'silver'], 'there is no choice "gold", "silver"'],
      [['small', 'egg', 'egg'], 'a choice is there twice'],
    ])('is refused with %j', (choices, message) => {
      expect(priced(...choices)).toEqual({
        faults: [{ field: 'items.0.choices', message: `Pizza: ${message}` }],
      })
    })
    it('is another one with another choice', () => {
      const prints = [undefined, ['small'], ['large']].map(choices =>
        fingerprint({ ...body, items: [{ id: 'pizza', quantity: 1, ...(choices && { choices }) }] }),
      )
      expect(new Set(prints).size).toBe(3)
    })
  })
  it('has the same id for the same key and secret, and another for others', () => {
    expect(orderIdFor('k1', 's')).toBe(orderIdFor('k1', 's'))
    expect(new Set([orderIdFor('k1', 's'), orderIdFor('k2', 's'), orderIdFor('k1', 't')]).size).toBe(3)
    expect(orderIdFor('k1', 's')).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  })
  it('has the fingerprint of before there were details, where it has none', () => {
    expect(fingerprint(body)).toBe('K6naayIgy-w2_Y5SxDLR2Z_tcQwPLnOaQwFQEEYIESk')
  })
  it('is the same when only the sealing or the total seen differs, and another with another dish or diner', () => {
    const sealed = (ciphertext: string) => {
      const creditCard = `eyJ9..${'i'.repeat(16)}.${ciphertext}.${'t'.repeat(22)}`
      return { ...body, creditCard, cardLast4: '4242' }
    }
    const total = { amountCents: 780, currency: 'EUR' }
    expect(fingerprint(sealed('one'))).toBe(fingerprint(sealed('other')))
    expect(fingerprint(body)).toBe(fingerprint({ ...body, restaurant: ' FIG', total }))
    expect(fingerprint(body)).not.toBe(fingerprint({ ...body, email: 'b@example.com' }))
    expect(fingerprint(body)).not.toBe(fingerprint({ ...body, items: [{ id: 'soup', quantity: 1 }] }))
    expect(fingerprint(body)).not.toBe(fingerprint({ ...body, tipCents: 100 }))
    const address = { street: 'Olive Street 5', city: 'Berlin' }
    const there = fingerprint({ ...body, fulfilment: 'delivery', address })
    expect(there).not.toBe(
      fingerprint({ ...body, fulfilment: 'delivery', address: { ...address, city: 'Bonn' } }),
    )
  })
})
