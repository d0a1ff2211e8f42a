import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { CompactEncrypt, importJWK } from 'jose'
import { isSealed, Order, OrderAccepted, PaymentKey, Problem, sealing } from 'kafka-restaurants-contracts'
import {
  expectNone,
  fuzzCards,
  howMany,
  json,
  nearly,
  oddBytes,
  oddHeader,
  oddText,
  showsCard,
  type Wrong,
  withEach,
} from 'kafka-restaurants-contracts/fuzz'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'

const brokers = inject('bootstrap')
const kafka = testKafka(brokers, createContext('test', 'silent').log)
const folder = mkdtempSync(join(tmpdir(), 'search-order-'))
const goodOrder = { restaurant: 'olive-and-thyme', email: 'diner@example.com', creditCard: fuzzCards[0] }

let bank: SpawnedService
let service: SpawnedService
let topic: string
let sealed: string

beforeAll(async () => {
  topic = await kafka.topic('order', 3)
  bank = await spawnService('bank', {
    LEDGER_FILE: join(folder, 'ledger.sqlite'),
    KEYS_FILE: join(folder, 'keys.json'),
  })
  service = await spawnService('search-order', {
    BANK_URL: bank.url,
    BOOTSTRAP_SVR: brokers,
    ORDER_TOPIC: topic,
    // On a busy machine Kafka may take long, and a 503 would be right.
    ORDER_TIMEOUT_MS: '60000',
    CATALOGUE_FILE: fileURLToPath(new URL('../../../helm/files/restaurants.json', import.meta.url)),
  })
  const paymentKey = await vi.waitFor(async () => {
    const response = await fetch(`${service.url}/payment-key`)
    return PaymentKey.parse(await response.json())
  }, 10_000)
  sealed = await new CompactEncrypt(new TextEncoder().encode(fuzzCards[0]))
    .setProtectedHeader({ ...sealing, kid: paymentKey.kid })
    .encrypt(await importJWK(paymentKey))
})
afterAll(async () => {
  await Promise.all([bank, service].map(each => each?.kill('SIGKILL')))
  rmSync(folder, { recursive: true, force: true })
})

const oneOf = (...values: string[]) => fc.constantFrom(...values)
const item = nearly({
  id: json(oneOf('masabacha', 'green-shakshuka')),
  quantity: json(fc.integer({ min: 1, max: 99 })),
})
const mostly = (...values: string[]) => json(fc.oneof({ weight: 9, arbitrary: oneOf(...values) }, oddText))
const hour = 3_600_000
const details = {
  name: mostly('Dana', 'דנה כהן'),
  phone: mostly('+49 30 1234567', '030/1234567'),
  fulfilment: json(oneOf('delivery', 'pickup')),
  address: nearly({
    street: mostly('Olive Street 5'),
    city: mostly('Berlin', 'חיפה'),
    postalCode: mostly('10115'),
  }),
  note: mostly('no onions\n', ''),
  tipCents: json(fc.integer({ min: 0, max: 1_000 })),
  wantedAt: json(fc.integer({ min: -1, max: 24 * 7 }).map(hours => new Date(Date.now() + hours * hour))),
  locale: json(oneOf('en', 'he')),
}
const order = fc.constantFrom({}, {}, {}, details).chain(more =>
  nearly({
    ...more,
    restaurant: json(oneOf('olive-and-thyme', 'Olive & Thyme', ' OLIVE-AND-THYME ')),
    email: json(
      fc.oneof(
        { weight: 9, arbitrary: oneOf('diner@example.com', 'Diner+tag@example.com') },
        fc.emailAddress(),
      ),
    ),
    creditCard: json(oneOf(...fuzzCards, '4242 4242-4242 4242', '4242  4242\u00a04242 – 4242', sealed)),
    cardLast4: json(oneOf('4242', '0000')),
    items: fc.oneof(
      json(fc.constantFrom([], [{ id: 'masabacha', quantity: 2 }])),
      fc.array(item, { maxLength: 3 }).map(items => `[${items}]`),
    ),
  }),
)
const harmless = fc.record(
  {
    'Idempotency-Key': fc.oneof(oddHeader, fc.uuid(), oneOf('same', 'x'.repeat(255), 'x'.repeat(256))),
    Prefer: fc.oneof(oddHeader, oneOf('wait=5', 'wait=-1', 'wait=1e99', 'respond-async, wait=0')),
    traceparent: fc.oneof(oddHeader, oneOf(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`)),
    'Content-Type': oneOf('application/json', 'text/plain', 'multipart/form-data', 'no type', ''),
  },
  { requiredKeys: [] },
)
const harmful = fc.record(
  {
    'Content-Type': fc.oneof(
      oddHeader,
      oneOf('latin1', 'utf-8', 'utf-16le', 'utf-99', '"').map(charset => `text/plain; charset=${charset}`),
    ),
    'Content-Encoding': fc.oneof(oddHeader, oneOf('gzip', 'br', 'deflate', 'identity', 'gzip, gzip')),
  },
  { requiredKeys: [] },
)
const headers: fc.Arbitrary<Record<string, string>> = fc.oneof({ weight: 6, arbitrary: harmless }, harmful)
const request = fc.record({ body: oddBytes(order), headers })

const post = (body: Buffer | string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}/orders`, { method: 'POST', body, headers })

const count = howMany(10_000)

it(`of ${count} generated orders each is taken for good or refused with a reason`, async () => {
  const accepted = new Set<string>()
  await withEach(request, count, async ({ body, headers }) => {
    const response = await post(body, headers)
    if (response.status === 202) return void accepted.add(OrderAccepted.parse(await response.json()).orderId)
    const { status, errors = [] } = Problem.parse(await response.json())
    expect([status, response.headers.get('content-type')]).toEqual([
      response.status,
      expect.stringMatching('^application/problem\\+json'),
    ])
    expect(status).toBeLessThan(500)
    expect(new Set(errors.map(({ field }) => field)).size).toBe(errors.length)
  })
  expect(accepted.size).toBeGreaterThan(count / 15)
  const last = await post(JSON.stringify({ ...goodOrder, email: 'last@example.com' }))
  accepted.add(OrderAccepted.parse(await last.json()).orderId)

  const records = await kafka.readAll(topic)
  expect(records.map(({ key }) => String(key)).toSorted()).toEqual([...accepted].toSorted())
  const wrong: Wrong[] = []
  for (const { key, value, headers } of records) {
    const order = Order.parse(JSON.parse(value.toString()))
    expect(order.order_id).toBe(String(key))
    expect(isSealed(order.credit_card)).toBe(true)
    if (showsCard(value.toString() + JSON.stringify(headers)))
      wrong.push({ why: 'its card number is on Kafka', value: [value, headers] })
  }
  expectNone(wrong)
  expect(showsCard(service.printed())).toBe(false)
  const [, residentBytes] =
    /^process_resident_memory_bytes (\d+)/m.exec(await (await fetch(service.metricsUrl)).text()) ?? []
  expect(Number(residentBytes)).toBeLessThan(512 * 1024 * 1024)
}, 240_000)
