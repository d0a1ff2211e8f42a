import { OrderStatus } from 'kafka-restaurants-contracts'
import { createTranslator } from 'next-intl'
import { describe, expect, test } from 'vitest'
import en from '../i18n/messages/en.json' with { type: 'json' }
import he from '../i18n/messages/he.json' with { type: 'json' }
import type { ShownOrder } from './shown-order.ts'
import { says, timeline } from './steps.ts'

const texts = {
  en: createTranslator({ locale: 'en', messages: en, namespace: 'status' }),
  he: createTranslator({ locale: 'he', messages: he, namespace: 'status' }),
}
const rows = (order: Parameters<typeof timeline>[0]) => timeline(order, texts.en)
const said = (order: ShownOrder) => says(order, texts.en, 'en')
const saidInHebrew = (order: ShownOrder) => says(order, texts.he, 'he')

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
    expect(rows({ status: 'placed', history: [placed] })).toEqual([
      { title: 'Placed', at: placed.at, mark: 'done' },
      { title: 'Payment', comes: 'is on its way…', mark: 'awaited' },
    ])
  })

  test.each([
    ['queued', 'Cooking awaited'],
    ['cooking', 'Ready awaited'],
    ['ready', 'Ready done'],
  ] as const)('of an order that is %s ends with: %s', (status, end) => {
    const { title, mark } = rows({ status, history: [placed, paid, { status }] }).at(-1) ?? {}
    expect(`${title} ${mark}`).toBe(end)
  })

  test('of a decided order has what it has come to, and nothing else', () => {
    const marks = (status: OrderStatus, history: ShownOrder['history']) =>
      rows({ status, history }).map(({ title, mark }) => `${title} ${mark}`)
    expect(marks('paid', [placed, paid])).toEqual(['Placed done', 'Paid done'])
    expect(marks('declined', [placed, declined])).toEqual(['Placed done', 'Declined failed'])
    expect(marks('paid', [paid])).toEqual(['Paid done'])
  })
})

describe('what is said', () => {
  test('of a paid order names the amount, the card and where the mail goes, as far as they are known', () => {
    expect(said({ ...order, status: 'paid' })).toBe(
      '€25.00 was charged to your card ending in 4242. The mail goes to d…@example.com.',
    )
    expect(said({ ...order, status: 'paid', total: '', cardLast4: '', email: '' })).toBe(
      'It was charged to your card.',
    )
  })

  test('of a declined order names the reason in words, and that nothing was charged', () => {
    expect(said({ ...order, status: 'declined', reason: 'insufficient_funds' })).toBe(
      'There is not enough money on your card. Nothing was charged, and Olive & Thyme will not cook this order.',
    )
    expect(said({ ...order, status: 'declined', restaurant: '' })).toBe(
      'The bank declined the payment. Nothing was charged, and the restaurant will not cook this order.',
    )
  })

  test('of a queued order is its place in line, where that is known, and what was charged', () => {
    expect(said({ ...order, status: 'queued', placeInLine: 3 })).toBe(
      'You are number 3 in line at Olive & Thyme. €25.00 was charged to your card ending in 4242.',
    )
    expect(said({ ...order, status: 'queued', restaurant: '' })).toMatch(/^It waits in line\. €25/)
  })

  test('in English lets a Hebrew name stand apart from the amount behind it', () => {
    expect(said({ ...order, status: 'queued', placeInLine: 3, restaurant: 'חומוס של אבא' })).toMatch(
      /^You are number 3 in line at \u2068חומוס של אבא\u2069\. €25\.00 was/,
    )
  })

  test.each(OrderStatus.options)('of an order that is %s is a sentence, whatever is not known', status => {
    const unknown = { ...order, restaurant: '', email: '', cardLast4: '', total: '' }
    expect(said({ ...unknown, status })).toMatch(/^[A-Z](?!.*(undefined| {2}| [.,])).*\.$/)
  })

  test('in Hebrew is whole sentences, in which a name of another script stands apart', () => {
    const hebrew = { ...order, total: '25.00 €' }
    expect(saidInHebrew(hebrew)).toBe(
      'הכרטיס שלך המסתיים בספרות \u20684242\u2069 חויב בסך \u206825.00 €\u2069. האישור נשלח במייל אל \u2068d…@example.com\u2069.',
    )
    expect(saidInHebrew({ ...hebrew, total: '', cardLast4: '', email: '' })).toBe('הכרטיס שלך חויב.')
    expect(saidInHebrew({ ...hebrew, status: 'declined', reason: 'insufficient_funds' })).toBe(
      'אין די כסף בכרטיס שלך. לא חויבת, ומסעדת \u2068Olive & Thyme\u2069 לא תכין את ההזמנה הזו.',
    )
    expect(saidInHebrew({ ...hebrew, status: 'queued', placeInLine: 3 })).toMatch(
      /^ההזמנה שלך במקום 3 בתור במסעדת \u2068Olive & Thyme\u2069\. /,
    )
  })

  test.each(OrderStatus.options)('in Hebrew of an order that is %s is a sentence, too', status => {
    const unknown = { ...order, restaurant: '', email: '', cardLast4: '', total: '' }
    expect(saidInHebrew({ ...unknown, status })).toMatch(/^[א-ת](?!.*(undefined|[A-Za-z]| {2}| [.,])).*\.$/)
    expect(texts.he(`${status}.title`)).not.toBe(texts.en(`${status}.title`))
  })
})
