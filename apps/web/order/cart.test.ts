import { expect, test } from 'vitest'
import { cartLines, offered, totalCents, withQuantity } from './cart.ts'

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
