import { inputRecord } from 'kafka-restaurants-kafka/testing'
import { describe, expect, it } from 'vitest'
import { answerOf, idsOf } from './reply.ts'

const record = (value: string | null, headers: Record<string, string | Buffer> = {}) =>
  inputRecord('replies', 0, {
    key: null,
    value: value === null ? null : Buffer.from(value),
    timestamp: '1',
    attributes: 0,
    offset: '7',
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  })
const rules = {
  header: 'correlation_id',
  field: 'correlation_id',
  statusHeader: 'response_status',
  contentTypeHeader: 'content-type',
  headers: ['x-price'],
  maxBytes: 100,
}

describe('an answer', () => {
  it('is 200 and JSON, unless the reply says otherwise', () => {
    expect(answerOf(record('{}'), rules)).toMatchObject({
      status: 200,
      contentType: 'application/json',
      headers: {},
    })
    const said = { response_status: '402', 'content-type': 'text/plain; charset=utf-8', 'x-price': '12' }
    expect(answerOf(record('no', said), rules)).toMatchObject({
      status: 402,
      contentType: 'text/plain; charset=utf-8',
      headers: { 'x-price': '12' },
    })
  })

  it.each(['', '0', '99', '100', '101', '199', '600', '1e3', '200 OK', '-200', 'ok', '２００'])(
    'is 200 where the reply says status "%s"',
    status => {
      expect(answerOf(record('{}', { response_status: status }), rules)).toMatchObject({ status: 200 })
    },
  )

  it.each(['', 'json', 'a/b\r\nX-Evil: 1', 'text/html\n', `text/${'x'.repeat(300)}`, 'text/ü', 'a/b; c'])(
    'is JSON where the reply says type "%s"',
    type => {
      expect(answerOf(record('{}', { 'content-type': type }), rules)).toMatchObject({
        contentType: 'application/json',
      })
    },
  )

  it.each(['a\r\nSet-Cookie: b=c', 'ü', `${'x'.repeat(5_000)}`, '\0'])(
    'has no header that HTTP can not: %#',
    value => {
      expect(answerOf(record('{}', { 'x-price': value }), rules)).toMatchObject({ headers: {} })
    },
  )

  it('is none where the reply is too large or can not be read, and 204 for a tombstone', () => {
    expect(answerOf(record('x'.repeat(101)), rules)).toBe('too large')
    expect(answerOf({ ...record(''), undecodable: { what: 'batch', reason: 'zstd' } }, rules)).toBe(
      'unreadable',
    )
    expect(answerOf(record(null), rules)).toMatchObject({ status: 204, contentType: undefined })
  })
})

describe('the id of a reply', () => {
  const ways = [{ header: 'correlation_id', field: 'correlation_id', maxBytes: 100 }]
  it('is that of the header, else of the body', () => {
    expect(idsOf(record('{"correlation_id":"b"}', { correlation_id: 'h' }), ways)).toEqual(['h'])
    expect(idsOf(record('{"correlation_id":"b"}'), ways)).toEqual(['b'])
  })

  it.each([
    ['no JSON', 'x "correlation_id"'],
    ['a number', '{"correlation_id":1}'],
    ['deeper', '{"a":{"correlation_id":"b"}}'],
    ['a list', '["correlation_id"]'],
    ['no id', '{"correlation_id":"a b"}'],
    ['too large', JSON.stringify({ correlation_id: 'a', more: 'x'.repeat(100) })],
    ['nothing', ''],
  ])('is none where the body is %s', (_, value) => {
    expect(idsOf(record(value), ways)).toEqual([])
  })

  it.each(['x'.repeat(129), 'a b', 'a\nb', 'ü'])('is none where the header is %s', id => {
    expect(idsOf(record('{"correlation_id":"b"}', { correlation_id: id }), ways)).toEqual([])
  })

  it('may be in other places for other routes of the topic', () => {
    const both = [...ways, { header: 'x-id', field: 'id', maxBytes: 100 }]
    expect(idsOf(record('{}', { 'x-id': 'x' }), both)).toEqual(['x'])
    expect(idsOf(record('{"id":"i"}'), both)).toEqual(['i'])
  })
})
