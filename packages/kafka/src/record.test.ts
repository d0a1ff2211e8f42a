import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { IHeaders } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { deadLetter } from './dead-letters/dead-letter.ts'
import { causalHeaders, type InputRecord, inputRecord, parseRecord } from './record.ts'

const record = (value: string | Buffer): InputRecord => ({
  topic: 'order',
  partition: 3,
  offset: '42',
  key: null,
  value: Buffer.from(value),
  isTombstone: false,
  headers: {},
  timestamp: '0',
  rawHeaders: {},
  reference: 'order-3@42/1',
})
const why = { error: new UnreadableRecordError('r', { seen: '1' }), group: 'g', attempts: 2, at: new Date(0) }
const Shape = z.object({ a: z.int() })
const read = (value: string, maxBytes = 100) => parseRecord(record(value), Shape, { what: 'shape', maxBytes })

describe('a value', () => {
  it('is read as JSON', () => expect(read('{"a":1}')).toEqual({ a: 1 }))
  it('may begin with a byte order mark', () => expect(read('\uFEFF{"a":1}')).toEqual({ a: 1 }))
  it('that is no JSON is refused without repeating it', () => {
    expect(() => read('card 4242424242424242')).toThrow(/^the value is not JSON$/)
  })
  it('of another shape is refused by the names of its faulty fields', () => {
    expect(() => read('{"a":"4242424242424242"}')).toThrow(/^the value is no shape: a: [^4]*$/)
  })
  it('with very many faults is refused by the first of them', () => {
    const List = z.object({ items: z.array(z.object({ id: z.string() })) })
    const many = (count: number) => record(JSON.stringify({ items: Array.from({ length: count }, () => 0) }))
    const reason = (count: number) => () => parseRecord(many(count), List, { what: 'list', maxBytes: 1e7 })
    expect(reason(30)).toThrow(/^the value is no list: items\.0: .*items\.19: .*; and 10 more$/)
    expect(reason(400_000)).toThrow(UnreadableRecordError)
  })
  it('that is too large is refused', () => expect(() => read('123', 2)).toThrow('has 3 bytes'))
  it('that is a tombstone is refused', () => expect(() => read('')).toThrow('not JSON'))
})

describe('headers', () => {
  it('without a value, or with the name of what every object has, do no harm', () => {
    const headers = {
      none: null,
      constructor: [Object, Buffer.from('x')],
      twice: [Buffer.from('a'), Buffer.from('b')],
    } as unknown as IHeaders
    const message = { ...record('{}'), timestamp: '1', attributes: 0, headers }
    const read = inputRecord('order', 3, message)
    expect(read.headers).toEqual({ none: '', constructor: 'x', twice: 'b' })
    expect(deadLetter(read, why).headers).toMatchObject({ twice: [Buffer.from('a'), Buffer.from('b')] })
  })
})

