import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { newAttempt } from './order-attempt.ts'
import { bodyOf, readAnswer, sendOrder } from './send-order.ts'

const orderId = '0b0ad4c4-63a1-4d0f-9d4b-2f3f2c1f9a11'
const contents = {
  locale: 'he' as const,
  restaurant: 'olive-and-thyme',
  restaurantName: 'Olive & Thyme',
  total: { amountCents: 2300, currency: 'EUR' },
  email: ' diner@example.com ',
  card: '4242 4242 4242 4242',
  cart: { masabacha: 2 },
  details: { name: 'Dana', fulfilment: 'pickup' as const, tipCents: 100 },
}

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })
const fetched = vi.fn<(path: string, init?: RequestInit) => Promise<Response>>()

beforeEach(() => vi.stubGlobal('fetch', fetched))
afterEach(() => {
  vi.unstubAllGlobals()
  fetched.mockReset()
})

test('a 202 is an order', async () => {
  const accepted = json(202, { message: 'Order accepted', orderId, status: 'accepted' })
  expect(await readAnswer(accepted)).toEqual({ state: 'accepted', orderId })
})

test.each([429, 503])('after a %i the order was not taken', async status => {
  expect(await readAnswer(json(status, { title: 'Away', status }))).toEqual({ state: 'not-taken' })
})

test.each([500, 502, 504])('after a %i nobody knows whether the order was taken', async status => {
  expect(await readAnswer(new Response('Bad gateway', { status }))).toEqual({ state: 'unanswered' })
})

test('a 2xx without an order id is not trusted', async () => {
  expect(await readAnswer(json(200, {}))).toEqual({ state: 'unanswered' })
})

test('a problem says why the order was refused', async () => {
  const problem = { title: 'Invalid order', status: 422, errors: [{ field: 'email', message: 'no' }] }
  expect(await readAnswer(json(422, problem))).toMatchObject({ state: 'refused', problem })
})

test('another price is told with both', async () => {
  const total = { seen: contents.total, now: { amountCents: 7800, currency: 'EUR' } }
  expect(await readAnswer(json(409, { title: 'The price has changed', status: 409, total }))).toEqual({
    state: 'repriced',
    ...total,
  })
  const other = { title: 'This key belongs to another order', status: 409 }
  expect(await readAnswer(json(409, other))).toMatchObject({ state: 'refused' })
})

test('a refusal that is not JSON is a refusal all the same', async () => {
  expect(await readAnswer(new Response('no', { status: 413 }))).toMatchObject({
    state: 'refused',
    problem: { status: 413 },
  })
})

test('the card leaves sealed, and a repeat sends the same key and the same bytes', async () => {
  const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519' })
  const key = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ECDH-ES', use: 'enc' }
  fetched.mockImplementation(async path =>
    path === '/api/payment-key' ? json(200, key) : json(503, { title: 'Kafka is away', status: 503 }),
  )

  const attempt = { ...newAttempt(contents), body: await bodyOf(contents) }
  await sendOrder(attempt)
  await sendOrder(attempt)

  const orders = fetched.mock.calls.filter(([path]) => path === '/api/orders').map(([, init]) => init)
  expect(orders).toHaveLength(2)
  expect(orders[0]).toEqual(orders[1])
  expect(String(orders[0]?.body)).not.toContain('42424242')
  expect(JSON.parse(String(orders[0]?.body))).toMatchObject({
    restaurant: 'olive-and-thyme',
    email: 'diner@example.com',
    cardLast4: '4242',
    items: [{ id: 'masabacha', quantity: 2 }],
    name: 'Dana',
    fulfilment: 'pickup',
    tipCents: 100,
    locale: 'he',
    total: contents.total,
  })
})

test('a call that breaks off is unanswered', async () => {
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
  fetched.mockRejectedValue(new TypeError('Failed to fetch'))
  expect(await sendOrder(newAttempt(contents))).toEqual({ state: 'unanswered' })
})

test('without the key of the bank there is nothing to send', async () => {
  fetched.mockImplementation(async () => json(503, { title: 'The bank is away', status: 503 }))
  expect(await bodyOf(contents)).toBeUndefined()
  expect(fetched.mock.calls.map(([path]) => path)).toEqual(['/api/payment-key'])
})

test('a page without WebCrypto sends the digits for search-order to seal', async () => {
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
  fetched.mockImplementation(async () => json(202, { message: 'ok', orderId, status: 'accepted' }))

  const attempt = { ...newAttempt(contents), body: await bodyOf(contents) }
  expect(await sendOrder(attempt)).toEqual({ state: 'accepted', orderId })
  const [path, init] = fetched.mock.calls[0] ?? []
  expect(path).toBe('/api/orders')
  expect(JSON.parse(String(init?.body)).creditCard).toBe('4242424242424242')
})
