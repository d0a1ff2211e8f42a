import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { forgetOrders, type OwnOrder, ownOrders, rememberOrder } from './own-orders.ts'

let stored: string | null = null
beforeEach(() => {
  stored = null
  vi.stubGlobal('localStorage', {
    getItem: () => stored,
    setItem: (_name: string, text: string) => {
      stored = text
    },
    removeItem: () => {
      stored = null
    },
  })
})
afterEach(() => vi.unstubAllGlobals())

const order = (number: number): OwnOrder => ({
  orderId: `0b0ad4c4-63a1-4d0f-9d4b-${String(number).padStart(12, '0')}`,
  restaurant: `Restaurant ${number}`,
  total: '€25.00',
  at: new Date(Date.UTC(2026, 10, 21) + number * 60_000).toISOString(),
})

test('what was ordered, and where, is kept to order it again', () => {
  const again = { ...order(1), page: 'fig', cart: { soup: 2 } }
  rememberOrder(again)
  rememberOrder(order(2))
  expect(ownOrders()).toEqual([order(2), again])
})

test('orders are listed newest first, and no more than 50', () => {
  for (let number = 1; number <= 52; number++) rememberOrder(order(number))
  expect(ownOrders().map(({ restaurant }) => restaurant)).toEqual(
    Array.from({ length: 50 }, (_, index) => `Restaurant ${52 - index}`),
  )
})

test('an order whose answer came twice is one', () => {
  rememberOrder(order(1))
  rememberOrder({ ...order(1), at: order(9).at })
  expect(ownOrders()).toEqual([order(1)])
})

test('they are forgotten when asked to', () => {
  rememberOrder(order(1))
  forgetOrders()
  expect(ownOrders()).toEqual([])
  expect(stored).toBeNull()
})

test.each(['', 'no JSON', '"text"', '{}', 'null'])('a storage that holds %j holds no orders', text => {
  stored = text
  expect(ownOrders()).toEqual([])
})

test('what is no order is left out, and what else it says is not read', () => {
  const odd = [null, 7, { ...order(2), orderId: '../elsewhere' }, { ...order(3), at: 'yesterday' }]
  stored = JSON.stringify([...odd, { ...order(1), email: 'diner@example.com' }])
  expect(ownOrders()).toEqual([order(1)])
})
