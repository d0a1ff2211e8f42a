import { describe, expect, it } from 'vitest'
import type { Charge, Outcome } from '../chaos/check.ts'
import { faultsOf, type SentOrder, standstill, warningsSince } from './outcomes.ts'

const sent = (orderId: string, more: Partial<SentOrder> = {}): SentOrder => ({
  orderId,
  expected: 'confirmed',
  sentAt: 0,
  isWritten: true,
  ...more,
})
const confirmed = (orderId: string, at = 'order_confirm-0@0'): Outcome => ({
  at,
  kind: 'confirmed',
  orderId,
  email: 'bench@example.com',
  paymentId: `pay-${orderId}`,
})
const declined = (orderId: string): Outcome => ({
  at: 'order_declined-0@0',
  kind: 'declined',
  orderId,
  email: 'bench@example.com',
})
const charge = (orderId: string, outcome: Charge['outcome'] = 'accepted'): Charge => ({
  orderId,
  reference: 'order-0@0/0',
  outcome,
  paymentId: outcome === 'accepted' ? `pay-${orderId}` : null,
})
const none = { lost: [], twice: [], wrong: [] }

describe('orders', () => {
  it('are as they should with one outcome and one charge each', () => {
    const orders = [sent('a'), sent('b', { expected: 'declined' })]
    expect(faultsOf(orders, [confirmed('a'), declined('b')], [charge('a'), charge('b', 'declined')])).toEqual(
      none,
    )
  })

  it('are lost without an outcome or a charge, if they were written', () => {
    expect(faultsOf([sent('a')], [], [charge('a')])).toEqual({ ...none, lost: ['a'] })
    expect(faultsOf([sent('a')], [], [])).toEqual({ ...none, lost: ['a'] })
    expect(faultsOf([sent('a')], [confirmed('a')], [])).toEqual({ ...none, lost: ['a'], wrong: ['a'] })
    expect(faultsOf([sent('a', { isWritten: false })], [], [])).toEqual(none)
    expect(faultsOf([sent('a', { isWritten: false })], [], [charge('a')])).toEqual(none)
  })

  it('are there twice with several outcomes of any kind, or several charges', () => {
    const again = confirmed('a', 'order_confirm-0@7')
    expect(faultsOf([sent('a')], [confirmed('a'), again], [charge('a')])).toEqual({ ...none, twice: ['a'] })
    expect(faultsOf([sent('a')], [confirmed('a'), declined('a')], [charge('a')])).toEqual({
      ...none,
      twice: ['a'],
    })
    expect(faultsOf([sent('a')], [confirmed('a')], [charge('a'), charge('a')])).toEqual({
      ...none,
      twice: ['a'],
    })
  })

  it('are wrong with another outcome than the card or the ledger has, or where nobody sent them', () => {
    const wrong = { ...none, wrong: ['a'] }
    expect(faultsOf([sent('a')], [declined('a')], [charge('a', 'declined')])).toEqual(wrong)
    expect(faultsOf([sent('a')], [{ ...confirmed('a'), paymentId: 'other' }], [charge('a')])).toEqual(wrong)
    expect(faultsOf([sent('a')], [confirmed('a')], [charge('a', 'declined')])).toEqual(wrong)
    expect(faultsOf([], [confirmed('a')], [charge('a')])).toEqual(wrong)
    expect(faultsOf([], [], [charge('a')])).toEqual(wrong)
  })
})

describe('the longest standstill', () => {
  const seen = [100, 300, 500, 700, 900].flatMap(at => [
    { partition: 0, at },
    ...(at === 100 || at === 900 ? [{ partition: 1, at: at + 50 }] : []),
  ])

  it('is told of all partitions, and of the one that stood still for longest', () => {
    expect(standstill(seen, [0, 1_000])).toEqual({ ofAll: 200, ofOne: 800 })
  })

  it('is told of a part of the time, without what is before and behind it', () => {
    expect(standstill(seen, [200, 400])).toEqual({ ofAll: 100, ofOne: 200 })
    expect(standstill(seen, [200, 850])).toEqual({ ofAll: 200, ofOne: 650 })
  })

  it('is all of the time where nothing comes', () => {
    expect(standstill([], [0, 1_000])).toEqual({ ofAll: 1_000, ofOne: 1_000 })
  })
})

it('warnings are told from a time on, with why, and how often', () => {
  const line = (time: number, level: number, msg: string, message?: string) =>
    JSON.stringify({ time, level, msg, ...(message && { err: { message } }) })
  const log = [
    line(99, 40, 'refused', 'too old'),
    line(100, 40, 'refused', 'too old'),
    line(101, 30, 'joined'),
    'no JSON',
    line(102, 50, 'refused', 'too old'),
    line(103, 40, 'waits'),
    JSON.stringify({ time: 104, level: 40, msg: 'Response', reason: 'old epoch' }),
    '',
  ].join('\n')
  expect(warningsSince(log, 100)).toEqual(['2 x refused: too old', '1 x waits', '1 x Response: old epoch'])
  expect(warningsSince('', 0)).toEqual([])
})
