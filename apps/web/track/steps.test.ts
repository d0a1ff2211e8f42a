import { OrderStatus } from 'kafka-restaurants-contracts'
import { describe, expect, test } from 'vitest'
import type { ShownOrder } from './shown-order.ts'
import { steps, timeline } from './steps.ts'

const order: ShownOrder = {
  status: 'paid',
  history: [],
  restaurant: 'Olive & Thyme',
  email: 'd…@example.com',
  cardLast4: '4242',
  lines: [],
  tip: '',
  total: '€25.00',
}
const placed = { status: 'placed', at: '2026-11-21T12:00:00.000Z' } as const
const paid = { status: 'paid', at: '2026-11-21T12:00:01.000Z' } as const
const declined = { status: 'declined', at: '2026-11-21T12:00:01.000Z' } as const

describe('the timeline', () => {
  test('of a placed order says that the payment comes next', () => {
    expect(timeline({ status: 'placed', history: [placed] })).toEqual([
      { title: 'Placed', at: placed.at, mark: 'done' },
      { title: 'Payment', comes: 'is on its way…', mark: 'awaited' },
    ])
  })

  test.each([
    ['queued', 'Cooking awaited'],
    ['cooking', 'Ready awaited'],
    ['ready', 'Ready done'],
  ] as const)('of an order that is %s ends with: %s', (status, end) => {
    const { title, mark } = timeline({ status, history: [placed, paid, { status }] }).at(-1) ?? {}
    expect(`${title} ${mark}`).toBe(end)
  })

  test('of a decided order has what it has come to, and nothing else', () => {
    const marks = (status: OrderStatus, history: ShownOrder['history']) =>
      timeline({ status, history }).map(({ title, mark }) => `${title} ${mark}`)
    expect(marks('paid', [placed, paid])).toEqual(['Placed done', 'Paid done'])
    expect(marks('declined', [placed, declined])).toEqual(['Placed done', 'Declined failed'])
    expect(marks('paid', [paid])).toEqual(['Paid done'])
  })
})

describe('what is said', () => {
  test('of a paid order names the amount, the card and where the mail goes, as far as they are known', () => {
    expect(steps.paid.says(order)).toBe(
      '€25.00 was charged to your card ending in 4242. The mail goes to d…@example.com.',
    )
    expect(steps.paid.says({ ...order, total: '', cardLast4: '', email: '' })).toBe(
      'It was charged to your card.',
    )
  })

  test('of a declined order names the reason in words, and that nothing was charged', () => {
    expect(steps.declined.says({ ...order, reason: 'insufficient_funds' })).toBe(
      'There is not enough money on your card. Nothing was charged, and Olive & Thyme will not cook this order.',
    )
    expect(steps.declined.says({ ...order, restaurant: '' })).toBe(
      'The bank declined the payment. Nothing was charged, and the restaurant will not cook this order.',
    )
  })

  test('of a queued order is its place in line, where that is known, and what was charged', () => {
    expect(steps.queued.says({ ...order, placeInLine: 3 })).toBe(
      'You are number 3 in line at Olive & Thyme. €25.00 was charged to your card ending in 4242.',
    )
    expect(steps.queued.says({ ...order, restaurant: '' })).toMatch(/^It waits in line\. €25/)
  })

  test.each(OrderStatus.options)('of an order that is %s is a sentence, whatever is not known', status => {
    const unknown = { ...order, restaurant: '', email: '', cardLast4: '', total: '' }
    expect(steps[status].says(unknown)).toMatch(/^[A-Z](?!.*(undefined| {2}| [.,])).*\.$/)
  })
})
