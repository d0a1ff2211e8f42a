import { expect, test } from 'vitest'
import { popularDishes } from './popular.ts'

const order = (restaurant: string, ...names: string[]) => ({
  restaurant,
  items: names.map(name => ({ name, quantity: 9, price_cents: 100 })),
})
const times = (count: number, each: ReturnType<typeof order>) => Array.from({ length: count }, () => each)

test('what most orders have comes first, three dishes at most, each of one restaurant alone', () => {
  const popular = popularDishes([
    ...times(5, order('A', 'Soup', 'Bread', 'Soup')),
    ...times(6, order('A', 'Rice', 'Bread')),
    ...times(7, order('A', 'Fish', 'Cake')),
    ...times(8, order('B', 'Soup')),
  ])
  expect(popular.get('A')).toEqual([
    { name: 'Bread', orders: 11 },
    { name: 'Cake', orders: 7 },
    { name: 'Fish', orders: 7 },
  ])
  expect(popular.get('B')).toEqual([{ name: 'Soup', orders: 8 }])
})

test('what four diners ordered is not popular, however much each took', () => {
  expect(popularDishes(times(4, order('A', 'Soup', 'Soup'))).get('A')).toEqual([])
  expect(popularDishes([]).get('A')).toBeUndefined()
})
