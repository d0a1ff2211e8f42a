import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  Order,
  OrderAccepted,
  OrderDeclined,
  PaymentKey,
  Problem,
  Restaurant,
  RestaurantSummary,
} from 'kafka-restaurants-contracts'
import { createTopics } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'

const brokers = inject('bootstrap')
const { log } = createContext('test', 'silent')
const kafka = testKafka(brokers, log)
const shipped = fileURLToPath(new URL('../../../helm/files/restaurants.json', import.meta.url))
const card = '4242424242424242'
const body = { restaurant: 'Olive & Thyme', email: 'diner@example.com', creditCard: card }
const folder = mkdtempSync(join(tmpdir(), 'search-order-'))
const friend = 'https://first.example'
const catalogueFile = join(folder, 'restaurants.json')

let bank: SpawnedService
let service: SpawnedService
let withoutKafka: SpawnedService
let topic: string
let confirm: string
let declined: string
let env: Record<string, string>

beforeAll(async () => {
  copyFileSync(shipped, catalogueFile)
  topic = await kafka.topic('order', 3)
  confirm = await kafka.topic('confirm', 3)
  declined = await kafka.topic('declined', 3)
  bank = await spawnService('bank', {
    LEDGER_FILE: join(folder, 'ledger.sqlite'),
    KEYS_FILE: join(folder, 'keys.json'),
  })
  env = {
    BANK_URL: bank.url,
    ORDER_TOPIC: topic,
    CONFIRM_TOPIC: confirm,
    DECLINED_TOPIC: declined,
    CATALOGUE_FILE: catalogueFile,
  }
  service = await spawnService('search-order', {
    ...env,
    BOOTSTRAP_SVR: brokers,
    ALLOWED_ORIGINS: `${friend},http://localhost:3000`,
  })
  // Nothing listens on port 1.
  withoutKafka = await spawnService('search-order', { ...env, BOOTSTRAP_SVR: '127.0.0.1:1' })
  await vi.waitFor(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), 10_000)
  await vi.waitFor(
    async () => expect((await fetch(`${withoutKafka.url}/health/ready`)).status).toBe(200),
    10_000,
  )
})
afterAll(() => Promise.all([bank, service, withoutKafka].map(each => each?.kill('SIGTERM'))))

const get = async (path: string, from = service) => {
  const response = await fetch(from.url + path)
  return { status: response.status, body: await response.json() }
}
const post = async (
  content: unknown,
  { headers = {}, to = service }: { headers?: object; to?: SpawnedService } = {},
) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  const response = await fetch(`${to.url}/orders`, { method: 'POST', headers: { ...headers }, body: text })
  const answer: unknown = await response.json()
  return { status: response.status, headers: response.headers, answer }
}
const problem = ({ headers, answer }: Awaited<ReturnType<typeof post>>) => {
  expect(headers.get('content-type')).toMatch('application/problem+json')
  return Problem.parse(answer)
}
const fields = (answer: Awaited<ReturnType<typeof post>>) => problem(answer).errors?.map(({ field }) => field)
const ordersOf = async (email: string) =>
  (await kafka.readAll(topic))
    .map(({ value }) => JSON.parse(value.toString()))
    .filter(order => order.email === email)
const newEmail = () => `${randomUUID()}@example.com`

