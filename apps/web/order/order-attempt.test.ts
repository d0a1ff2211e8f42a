import { expect, test } from 'vitest'
import { z } from 'zod'
import { attemptFor, randomUuid } from './order-attempt.ts'

const contents = {
  restaurant: 'olive-and-thyme',
  email: 'diner@example.com',
  card: '4242 4242 4242 4242',
  cart: { bread: 1, soup: 2 },
}

test('a retry of the same form keeps its key and its body', () => {
  const first = attemptFor(contents)
  expect(attemptFor({ ...contents }, first)).toBe(first)
})

test('spaces and the order of choosing make no other order', () => {
  const first = attemptFor(contents)
  const same = {
    ...contents,
    card: '4242424242424242',
    email: ' diner@example.com',
    cart: { soup: 2, bread: 1 },
  }
  expect(attemptFor(same, first)).toBe(first)
})

test.each([
  { email: 'other@example.com' },
  { card: '5555 5555 5555 4444' },
  { cart: { bread: 1, soup: 3 } },
  { restaurant: 'seoul-kitchen' },
])('changed contents get a new key: %j', changed => {
  const first = attemptFor(contents)
  const next = attemptFor({ ...contents, ...changed }, first)
  expect(next.key).not.toBe(first.key)
  expect(next.body).toBeUndefined()
})

test('keys are UUIDs, and each is new', () => {
  const keys = Array.from({ length: 100 }, () => randomUuid())
  for (const key of keys) expect(z.uuidv4().safeParse(key).success).toBe(true)
  expect(new Set(keys).size).toBe(100)
})
