import { TrackedOrder } from 'kafka-restaurants-contracts'
import { createTranslator } from 'next-intl'
import { expect, test } from 'vitest'
import en from '../i18n/messages/en.json' with { type: 'json' }
import { orderOfReceipt, shownOrder } from './shown-order.ts'
import { timeline } from './steps.ts'

const english = createTranslator({ locale: 'en', messages: en, namespace: 'status' })
const tracked: TrackedOrder = {
  orderId: '0b0ad4c4-63a1-8d0f-9d4b-2f3f2c1f9a11',
  status: 'placed',
  restaurant: 'Olive & Thyme',
  email: 'd…@example.com',
  cardLast4: '4242',
  items: [{ name: 'Masabacha', quantity: 2, price_cents: 1250 }],
  amountCents: 2500,
  currency: 'JPY',
  history: [],
}
const receipt = {
  email: 'diner@example.com',
  restaurant: 'Olive & Thyme',
  total: '¥2,500',
  page: 'olive-and-thyme',
  key: 'k',
}

test('amounts are shown in the currency of the order', () => {
  const { lines, total } = shownOrder(tracked, undefined, 'en')
  expect(lines).toEqual([{ name: 'Masabacha', quantity: 2, cost: '¥2,500' }])
  expect(total).toBe('¥2,500')
})

test('amounts are written as the language of the page does', () => {
  const { total } = shownOrder({ ...tracked, currency: 'EUR' }, undefined, 'he')
  expect(total.replace(/[\u200e\u200f]/g, '')).toBe('25.00\u00a0€')
})

test.each([
  { currency: 'eur', total: '€25.00' },
  { currency: '', total: '€25.00' },
  { currency: 'pts', total: 'PTS\u00a025.00' },
])('an order of others is shown, whatever it takes for a currency: %j', ({ currency, total }) => {
  expect(shownOrder(TrackedOrder.parse({ ...tracked, currency }), undefined, 'en').total).toBe(total)
})

test('what was paid besides the dishes is the tip', () => {
  expect(shownOrder(tracked, undefined, 'en').tip).toBe('')
  expect(shownOrder({ ...tracked, amountCents: 2750 }, undefined, 'en').tip).toBe('¥250')
  expect(shownOrder({ ...tracked, amountCents: 2000, items: [] }, undefined, 'en').tip).toBe('')
})

test('an order whose amount no record has told has none', () => {
  const { amountCents: _, currency: __, ...rest } = tracked
  expect(shownOrder({ ...rest, items: [] }, undefined, 'en')).toMatchObject({ total: '', lines: [] })
})

test('the whole mail address is shown to the tab alone that has ordered', () => {
  expect(shownOrder(tracked, undefined, 'en').email).toBe('d…@example.com')
  expect(shownOrder(tracked, receipt, 'en').email).toBe('diner@example.com')
})

test('the tab that has ordered knows of the order before tracking does', () => {
  const shown = orderOfReceipt(receipt)
  expect(shown).toMatchObject({ restaurant: 'Olive & Thyme', total: '¥2,500', email: 'diner@example.com' })
  expect(timeline(shown, english).map(({ title }) => title)).toEqual(['Placed', 'Payment'])
})