describe('search', () => {
  it('finds 15 or more restaurants in the shipped catalogue, of every style that is asked for', async () => {
    const all = z.array(RestaurantSummary).parse((await get('/search')).body)
    expect(all.length).toBeGreaterThanOrEqual(15)
    for (const style of ['Israeli', 'Italian', 'Chinese']) {
      const { body } = await get(`/search?restaurant_style=${style.toLowerCase()}`)
      const found = z.array(RestaurantSummary).parse(body)
      expect(found.length).toBeGreaterThan(0)
      expect(new Set(found.map(each => each.style))).toEqual(new Set([style]))
    }
  })

  it('refuses a filter that is none', async () => {
    expect((await get('/search?vegetarian=perhaps')).status).toBe(422)
  })

  it('goes on without Kafka', async () => {
    expect((await get('/search?vegetarian=true', withoutKafka)).status).toBe(200)
  })

  it('shows a restaurant with menu and currency, and has no other', async () => {
    const { body } = await get('/restaurants/olive-and-thyme')
    expect(Restaurant.parse(body).menu.length).toBeGreaterThan(0)
    expect(body).toMatchObject({ currency: 'EUR' })
    expect((await get('/restaurants/nowhere')).status).toBe(404)
  })

  it('describes itself, each schema that it refers to included', async () => {
    const { body } = await get('/openapi.json')
    const text = JSON.stringify(body)
    const names = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name)
    const { components } = z.looseObject({ components: z.object({ schemas: z.looseObject({}) }) }).parse(body)
    expect(names.length).toBeGreaterThan(5)
    expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(names))
  })

  it('is healthy', async () => {
    expect((await get('/health')).body).toEqual({ status: 'healthy' })
  })
})

