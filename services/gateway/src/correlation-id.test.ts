import { expect, it } from 'vitest'
import { correlationId } from './correlation-id.ts'

const of = (headers: Record<string, string>) =>
  correlationId(name => headers[name], ['Kong-Request-ID', 'X-Request-ID'])

it('the id is that of the first header that is there, else a new one', () => {
  expect(of({ 'Kong-Request-ID': 'k', 'X-Request-ID': 'x' })).toEqual({ id: 'k', isGiven: true })
  expect(of({ 'X-Request-ID': 'x' })).toEqual({ id: 'x', isGiven: true })
  expect(of({})).toEqual({ id: expect.stringMatching(/^[\da-f-]{36}$/), isGiven: false })
})

it.each([
  ['', 'empty'],
  ['a'.repeat(129), 'longer than 128'],
  ['a'.repeat(10_000), 'far too long'],
  ['a\r\nX-Evil: 1', 'line breaks'],
  ['a b', 'a blank'],
  ['../replies', 'a slash'],
  ['ü', 'no ASCII'],
  ['{{x}}', 'braces'],
])('%#: an id with %s is refused, and not repeated', id => {
  expect(() => of({ 'X-Request-ID': id })).toThrow(
    expect.objectContaining({ status: 400, message: 'Invalid X-Request-ID' }),
  )
})
