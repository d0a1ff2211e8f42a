import express from 'express'
import {
  type Catalogue,
  CatalogueEntry,
  flatAmountCents,
  type Order,
  OrderAccepted,
  OrderDeclined,
  PlaceOrder,
  Problem,
} from 'kafka-restaurants-contracts'
import { BacklogFullError, KafkaUnavailableError } from 'kafka-restaurants-kafka'
import { createContext, startService } from 'kafka-restaurants-service'
import { describe, expect, it, onTestFinished } from 'vitest'
import { figTree } from '../../tests/fig-tree.ts'
import { fingerprint, orderIdFor } from '../place-order.ts'
import { rememberedKeys } from '../remembered-keys.ts'
import { indexOf } from '../search/catalogue-index.ts'
import { type OrderParts, ordersHandler } from './orders.ts'

const order = { restaurant: 'fig', email: 'a@example.com', creditCard: '4242424242424242' }
const items = [{ id: 'soup', quantity: 2 }]
const lunarWok = { ...figTree, id: 'wok', name: 'Lunar Wok' }

/** A service with a catalogue that may change, and what it has written. */
async function startOrders(change: Partial<OrderParts> = {}) {
  const catalogue: Catalogue = { currency: 'EUR', restaurants: [structuredClone(figTree)] }
  const written: Order[] = []
  const handler = ordersHandler({
    catalogue: () => indexOf(catalogue),
    seal: async () => 'a.b.c.d.e',
    write: async order => void written.push(order),
    remembered: rememberedKeys(),
    taken: async () => undefined,
    idSecret: async () => 'secret',
    outcome: async () => undefined,
    now: () => new Date(),
    ...change,
  })
  const config = { PORT: 0, METRICS_PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'silent' }
  const routes = (http: express.Express) =>
    void http.post('/orders', express.json({ type: () => true }), handler)
  const service = await startService({ routes }, config, createContext('test', 'silent'))
  onTestFinished(() => service.stop())
  const place = async (more: object = {}, key?: string, prefer?: string) => {
    const response = await fetch(`http://127.0.0.1:${service.port}/orders`, {
      method: 'POST',
      body: JSON.stringify({ ...order, ...more }),
      headers: { ...(key && { 'Idempotency-Key': key }), ...(prefer && { Prefer: prefer }) },
    })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  return { catalogue, written, place }
}

it.each([
  ['the backlog is full', 429, { write: () => Promise.reject(new BacklogFullError('full')) }],
  ['Kafka is away', 503, { write: () => Promise.reject(new KafkaUnavailableError('away')) }],
  ['Kafka was never there', 503, { idSecret: () => Promise.reject(new KafkaUnavailableError('away')) }],
  ['no payment key is known yet', 503, { seal: async () => undefined }],
])('while %s, the answer is %i with Retry-After', async (_why, status, change) => {
  const { place } = await startOrders(change)
  const answer = await place({}, 'key')
  expect([answer.status, answer.headers.has('retry-after')]).toEqual([status, true])
})

it('an order that was written is answered 202', async () => {
  const { place, written } = await startOrders()
  const { status, headers, body } = await place()
  expect(status).toBe(202)
  expect(written).toHaveLength(1)
  const { orderId, statusUrl } = OrderAccepted.parse(body)
  expect([headers.get('location'), statusUrl]).toEqual([`orders/${orderId}`, `orders/${orderId}`])
})

describe('who prefers to wait', () => {
  /** What is never decided. */
  const never: OrderParts['outcome'] = (_, signal) =>
    new Promise(resolve => signal.addEventListener('abort', () => resolve(undefined)))

  it('is told that it is paid', async () => {
    const asked: string[] = []
    const { place } = await startOrders({
      outcome: async orderId => {
        asked.push(orderId)
        return { status: 'paid' }
      },
    })
    const { status, body, headers } = await place({}, 'key', 'wait=99')
    expect([status, headers.get('preference-applied')]).toEqual([200, 'wait=25'])
    const answer = OrderAccepted.parse(body)
    expect([answer.status, answer.orderId]).toEqual(['paid', ...asked])
  })

  it('is told why it is declined, and where the order is', async () => {
    const { place } = await startOrders({
      outcome: async () => ({ status: 'declined', reason: 'insufficient_funds' }),
    })
    const { status, body, headers } = await place({}, 'key', 'wait=5')
    const statusUrl = `orders/${orderIdFor('key', 'secret')}`
    expect([status, headers.get('location'), headers.get('content-type')]).toEqual([
      402,
      statusUrl,
      expect.stringMatching('application/problem'),
    ])
    expect(OrderDeclined.parse(body)).toMatchObject({
      detail: 'There is not enough money on your card. Nothing was charged.',
      reason: 'insufficient_funds',
      statusUrl,
    })
  })

  it('is told that it is accepted when the time is up', async () => {
    const { place } = await startOrders({ outcome: never })
    const startedAt = Date.now()
    const { status, body } = await place({}, 'key', 'wait=1')
    expect([status, OrderAccepted.parse(body).status]).toEqual([202, 'accepted'])
    expect(Date.now() - startedAt).toBeGreaterThan(900)
  })

  it('waits for nothing that was not taken', async () => {
    const over = Promise.withResolvers<void>()
    const { place } = await startOrders({
      outcome: (orderId, signal) => never(orderId, signal).finally(over.resolve),
      write: () => Promise.reject(new KafkaUnavailableError('away')),
    })
    expect((await place({}, 'key', 'wait=25')).status).toBe(503)
    await over.promise
  })
})

describe('a repeat is the same order, though by now', () => {
  it.each<[string, (catalogue: Catalogue) => void]>([
    ['the dish is gone', ({ restaurants: [fig] }) => void fig?.menu.shift()],
    ['the restaurant is gone', catalogue => void catalogue.restaurants.splice(0, 1, lunarWok)],
    [
      'the restaurant has another name',
      ({ restaurants: [fig] }) => void Object.assign(fig ?? {}, { name: 'Fig' }),
    ],
    [
      'the price is another',
      ({ restaurants: [fig] }) => void Object.assign(fig?.menu[0] ?? {}, { priceCents: 9 }),
    ],
    ['the currency is another', catalogue => void Object.assign(catalogue, { currency: 'USD' })],
  ])('%s', async (_what, change) => {
    const { catalogue, place, written } = await startOrders()
    const body = { restaurant: figTree.name, items, total: { amountCents: 1000, currency: 'EUR' } }
    const first = await place(body, 'key')
    expect(first.status).toBe(202)
    change(catalogue)
    const repeat = await place(body, 'key')
    expect([repeat.status, repeat.body]).toEqual([202, first.body])
    expect(written).toHaveLength(1)
  })

  it('its restaurant is gone and another process took it', async () => {
    const orderId = orderIdFor('key', 'secret')
    const body = PlaceOrder.parse({ ...order, restaurant: 'gone' })
    const { place, written } = await startOrders({
      taken: async id => (id === orderId ? fingerprint(body) : undefined),
    })
    expect(await place({ restaurant: 'gone' }, 'key')).toMatchObject({ status: 202, body: { orderId } })
    expect((await place({ restaurant: 'gone' }, 'other key')).status).toBe(404)
    expect((await place({ restaurant: 'gone', email: 'b@example.com' }, 'key')).status).toBe(409)
    expect((await place({ restaurant: 'gone' })).status).toBe(404)
    expect(written).toEqual([])
  })

  it('nobody can say whether it was taken: then it is to be tried again', async () => {
    const taken = () => Promise.reject(new KafkaUnavailableError('away'))
    const { place } = await startOrders({ taken })
    const { status, headers } = await place({ restaurant: 'gone' }, 'key')
    expect([status, headers.has('retry-after')]).toEqual([503, true])
  })

  it('a key whose order was refused is free', async () => {
    const { catalogue, place, written } = await startOrders()
    catalogue.restaurants.splice(0, 1, lunarWok)
    expect((await place({}, 'key')).status).toBe(404)
    catalogue.restaurants.push(figTree)
    expect((await place({}, 'key')).status).toBe(202)
    expect(written).toHaveLength(1)
  })
})

describe('what the diner saw is what is charged:', () => {
  it('with the same total the order is taken', async () => {
    const { place, written } = await startOrders()
    expect((await place({ items, total: { amountCents: 1000, currency: 'EUR' } })).status).toBe(202)
    expect((await place({ total: { amountCents: flatAmountCents, currency: 'EUR' } })).status).toBe(202)
    expect(written.map(({ amount_cents }) => amount_cents)).toEqual([1000, flatAmountCents])
  })

  it.each([
    ['another price', { amountCents: 100, currency: 'EUR' }, '€1.00'],
    ['another currency', { amountCents: 1000, currency: 'JPY' }, '¥1,000'],
  ])('with %s it is refused, and both totals are told', async (_what, seen, was) => {
    const { place, written } = await startOrders()
    const { status, body } = await place({ items, total: seen }, 'key')
    expect(status).toBe(409)
    expect(Problem.parse(body)).toMatchObject({
      detail: `The order was ${was} when it was seen, and is €10.00 now. Nothing was ordered.`,
      total: { seen, now: { amountCents: 1000, currency: 'EUR' } },
    })
    expect(written).toEqual([])
    // The diner agrees: the same key, with what is seen now.
    expect((await place({ items, total: { amountCents: 1000, currency: 'EUR' } }, 'key')).status).toBe(202)
  })
})

describe('how, where and when it is wanted', () => {
  const address = { street: 'Olive Street 5', city: 'Berlin', postalCode: '10115' }
  const delivery = { name: 'Dana', phone: '030 1234567', fulfilment: 'delivery', address, note: 'Ring twice' }
  const now = () => new Date('2026-11-27T12:00:00Z')
  const wantedAt = '2026-11-27T14:30:00+01:00'

  it('is in the record, and the tip in the total, too', async () => {
    const { place, written } = await startOrders({ now })
    const total = { amountCents: 1150, currency: 'EUR' }
    const { status } = await place({ ...delivery, items, wantedAt, tipCents: 150, locale: 'he', total })
    expect(status).toBe(202)
    expect(written).toMatchObject([
      {
        amount_cents: 1150,
        tip_cents: 150,
        name: 'Dana',
        phone: '030 1234567',
        fulfilment: 'delivery',
        address: { street: 'Olive Street 5', city: 'Berlin', postal_code: '10115' },
        wanted_at: wantedAt,
        note: 'Ring twice',
        locale: 'he',
      },
    ])
  })

  it('is not said in the record of an order that does not say it', async () => {
    const { place, written } = await startOrders()
    await place({ items })
    const ours = [
      'order_id',
      'restaurant',
      'email',
      'credit_card',
      'card_last4',
      'items',
      'amount_cents',
      'currency',
    ]
    expect(Object.keys(written[0] ?? {})).toEqual([...ours, 'placed_at'])
  })

  it.each([
    ['in the past', { wantedAt: '2026-11-27T11:59:00Z' }, 'wantedAt', /in the past/],
    ['next month', { wantedAt: '2026-12-27T12:00:00Z' }, 'wantedAt', /within the next 7 days/],
    [
      'with more tip than the dishes cost',
      { items, tipCents: 1001 },
      'tipCents',
      /more than what the dishes/,
    ],
    ['brought to nowhere', { fulfilment: 'delivery' }, 'address', /where/],
  ])('is refused %s, and the field is named', async (_what, more, field, message) => {
    const { place, written } = await startOrders({ now })
    const { status, body } = await place(more)
    expect(status).toBe(422)
    expect(Problem.parse(body).errors).toEqual([{ field, message: expect.stringMatching(message) }])
    expect(written).toEqual([])
  })

  it('is no delivery where the restaurant does not deliver', async () => {
    const { catalogue, place, written } = await startOrders()
    Object.assign(catalogue.restaurants[0] ?? {}, { delivery: false })
    const { status, body } = await place({ ...delivery })
    expect([status, Problem.parse(body).errors]).toEqual([
      422,
      [{ field: 'fulfilment', message: expect.stringMatching('does not deliver') }],
    ])
    expect((await place({ ...delivery, fulfilment: 'pickup' })).status).toBe(202)
    expect(written.map(({ address }) => address)).toEqual([undefined])
  })

  it('is the same order when it is sent again after that time', async () => {
    let clock = '2026-11-27T12:00:00Z'
    const { place, written } = await startOrders({ now: () => new Date(clock) })
    const first = await place({ wantedAt }, 'key')
    clock = '2026-11-28T12:00:00Z'
    expect(await place({ wantedAt }, 'key')).toMatchObject({ status: 202, body: first.body })
    expect(written).toHaveLength(1)
  })
})

describe('a restaurant', () => {
  it('without a menu is ordered from at the flat price, as in the first generation', async () => {
    const { catalogue, place, written } = await startOrders()
    const [old] = CatalogueEntry.array().parse([
      { name: 'Luna & Sons', style: 'Italian', vegetarian: false, delivery: true },
    ])
    if (old) catalogue.restaurants.push(old)
    expect((await place({ restaurant: 'luna & sons' })).status).toBe(202)
    expect((await place({ restaurant: 'luna-sons', items })).status).toBe(422)
    expect(written).toMatchObject([{ restaurant: 'Luna & Sons', items: [], amount_cents: flatAmountCents }])
  })

  it('may have a currency of its own', async () => {
    const { catalogue, place, written } = await startOrders()
    Object.assign(catalogue.restaurants[0] ?? {}, { currency: 'ILS' })
    expect((await place({ items, total: { amountCents: 1000, currency: 'EUR' } })).status).toBe(409)
    expect((await place({ items, total: { amountCents: 1000, currency: 'ILS' } })).status).toBe(202)
    expect(written).toMatchObject([{ currency: 'ILS' }])
  })
})

it('an empty list of items is no order without items', async () => {
  const { place, written } = await startOrders()
  const { status, body } = await place({ items: [] })
  expect(status).toBe(422)
  expect(Problem.parse(body).errors).toEqual([
    { field: 'items', message: expect.stringMatching('at least one dish') },
  ])
  expect(written).toEqual([])
})