describe('an order', () => {
  it('is on Kafka, sealed and keyed by its id, when it is answered', async () => {
    const email = newEmail()
    const items = [{ id: 'masabacha', quantity: 2 }]
    const { status, answer } = await post({ ...body, email, items })
    expect(status).toBe(202)
    const { orderId } = OrderAccepted.parse(answer)
    const record = (await kafka.readAll(topic)).find(({ key }) => key?.toString() === orderId)
    expect(record?.headers).toMatchObject({
      correlation_id: orderId,
      traceparent: expect.stringMatching(/^00-/),
    })
    expect(record?.value.toString()).not.toContain(card)
    expect(JSON.parse(String(record?.value))).toMatchObject({
      restaurant: 'Olive & Thyme',
      email,
      card_last4: '4242',
      amount_cents: 2300,
      currency: 'EUR',
      items: [{ id: 'masabacha', quantity: 2, price_cents: 1150 }],
    })
  })

  it('with one Idempotency-Key is one order', async () => {
    const email = newEmail()
    const headers = { 'Idempotency-Key': randomUUID() }
    const answers = await Promise.all(Array.from({ length: 10 }, () => post({ ...body, email }, { headers })))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202))
    expect(new Set(answers.map(({ answer }) => OrderAccepted.parse(answer).orderId)).size).toBe(1)
    expect(await ordersOf(email)).toHaveLength(1)
  })

  it('with a key of another order is refused', async () => {
    const headers = { 'Idempotency-Key': randomUUID() }
    await post(body, { headers })
    expect(problem(await post({ ...body, email: newEmail() }, { headers })).status).toBe(409)
  })

  it('that is no JSON is refused', async () => {
    expect(problem(await post('{"restaurant":')).status).toBe(400)
    expect(problem(await post('{"restaurant":', {})).detail ?? '').not.toContain('restaurant')
  })

  it('with faults is refused, and every one is named', async () => {
    const answer = await post({
      restaurant: '',
      email: 'nobody',
      creditCard: '4242424242424241',
      items: [{ id: 'x' }],
    })
    expect(answer.status).toBe(422)
    expect(fields(answer)).toEqual(['restaurant', 'email', 'creditCard', 'items.0.quantity'])
    expect(fields(await post({}))).toEqual(['restaurant', 'email', 'creditCard'])
    expect((await post('null')).status).toBe(422)
    expect((await post('')).status).toBe(422)
    expect(JSON.stringify(answer.answer)).not.toContain('4242424242424241')
  })

  it('for a dish that is not on the menu is refused', async () => {
    const answer = await post({
      ...body,
      items: [
        { id: 'masabacha', quantity: 1 },
        { id: 'moon', quantity: 1 },
      ],
    })
    expect(answer.status).toBe(422)
    expect(fields(answer)).toEqual(['items.1.id'])
  })

  it('for an unknown restaurant is refused', async () => {
    expect(problem(await post({ ...body, restaurant: 'Nowhere' }))).toMatchObject({ status: 404 })
  })

  it('that is too large is refused', async () => {
    expect(problem(await post({ ...body, note: 'x'.repeat(100_000) })).status).toBe(413)
  })

  it('without Kafka is answered 503 within 3 s, with Retry-After', async () => {
    const answer = await Promise.race([
      post(body, { to: withoutKafka }),
      new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer within 3 s')), 3_000)),
    ])
    expect(problem(answer).status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('passes a trace on, and nothing else that comes as one', async () => {
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    for (const traceparent of [trace, card]) {
      const { answer } = await post(body, { headers: { traceparent } })
      const { orderId } = OrderAccepted.parse(answer)
      const record = (await kafka.readAll(topic)).find(({ key }) => key?.toString() === orderId)
      expect(record?.headers.traceparent === traceparent).toBe(traceparent === trace)
    }
  })

  it('of a number dressed up as a sealed one is refused', async () => {
    expect(fields(await post({ ...body, creditCard: `${card}.a.b.c.d` }))).toEqual(['creditCard'])
  })

  it('says in its record for whom it is, and no log, metric or answer does', async () => {
    const email = newEmail()
    const details = {
      name: 'Dana Cohen',
      phone: '+49 30 1234567',
      fulfilment: 'delivery',
      address: { street: 'Olive Street 5', city: 'Berlin' },
      note: 'Ring twice',
    }
    const { status, answer } = await post({ ...body, email, ...details })
    expect(status).toBe(202)
    expect(await ordersOf(email)).toMatchObject([details])
    const refused = await post({ ...body, ...details, tipCents: -1 })
    expect(refused.status).toBe(422)
    const metrics = await (await fetch(service.metricsUrl)).text()
    const told = JSON.stringify([answer, refused.answer, service.printed(), metrics])
    expect(told).not.toMatch(/Dana|1234567|Olive Street|Berlin|twice/)
  })

  it('never has its card number in the log', async () => {
    await post({ ...body, creditCard: '5555 5555 5555 4444' })
    await post({ ...body, creditCard: 5555555555554444 })
    expect(service.printed() + withoutKafka.printed()).not.toMatch(/4242424242424242|5555.?5555.?5555.?4444/)
  })
})

describe('an order whose outcome is waited for', () => {
  const wait = { Prefer: 'wait=20' }
  const idOf = async (email: string) =>
    vi.waitFor(async () => {
      const [order] = await ordersOf(email)
      return Order.parse(order).order_id ?? ''
    }, 10_000)
  const outcome = (order_id: string, more: object) => ({
    order_id,
    restaurant: body.restaurant,
    email: body.email,
    ...more,
  })
  const list = (...entries: unknown[]) => ({ key: body.restaurant, value: JSON.stringify(entries) })
  const tell = (topic: string, ...entries: unknown[]) => kafka.write({ topic, ...list(...entries) })

  it('is answered 200 when it is paid, among others and behind what is no outcome; a repeat at once', async () => {
    const order = { ...body, email: newEmail() }
    const headers = { ...wait, 'Idempotency-Key': randomUUID() }
    const answer = post(order, { headers })
    const orderId = await idOf(order.email)
    await kafka.write(
      ...['', 'no JSON', '{}', '[{}]'].map(value => ({ topic: confirm, key: body.restaurant, value })),
      { topic: confirm, ...list(outcome(randomUUID(), {}), outcome(orderId, { payment_id: 'pay_1' })) },
    )
    const paid = await answer
    expect([paid.status, OrderAccepted.parse(paid.answer)]).toMatchObject([
      200,
      { orderId, status: 'paid', statusUrl: `orders/${orderId}` },
    ])
    expect(paid.headers.get('preference-applied')).toBe('wait=20')
    const repeat = await post(order, { headers })
    expect([repeat.status, repeat.answer]).toEqual([200, paid.answer])
    expect(await ordersOf(order.email)).toHaveLength(1)
  })

  it('is answered 402 with the reason when it is declined, and can be asked for all the same', async () => {
    const email = newEmail()
    const answer = post({ ...body, email }, { headers: wait })
    const orderId = await idOf(email)
    await tell(declined, outcome(orderId, { reason: 'expired_card' }))
    const refused = await answer
    expect([refused.status, refused.headers.get('location')]).toEqual([402, `orders/${orderId}`])
    expect(OrderDeclined.parse(problem(refused) && refused.answer)).toMatchObject({
      orderId,
      orderStatus: 'declined',
      statusUrl: `orders/${orderId}`,
      reason: 'expired_card',
      message: 'The card was declined: Your card has expired. Nothing was charged.',
    })
  })

  it('is answered 202 when the time is up, and told to whoever repeats it later', async () => {
    const order = { ...body, email: newEmail() }
    const headers = { 'Idempotency-Key': randomUUID() }
    const first = await post(order, { headers: { ...headers, Prefer: 'wait=1' } })
    expect([first.status, OrderAccepted.parse(first.answer).status]).toEqual([202, 'accepted'])
    const { orderId } = OrderAccepted.parse(first.answer)
    const repeat = post(order, { headers: { ...headers, ...wait } })
    await tell(confirm, outcome(orderId, {}))
    expect((await repeat).status).toBe(200)
  })

  it('is told by a process that can not read outcomes yet when it is asked', async () => {
    const later = `${confirm}-later`
    const next = await spawnService('search-order', {
      ...env,
      BOOTSTRAP_SVR: brokers,
      CONFIRM_TOPIC: later,
    })
    onTestFinished(() => void next.kill('SIGKILL'))
    await vi.waitFor(() => expect(next.printed()).toContain('topics can not be followed yet'), 10_000)
    await vi.waitFor(async () => expect((await fetch(`${next.url}/health/ready`)).status).toBe(200), 10_000)
    const email = newEmail()
    const answer = post({ ...body, email }, { to: next, headers: wait })
    const orderId = await idOf(email)
    await createTopics({ brokers, log }, [{ name: later, partitions: 1, config: {} }])
    await tell(later, outcome(orderId, {}))
    expect((await answer).status).toBe(200)
  })
})

describe('the payment key', () => {
  it("is the bank's", async () => {
    const { keys } = z
      .object({ keys: z.array(PaymentKey) })
      .parse(await (await fetch(`${bank.url}/.well-known/jwks.json`)).json())
    expect((await get('/payment-key')).body).toEqual(keys[0])
  })
})

describe('the catalogue', () => {
  const change = (content: string) => writeFileSync(catalogueFile, content)
  const names = async () =>
    z
      .array(RestaurantSummary)
      .parse((await get('/search')).body)
      .map(({ name }) => name)
  const parts = {
    style: 'Thai',
    vegetarian: true,
    delivery: true,
    menu: [{ id: 'a', name: 'A', priceCents: 100 }],
  }

  it('is reloaded when it changes; a faulty one keeps the old, and the log says where the fault is', async () => {
    change(JSON.stringify({ currency: 'EUR', restaurants: [{ id: 'new', name: 'New', ...parts }] }))
    await vi.waitFor(async () => expect(await names()).toEqual(['New']), 10_000)
    change('{\n "currency": "EUR",\n "restaurants": [{ "id": "Not An Id" }]\n}')
    await vi.waitFor(() => expect(service.printed()).toMatch(/line 3: restaurants\[0\]\.id: /), 10_000)
    expect(await names()).toEqual(['New'])
    const zoe = JSON.stringify({ currency: 'EUR', restaurants: [{ id: 'zoe', name: 'Zoë', ...parts }] })
    change(`\uFEFF${zoe}`)
    await vi.waitFor(async () => expect(await names()).toEqual(['Zoë']), 10_000)
    writeFileSync(catalogueFile, Buffer.from(`\uFEFF${zoe}`, 'utf16le'))
    await vi.waitFor(
      () => expect(service.printed()).toContain('it is UTF-16: save the file as UTF-8'),
      10_000,
    )
    expect(await names()).toEqual(['Zoë'])
  })

  it('does not judge a repeat, also by a process that began after it changed', async () => {
    change(JSON.stringify({ currency: 'EUR', restaurants: [{ id: 'new', name: 'New', ...parts }] }))
    await vi.waitFor(async () => expect(await names()).toEqual(['New']), 10_000)
    const headers = { 'Idempotency-Key': randomUUID() }
    const order = { ...body, restaurant: 'new', email: newEmail(), items: [{ id: 'a', quantity: 1 }] }
    const first = await post(order, { headers })
    expect(first.status).toBe(202)

    const later = join(folder, 'later.json')
    writeFileSync(
      later,
      JSON.stringify({ currency: 'EUR', restaurants: [{ id: 'other', name: 'Other', ...parts }] }),
    )
    const next = await spawnService('search-order', {
      ...env,
      BOOTSTRAP_SVR: brokers,
      CATALOGUE_FILE: later,
    })
    onTestFinished(() => void next.kill('SIGKILL'))
    const repeat = await post(order, { headers, to: next })
    expect([repeat.status, repeat.answer]).toEqual([202, first.answer])
    expect((await post({ ...order, email: newEmail() }, { headers, to: next })).status).toBe(409)
    const unknown = { 'Idempotency-Key': randomUUID() }
    expect((await post(order, { headers: unknown, to: next })).status).toBe(404)
    expect(await ordersOf(order.email)).toHaveLength(1)
  })

  it('with a fault at the start ends the start, and says where the fault is', async () => {
    const broken = join(folder, 'broken.json')
    writeFileSync(broken, '{\n "currency": 7,\n "restaurants": []\n}')
    const start = spawnService('search-order', {
      CATALOGUE_FILE: broken,
      BOOTSTRAP_SVR: brokers,
      BANK_URL: bank.url,
    })
    await expect(start).rejects.toThrow(/exited with 2.*line 2: currency: .*line 3: restaurants: /s)
  })
})

describe("a page of another site, as the first generation's is", () => {
  const from = (origin: string, init: RequestInit = {}, to = service) =>
    fetch(`${to.url}/orders`, { method: 'POST', body: '{}', ...init, headers: { ...init.headers, origin } })
  const allowed = ({ headers }: Response) => headers.get('access-control-allow-origin')
  const preflight = {
    method: 'OPTIONS',
    body: undefined,
    headers: {
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type,idempotency-key',
    },
  }

  it('may call when its origin is allowed, and reads refusals, too', async () => {
    const asked = await from(friend, preflight)
    expect([asked.status, allowed(asked)]).toEqual([204, friend])
    expect(asked.headers.get('access-control-allow-headers')?.toLowerCase()).toMatch(
      /idempotency-key.*prefer/,
    )
    expect(asked.headers.get('access-control-allow-methods')).toContain('POST')
    const refused = await from(friend)
    expect([refused.status, allowed(refused), refused.headers.get('vary')]).toEqual([422, friend, 'Origin'])
    expect(refused.headers.get('access-control-expose-headers')).toContain('Retry-After')
    expect(await refused.json()).toMatchObject({ message: expect.stringMatching('^Invalid order: ') })
    expect(allowed(await fetch(`${service.url}/nowhere`, { headers: { origin: friend } }))).toBe(friend)
    expect(allowed(await from('http://localhost:3000'))).toBe('http://localhost:3000')
  })

  it('may not when it is not, nor any where none is', async () => {
    for (const origin of [
      'https://first.example.evil.example',
      'https://FIRST.example',
      'null',
      `${friend}:8443`,
    ]) {
      const answer = await from(origin, preflight)
      expect([allowed(answer), answer.headers.get('vary')]).toEqual([null, 'Origin'])
    }
    const nobody = await from(friend, {}, withoutKafka)
    expect([nobody.status, allowed(nobody), nobody.headers.get('vary')]).toEqual([422, null, null])
  })
})
