import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  forgetConfirmed,
  isFor,
  keepAttempt,
  keptAttempt,
  newAttempt,
  randomUuid,
  withTotal,
} from './order-attempt.ts'

const contents = {
  locale: 'he' as const,
  restaurant: 'olive-and-thyme',
  restaurantName: 'Olive & Thyme',
  email: 'diner@example.com',
  card: '4242 4242 4242 4242',
  cart: { bread: 1, soup: 2 },
  details: { name: 'Dana' },
  total: { amountCents: 1499, currency: 'EUR' },
}
const sealed = `eyJ9..${'i'.repeat(16)}.c1ph3r.${'t'.repeat(22)}`
const bodyWith = (creditCard: string) => ({
  restaurant: contents.restaurant,
  email: contents.email,
  creditCard,
  cardLast4: '4242',
  items: [{ id: 'bread', quantity: 1 }],
  total: contents.total,
})

test('the same form is the same attempt, whatever the spaces, the order of choosing, the price and the language', () => {
  const attempt = newAttempt(contents)
  expect(isFor(attempt, contents)).toBe(true)
  const same = {
    ...contents,
    card: '4242424242424242',
    email: ' diner@example.com',
    cart: { soup: 2, bread: 1 },
    total: { amountCents: 9999, currency: 'EUR' },
    locale: 'en' as const,
  }
  expect(isFor(attempt, same)).toBe(true)
})

test.each([
  { email: 'other@example.com' },
  { card: '5555 5555 5555 4444' },
  { card: '4000 0000 0000 4242' },
  { card: '' },
  { cart: { bread: 1, soup: 3 } },
  { restaurant: 'seoul-kitchen' },
  { details: { name: 'Dana', tipCents: 100 } },
])('changed contents are another attempt: %j', changed => {
  expect(isFor(newAttempt(contents), { ...contents, ...changed })).toBe(false)
})

test('a price that the diner agrees to goes with the same key', () => {
  const attempt = { ...newAttempt(contents), body: bodyWith(sealed) }
  const now = { amountCents: 7800, currency: 'EUR' }
  expect(withTotal(attempt, now)).toEqual({ ...attempt, body: { ...attempt.body, total: now } })
})

describe('over a reload', () => {
  const reloaded = (creditCard: string) => {
    keepAttempt('page', { ...newAttempt(contents), body: bodyWith(creditCard), openSince: 1 })
    return keptAttempt('page')
  }

  test('an attempt stays what it was, and its card need not be typed again', () => {
    const attempt = { ...newAttempt(contents), body: bodyWith(sealed), openSince: 1 }
    keepAttempt('page', attempt)
    const { digits: _, ...kept } = attempt
    const after = keptAttempt('page')
    expect(after).toEqual(kept)
    expect(after && isFor(after, { ...contents, card: '' })).toBe(true)
    expect(after && isFor(after, contents)).toBe(true)
    expect(after && isFor(after, { ...contents, card: '5555 5555 5555 4444' })).toBe(false)
  })

  test('no bare card number is kept; key and language are, for whoever types the card again', () => {
    const after = reloaded('4242424242424242')
    expect(after?.locale).toBe('he')
    expect(JSON.stringify(after)).not.toContain('42424242')
    expect(after && isFor(after, { ...contents, card: '' })).toBe(false)
    expect(after && isFor(after, contents)).toBe(true)
  })

  test('an answered one is forgotten, and each page has its own', () => {
    expect(reloaded(sealed)).toBeDefined()
    expect(keptAttempt('other page')).toBeUndefined()
    keepAttempt('page', undefined)
    expect(keptAttempt('page')).toBeUndefined()
  })
})

test('a confirmed order is forgotten, and no later one of the same page', () => {
  const later = { ...newAttempt(contents), openSince: 1 }
  keepAttempt('page', later)
  forgetConfirmed({ page: 'page', key: randomUuid() })
  expect(keptAttempt('page')?.key).toBe(later.key)
  forgetConfirmed({ page: 'page', key: later.key })
  expect(keptAttempt('page')).toBeUndefined()
})

test('keys are UUIDs, and each is new', () => {
  const keys = Array.from({ length: 100 }, () => randomUuid())
  for (const key of keys) expect(z.uuidv4().safeParse(key).success).toBe(true)
  expect(new Set(keys).size).toBe(100)
})
