import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { describe, expect, it } from 'vitest'
import { readConfirmed, readDeclined, readOrder } from './read-record.ts'

const record = (value: unknown, topic = 'order'): InputRecord => ({
  topic,
  partition: 3,
  offset: '42',
  timestamp: '1764158400000',
  key: null,
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  isTombstone: false,
  headers: {},
  rawHeaders: {},
  reference: `${topic}-3@42/1764158400000`,
})
const outcome = { order_id: 'a', restaurant: 'Fig', email: 'dana@example.com', card_last4: '4242' }

describe('reading records', () => {
  it('tells of a placed order, without its card, and with the address masked', () => {
    const order = {
      order_id: 'a',
      restaurant: 'Fig',
      email: 'dana@example.com',
      credit_card: '4242424242424242',
      items: [{ id: 'soup', name: 'Soup', quantity: 2, price_cents: 500 }],
      amount_cents: 1000,
      currency: 'EUR',
      placed_at: '2026-11-26T12:00:00.000Z',
    }
    const [told] = readOrder(record(order))
    expect(told).toMatchObject({
      orderId: 'a',
      change: {
        status: 'placed',
        at: '2026-11-26T12:00:00.000Z',
        topic: 'order',
        partition: 3,
        offset: '42',
      },
      details: { restaurant: 'Fig', email: 'd…@example.com', amountCents: 1000, currency: 'EUR' },
    })
    expect(JSON.stringify(told)).not.toMatch(/4242424242|dana/)
  })

  it('tells nobody for whom an order is and where it goes', () => {
    const details = {
      name: 'Dana Cohen',
      phone: '+49 30 1234567',
      fulfilment: 'delivery',
      address: { street: 'Olive Street 5', city: 'Berlin' },
      wanted_at: '2026-11-27T19:30:00+01:00',
      note: 'Ring twice',
      locale: 'he',
    }
    const told = [
      readOrder(record({ ...outcome, ...details, credit_card: 'x' })),
      readConfirmed(record([{ ...outcome, ...details }], 'order_confirm')),
      readDeclined(record([{ ...outcome, ...details, reason: 'card_declined' }], 'order_declined')),
    ]
    expect(told.flat()).toHaveLength(3)
    expect(JSON.stringify(told)).not.toMatch(/Dana|1234567|Olive Street|Berlin|19:30|twice/)
  })

  it('takes the time of the record where it says none, and the id that transaction derives', () => {
    const [told] = readOrder(record({ restaurant: 'Fig', email: 'd@example.com', credit_card: 'x' }))
    expect(told?.change.at).toBe('2025-11-26T12:00:00.000Z')
    expect(told?.orderId).toMatch(/^[\da-f]{32}$/)
  })

  it('tells of every order in a list of outcomes, but for those without an id', () => {
    const list = [
      outcome,
      { ...outcome, order_id: 'b', confirmed_at: 'never' },
      { ...outcome, order_id: undefined },
    ]
    const told = readConfirmed(record(list, 'order_confirm'))
    expect(told.map(({ orderId, change }) => [orderId, change.status])).toEqual([
      ['a', 'paid'],
      ['b', 'paid'],
    ])
    const [declined] = readDeclined(record([{ ...outcome, reason: 'lost_card' }], 'order_declined'))
    expect(declined).toMatchObject({ change: { status: 'declined' }, details: { reason: 'lost_card' } })
  })

  it('keeps nothing that a database does not take', () => {
    const odd = { ...outcome, restaurant: 'Fi\0g', order_id: 'x'.repeat(101) }
    expect(readConfirmed(record([odd]))).toEqual([])
    expect(readConfirmed(record([{ ...odd, order_id: 'a\0' }]))).toMatchObject([
      { orderId: 'a\ufffd', details: { restaurant: 'Fi\ufffdg' } },
    ])
  })

  it.each(['', 'null', '{}', '[{}]', '[1]', '{"restaurant":1}'])('refuses %s', value => {
    for (const read of [readOrder, readConfirmed, readDeclined]) {
      expect(() => read(record(value))).toThrow(UnreadableRecordError)
    }
  })
})
