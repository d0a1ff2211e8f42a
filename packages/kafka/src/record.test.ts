import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'
import { deadLetter } from './dead-letter.ts'
import { type InputRecord, readJson } from './record.ts'

const record = (value: string | Buffer): InputRecord => ({
  topic: 'order',
  partition: 3,
  offset: '42',
  key: null,
  value: Buffer.from(value),
  headers: {},
  reference: 'order-3@42/1',
})

describe('a value', () => {
  it('is read as JSON', () => expect(readJson(record('{"a":1}'), 100)).toEqual({ a: 1 }))
  it('that is no JSON is refused without repeating it', () => {
    expect(() => readJson(record('card 4242424242424242'), 100)).toThrow(/^the value is not JSON$/)
  })
  it('that is too large is refused', () => expect(() => readJson(record('123'), 2)).toThrow('has 3 bytes'))
  it('that is a tombstone is refused', () => expect(() => readJson(record(''), 2)).toThrow('not JSON'))
})

describe('a dead letter', () => {
  const why = { reason: 'r', group: 'g', attempts: 2, at: new Date(0) }
  it('keeps bytes that are no text', () => {
    const bytes = Buffer.from([0, 255, 128, 10, 13, 200])
    expect(deadLetter(record(bytes), why)).toMatchObject({ value: bytes, topic: 'order.dead-letters' })
    expect(deadLetter(record(bytes), why).headers).not.toHaveProperty('dead_letter_masked')
  })
  it('masks a card number, and says so', () => {
    const letter = deadLetter(record('{"credit_card":"4242424242424242"}'), why)
    expect(letter.value.toString()).toBe('{"credit_card":"************4242"}')
    expect(letter.headers).toMatchObject({ dead_letter_masked: 'card-number', dead_letter_attempts: '2' })
  })
})

describe('backoff', () => {
  it('doubles up to five seconds, less a random part', () => {
    expect([1, 2, 3, 10].map(attempt => backoffMs(attempt, () => 0))).toEqual([200, 400, 800, 5000])
    expect(backoffMs(1, () => 1)).toBe(100)
  })
})
