import { expect, test } from 'vitest'
import { cartLines, lineId, offered, readLineId, totalCents, withQuantity } from './cart.ts'

const dish = (id: string, priceCents: number) => ({
  id,
  name: id,
  description: '',
  vegetarian: false,
  priceCents,
})
const menu = [dish('soup', 650), dish('bread', 199)]

test('the total is every dish times its quantity', () => {
  const cart = withQuantity(withQuantity({}, 'bread', 3), 'soup', 2)
  expect(totalCents(cartLines(cart, menu))).toBe(2 * 650 + 3 * 199)
})

test('lines keep the order of the menu', () => {
  const cart = withQuantity(withQuantity({}, 'bread', 1), 'soup', 1)
  expect(cartLines(cart, menu).map(line => line.dish.id)).toEqual(['soup', 'bread'])
})

test('a quantity of zero takes the dish out', () => {
  expect(withQuantity({ soup: 1 }, 'soup', 0)).toEqual({})
})

test('quantities stay whole, between none and 99', () => {
  expect(withQuantity({}, 'soup', 1000)).toEqual({ soup: 99 })
  expect(withQuantity({}, 'soup', -3)).toEqual({})
  expect(withQuantity({}, 'soup', 2.9)).toEqual({ soup: 2 })
  expect(withQuantity({ soup: 4 }, 'soup', Number.NaN)).toEqual({})
})

test('what the menu does not offer is not charged', () => {
  expect(cartLines({ caviar: 1 }, menu)).toEqual([])
})

test('what the menu does not offer any more leaves the cart', () => {
  expect(offered({ soup: 2, caviar: 1 }, menu)).toEqual({ soup: 2 })
})

const size = {
  name: 'Size',
  least: 1,
  most: 1,
  choices: [
    { id: 'small', name: 'Small', priceCents: 0 },
    { id: 'large', name: 'Large', priceCents: 300 },
  ],
}
const extras = {
  name: 'Extras',
  least: 0,
  most: 1,
  choices: ['Egg', 'Olives'].map(name => ({ id: name.toLowerCase(), name, priceCents: 50 })),
}
const pizza = { ...dish('pizza', 900), options: [size, extras] }

test('a dish is a line for each of its choices, and costs what they cost', () => {
  const cart = withQuantity(
    withQuantity({}, lineId('pizza', ['large', 'egg']), 2),
    lineId('pizza', ['small']),
    1,
  )
  expect(cart).toEqual({ 'pizza:egg,large': 2, 'pizza:small': 1 })
  expect(cartLines(cart, [pizza]).map(({ choices, cents }) => [choices, cents])).toEqual([
    [['Large', 'Egg'], 2 * 1250],
    [['Small'], 900],
  ])
  expect(lineId('pizza', ['egg', 'large'])).toBe(lineId('pizza', ['large', 'egg']))
  expect(readLineId('pizza:egg,large')).toEqual({ dishId: 'pizza', choices: ['egg', 'large'] })
  expect(readLineId('soup')).toEqual({ dishId: 'soup', choices: [] })
})

test.each(['pizza', 'pizza:gold', 'pizza:large,small', 'pizza:egg,olives,small', 'pizza:egg', 'soup:large'])(
  '%s can not be had (any more), and leaves the cart',
  line => expect(offered({ [line]: 1 }, [pizza, ...menu])).toEqual({}),
)
