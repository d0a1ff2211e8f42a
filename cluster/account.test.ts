import { expect, test } from 'vitest'
import { accountFor, longestGap } from './account.ts'

const order = (orderId: string) => ({ orderId, email: `${orderId}@example.com` })
const right = (...orderIds: string[]) => orderIds.map(orderId => ({ orderId, right: true }))

test('an order that was charged once, and has one outcome and one mail, is in order', () => {
  const traces = { charges: right('a', 'b'), outcomes: right('b', 'a'), mails: right('a', 'b') }
  expect(accountFor([order('a'), order('b')], traces)).toEqual({
    figures: '2 taken, 2 charged once, 2 outcomes, 2 mails, 0 lost, 0 twice',
    wrong: [],
  })
})

test('an order that lacks its outcome is lost', () => {
  const traces = { charges: right('a', 'b'), outcomes: right('a'), mails: right('a') }
  expect(accountFor([order('a'), order('b')], traces)).toEqual({
    figures: '2 taken, 2 charged once, 1 outcomes, 1 mails, 1 lost, 0 twice',
    wrong: ['b: 1 charges, 0 outcomes, 0 mails'],
  })
})

test('an order that was told twice is not in order', () => {
  const traces = { charges: right('a'), outcomes: right('a', 'a'), mails: right('a') }
  expect(accountFor([order('a')], traces)).toEqual({
    figures: '1 taken, 1 charged once, 0 outcomes, 1 mails, 0 lost, 1 twice',
    wrong: ['a: 1 charges, 2 outcomes, 1 mails'],
  })
})

test('an outcome that says the wrong thing is none', () => {
  const traces = { charges: right('a'), outcomes: [{ orderId: 'a', right: false }], mails: right('a') }
  expect(accountFor([order('a')], traces).figures).toContain('1 lost')
})

test('the longest gap is found in times of any order', () => {
  expect(longestGap([5, 100, 0, 20])).toBe(80)
  expect(longestGap([])).toBe(0)
})
