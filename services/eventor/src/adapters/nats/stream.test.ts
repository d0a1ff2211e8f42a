import { describe, expect, it } from 'vitest'
import { covers, isSubject } from '../names.ts'
import { natsHeaders, textHeaders } from './connection.ts'

describe('subjects', () => {
  it.each([
    ['orders', 'orders', true],
    ['orders', 'orders.new', false],
    ['orders.*', 'orders.new', true],
    ['orders.*', 'orders.new.one', false],
    ['orders.>', 'orders.new.one', true],
    ['orders.>', 'orders', false],
    ['*.new', 'orders.new', true],
    ['>', 'orders.new', true],
  ])('%s takes %s: %s', (filter, subject, is) => expect(covers(filter, subject)).toBe(is))

  it.each(['orders', 'orders.new', 'Zoë'])('%s can be published to', text =>
    expect(isSubject(text)).toBe(true),
  )
  it.each(['', 'orders.', 'a..b', 'a b', 'orders.*', '>', 'a\nb'])('"%s" can not', text =>
    expect(isSubject(text)).toBe(false),
  )
})

describe('headers', () => {
  it('come back as they were, but for line breaks, names that NATS can not have, and those of NATS itself', () => {
    const written = natsHeaders({ a: '1\r\n2', 'Zoë: x': 'é', 'Nats-Msg-Id': '1', '': 'x' })
    expect(textHeaders(written)).toEqual({ a: '1 2', Zo___x: 'é' })
  })

  it('that are there more than once count as the last', () => {
    const written = natsHeaders({ a: '1' })
    written.append('a', '2')
    expect(textHeaders(written)).toEqual({ a: '2' })
  })
})
