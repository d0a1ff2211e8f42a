import type { OrderStatus } from 'kafka-restaurants-contracts'
import { describe, expect, it } from 'vitest'
import { type Details, fold, type KnownOrder, type Told } from './history.ts'

const order = '0b0ad4c4-63a1-4d0f-9d4b-2f3f2c1f9a11'
let offset = 0
const told = (status: OrderStatus, details: Partial<Details> = {}, orderId = order): Told => ({
  orderId,
  change: {
    status,
    at: `2026-11-26T12:00:0${offset % 10}.000Z`,
    topic: 't',
    partition: 0,
    offset: `${offset++}`,
  },
  details,
})
const known = (orders: KnownOrder[]) => new Map(orders.map(each => [each.orderId, each]))

describe('fold', () => {
  it('comes to the same, whichever way the topics are read, in one go or in several', () => {
    const all = [
      told('placed', { restaurant: 'Fig', email: 'd…@a.example', cardLast4: '1111', amountCents: 500 }),
      told('paid', { restaurant: 'Fig', cardLast4: '4242' }),
      told('queued'),
      told('cooking'),
      told('ready'),
    ]
    const once = ({ seen: _, ...rest }: KnownOrder) => rest
    const [expected] = fold(new Map(), all).orders
    expect(expected).toMatchObject({
      status: 'ready',
      cardLast4: '4242',
      amountCents: 500,
      restaurant: 'Fig',
    })
    for (const sequence of permutations(all)) {
      let orders: KnownOrder[] = []
      for (const each of sequence) orders = fold(known(orders), [each]).orders
      expect(orders.map(once)).toEqual(expected && [once(expected)])
      expect(fold(new Map(), sequence).orders.map(once)).toEqual(expected && [once(expected)])
    }
  })

  it('numbers the changes of an order as they are learnt, and takes no repeat for one', () => {
    const first = fold(new Map(), [told('paid'), told('paid'), told('placed')])
    expect(first.changes.map(({ number, change }) => [number, change.status])).toEqual([
      [1, 'paid'],
      [2, 'placed'],
    ])
    expect(first.orders[0]?.status).toBe('paid')
    expect(fold(known(first.orders), [told('placed'), told('paid')])).toEqual({ orders: [], changes: [] })
    const more = fold(known(first.orders), [told('queued')])
    expect(more.changes).toMatchObject([{ number: 3, change: { status: 'queued' } }])
  })

  it('keeps what is known where a record does not say it', () => {
    const { orders } = fold(new Map(), [
      told('placed', { items: [{ name: 'Soup', quantity: 1, price_cents: 500 }], currency: 'EUR' }),
      told('declined', { items: [], currency: undefined, reason: 'card_declined' }),
    ])
    expect(orders).toMatchObject([{ items: [{ name: 'Soup' }], currency: 'EUR', reason: 'card_declined' }])
  })

  it('names the line that an order leaves, once, and keeps its place in it', () => {
    const line = { resource: 'Fig', partition: 1, offset: 7 }
    const { orders, changes } = fold(new Map(), [told('queued', { line }), told('paid'), told('placed')])
    expect(orders).toMatchObject([{ status: 'queued', line }])
    expect(changes.map(({ leftLine }) => leftLine)).toEqual([undefined, undefined, undefined])
    const after = fold(known(orders), [told('cooking'), told('ready')])
    expect(after.changes.map(({ leftLine }) => leftLine)).toEqual(['Fig', undefined])
    const unstarted = fold(known(orders), [told('ready'), told('cooking')])
    expect(unstarted.changes.map(({ leftLine }) => leftLine)).toEqual(['Fig', undefined])
    expect(unstarted.orders).toMatchObject([{ status: 'ready' }])
    const late = fold(new Map(), [told('cooking'), told('queued', { line })])
    expect(late.changes.map(({ leftLine }) => leftLine)).toEqual([undefined, undefined])
  })

  it('keeps orders apart', () => {
    const { orders, changes } = fold(new Map(), [told('placed'), told('placed', {}, 'other'), told('paid')])
    expect(orders.map(({ orderId, status }) => [orderId, status])).toEqual([
      [order, 'paid'],
      ['other', 'placed'],
    ])
    expect(changes).toHaveLength(3)
  })
})

function permutations<T>(all: T[]): T[][] {
  if (all.length < 2) return [all]
  return all.flatMap((each, index) => permutations(all.toSpliced(index, 1)).map(rest => [each, ...rest]))
}