describe('the headers that say what caused a record', () => {
  it('are taken over whatever the case of their names', () => {
    expect(causalHeaders({ Traceparent: '00-a-b-01', CORRELATION_ID: 'c', other: 'x' })).toEqual({
      traceparent: '00-a-b-01',
      correlation_id: 'c',
    })
  })
  it('are made up where there are none', () => {
    expect(causalHeaders()).toEqual({
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
      correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })
})

describe('a dead letter', () => {
  const why = {
    error: new UnreadableRecordError('r', { seen: '1' }),
    group: 'g',
    attempts: 2,
    at: new Date(0),
  }
  it('keeps bytes that are no text', () => {
    const bytes = Buffer.from([0, 255, 128, 10, 13, 200])
    expect(deadLetter(record(bytes), why)).toMatchObject({ value: bytes, topic: 'order.dead-letters' })
    expect(deadLetter(record(bytes), why).headers).not.toHaveProperty('dead_letter_masked')
  })
  it('masks a card number, and says so', () => {
    const bare = record('{"credit_card":"4242424242424242"}')
    expect(deadLetter(bare, { ...why, maskCards: false }).value).toEqual(bare.value)
    const letter = deadLetter(bare, why)
    expect(String(letter.value)).toBe('{"credit_card":"************4242"}')
    expect(letter.headers).toMatchObject({ dead_letter_masked: 'card-number', dead_letter_attempts: '2' })
  })
  it.each(['4242  4242  4242  4242', '4242\u00a04242\u00a04242\u00a04242', '4242 – 4242\t4242-4242'])(
    'masks it however it is grouped, in key, value and headers: %j',
    grouped => {
      const value = Buffer.from(`{"note":"Zoë paid with ${grouped}"}`)
      const rawHeaders = { [grouped]: [Buffer.from(grouped)] }
      const letter = deadLetter({ ...record(value), key: Buffer.from(grouped), rawHeaders }, why)
      const masked = grouped.replace(/\d(?=(?:\D*\d){4})/g, '*')
      expect(String(letter.value)).toBe(`{"note":"Zoë paid with ${masked}"}`)
      expect(String(letter.key)).toBe(masked)
      expect(String(letter.headers?.[masked])).toBe(masked)
    },
  )
  it('of eight million digits is made, too', () => {
    expect(String(deadLetter(record('4'.repeat(8_000_000)), why).value)).toMatch(/^\*{1000}/)
  })
  it('has a reason that fits into a header', () => {
    const long = { ...why, error: new UnreadableRecordError('x'.repeat(1_000_000)) }
    expect(String(deadLetter(record('x'), long).headers?.dead_letter_reason)).toHaveLength(4_000)
  })
  it('keeps headers of any bytes, several of a name, and what the handler wants to read again', () => {
    const bytes = Buffer.from([0, 255])
    const rawHeaders = { origin: [bytes], twice: [Buffer.from('a'), Buffer.from('4242424242424242')] }
    const { headers } = deadLetter({ ...record('x'), rawHeaders }, why)
    expect(headers).toMatchObject({ origin: [bytes], seen: '1', dead_letter_masked: 'card-number' })
    expect(String(headers?.twice)).toBe('a,************4242')
  })
  it('is made of a record that can not be masked, too, without what is in it', () => {
    const hostile = { ...record('4242424242424242'), rawHeaders: { a: [Buffer.from('4242424242424242')] } }
    hostile.value.toString = () => {
      throw new RangeError('Maximum call stack size exceeded')
    }
    const letter = deadLetter(hostile, why)
    expect(letter).toMatchObject({ key: null, value: null })
    expect(letter.headers).toMatchObject({
      dead_letter_reason: 'r',
      dead_letter_offset: '42',
      dead_letter_cut: 'all of it, as it could not be masked',
    })
    expect(JSON.stringify(letter)).not.toContain('4242424242424242')
  })
  it('of a batch that can not be decoded leaves its bytes out, unless no card numbers are looked for', () => {
    const batch = { ...record('bytes'), undecodable: { what: 'batch' as const, reason: 'r' } }
    expect(deadLetter(batch, why)).toMatchObject({ key: null, value: null })
    expect(deadLetter(batch, { ...why, maskCards: false }).value).toEqual(batch.value)
    expect(deadLetter(batch, { ...why, maskCards: false }).headers?.dead_letter_cut).toMatch(/a whole batch/)
  })
  it('of a record whose headers are not read has the rest of it, and says so', () => {
    const many = { ...record('v'), undecodable: { what: 'headers' as const, reason: 'it has 3 headers' } }
    const { value, headers } = deadLetter(many, why)
    expect([String(value), headers?.dead_letter_cut]).toEqual([
      'v',
      'all of its headers, as it has 3 headers',
    ])
  })
  it('of a tombstone stays one', () => {
    expect(deadLetter({ ...record(''), isTombstone: true }, why).value).toBeNull()
  })
})
