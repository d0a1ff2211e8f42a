import type { DeadLetter } from 'kafka-restaurants-kafka/dead-letters'
import { expect, it } from 'vitest'
import { listText, rawValue, refusedText, showText } from './text.ts'

const id = 'order.dead-letters-0@0'
const letter: DeadLetter = {
  id,
  at: '2026-01-02T03:04:05.678Z',
  source: 'order-0@7',
  group: 'transaction-service',
  attempts: 1,
  redriven: 0,
  masked: false,
  cut: '',
  reason: 'the value is not JSON',
  parkedAt: '',
}

const found = (value: Buffer | string, headers: Record<string, string> = {}) => ({
  state: 'open' as const,
  record: {
    topic: 'order.dead-letters',
    partition: 0,
    offset: '0',
    timestamp: '0',
    key: Buffer.from('k'),
    value: Buffer.from(value),
    isTombstone: false,
    headers,
    rawHeaders: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [Buffer.from(value)]]),
    ),
    reference: '',
  },
})

it('counts the listed by reason, the most frequent first', () => {
  const other = { ...letter, reason: 'the value is no order: email: is missing' }
  expect(listText([other, letter, letter], 'open').split('\n').slice(-3)).toEqual([
    '3 open:',
    '      2  the value is not JSON',
    '      1  the value is no order: email: is missing',
  ])
  expect(listText([], 'parked')).toBe('No dead letter is parked.')
})

it('never lets a record steer the terminal', () => {
  const steering = '\u001b[2Jgone'
  for (const text of [
    listText([{ ...letter, reason: steering }], 'open'),
    showText(id, found(steering, { [steering]: steering })),
  ]) {
    expect(text).not.toContain('\u001b')
    expect(text).toContain('\\x1b[2Jgone')
  }
})

it('shows text as text, and what is none as a hex dump', () => {
  expect(showText(id, found('{"é": 1}\n'))).toContain('value, 10 bytes:\n{"é": 1}')
  const binary = Buffer.from([0xff, 0, ...Buffer.from('abcdefghijklmnopq')])
  expect(showText(id, found(binary)).split('\n').slice(-2)).toEqual([
    '00000000  ff 00 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e  ..abcdefghijklmn',
    '00000010  6f 70 71                                         opq',
  ])
  expect(showText(id, { ...found(''), record: { ...found('').record, isTombstone: true } })).toMatch(
    /tombstone/,
  )
})

it('leaves out the end of what is long, and says so', () => {
  expect(showText(id, found('x'.repeat(5_000)))).toMatch(
    /x{4000}\n… and 1000 characters more; --raw writes all\.$/,
  )
  expect(showText(id, found(Buffer.alloc(1_000, 0xff)))).toMatch(
    /\n… and 488 bytes more; --raw writes all\.$/,
  )
})

it('shows no card number, wherever it stands', () => {
  const card = '4242424242424242'
  const text = showText(id, found(`paid with ${card}`, { note: card }))
  expect(text).not.toContain(card)
  expect(text).toContain('note: ************4242')
  expect(showText(id, found(Buffer.from(`\xff${card}`, 'latin1')))).not.toContain(card)
  expect(rawValue(found(card)).toString()).toBe('************4242')
})

it('gives the stored bytes where a service has masked them', () => {
  const stored = '1234567890123452 was masked'
  expect(rawValue(found(stored, { dead_letter_masked: 'card-number' })).toString()).toBe(stored)
})

it('says why once for all that were refused for it', () => {
  const why = 'it was redriven or parked before'
  expect(refusedText([{ id, why }])).toBe(`${id} is left as it is: ${why}.`)
  expect(refusedText([1, 2].map(offset => ({ id: `order.dead-letters-0@${offset}`, why })))).toBe(
    `2 are left as they are: ${why}.\n  order.dead-letters-0@1\n  order.dead-letters-0@2`,
  )
})
