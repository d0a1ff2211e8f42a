import { expect, test } from 'vitest'
import { isOwnForm } from './own-form.ts'

const sent = (headers: Record<string, string>) => isOwnForm(new Headers({ host: 'food.test', ...headers }))

test.each([
  { origin: 'https://food.test' },
  { origin: 'http://food.test', 'sec-fetch-site': 'same-origin' },
  { host: 'web:3000', 'x-forwarded-host': 'food.test:8080', origin: 'http://food.test:8080' },
] as Record<string, string>[])('takes a form that was sent by %j', headers => {
  expect(sent(headers)).toBe(true)
})

test.each([
  {},
  { origin: 'null' },
  { origin: '' },
  { origin: 'https://evil.test' },
  { origin: 'https://food.test.evil.test' },
  { origin: 'https://food.test:444' },
  { origin: 'https://food.test', 'sec-fetch-site': 'cross-site' },
  { origin: 'https://food.test', 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'same-origin' },
  { referer: 'https://food.test/ops' },
] as Record<string, string>[])('takes none that was sent by %j', headers => {
  expect(sent(headers)).toBe(false)
})
