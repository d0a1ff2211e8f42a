import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { CompactEncrypt, importJWK } from 'jose'
import {
  ConfirmedOrders,
  DeclinedOrders,
  deadLetterTopic,
  PaymentKeys,
  sealing,
} from 'kafka-restaurants-contracts'
import {
  comesToEnd,
  expectNone,
  fuzzCards,
  generate,
  howMany,
  json,
  muchJson,
  nearly,
  oddBytes,
  oddRecord,
  oddText,
  showsCard,
  type Wrong,
} from 'kafka-restaurants-contracts/fuzz'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { spawnService } from 'kafka-restaurants-service/testing'
import { expect, inject, it, onTestFinished } from 'vitest'
import { z } from 'zod'

const brokers = inject('bootstrap')
const kafka = testKafka(brokers, createContext('test', 'silent').log)
const [count, atOnce] = [howMany(10_000), 500]

async function startBank() {
  const folder = mkdtempSync(join(tmpdir(), 'transaction-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const files = { LEDGER_FILE: join(folder, 'ledger.sqlite'), KEYS_FILE: join(folder, 'keys.json') }
  const bank = await spawnService('bank', files)
  onTestFinished(() => void bank.kill('SIGKILL'))
  return bank
}

async function seal(number: string, bankUrl: string) {
  const [key] = PaymentKeys.parse(await (await fetch(`${bankUrl}/.well-known/jwks.json`)).json()).keys
  return new CompactEncrypt(new TextEncoder().encode(number))
    .setProtectedHeader({ ...sealing, kid: key?.kid })
    .encrypt(await importJWK(key ?? {}))
}

function records(topic: string, sealed: string) {
  const oneOf = (...values: string[]) => json(fc.constantFrom(...values))
  const item = nearly({
    id: oneOf('soup'),
    name: oneOf('Soup', 'Crème'),
    quantity: json(fc.integer({ min: 1, max: 99 })),
    price_cents: json(fc.nat()),
  })
  const fields = {
    restaurant: json(fc.oneof(fc.constant('Olive & Thyme'), oddText)),
    email: json(fc.oneof(fc.constant('diner@example.com'), oddText)),
    credit_card: oneOf(...fuzzCards, '4242 4242-4242 4242', '4242  4242\u00a04242 – 4242', sealed),
  }
  const orderId = json(fc.oneof({ weight: 8, arbitrary: fc.uuid() }, fc.constantFrom('a', 'b', 'c'), oddText))
  const order = fc.oneof(
    nearly(fields),
    nearly({ ...fields, order_id: orderId }),
    nearly({
      ...fields,
      order_id: orderId,
      items: fc.array(item, { maxLength: 3 }).map(items => `[${items}]`),
      amount_cents: json(fc.nat()),
      currency: oneOf('EUR', 'USD'),
      placed_at: oneOf('2026-11-21T12:00:00.000Z'),
      name: json(oddText),
      note: json(oddText),
      fulfilment: oneOf('delivery', 'pickup'),
      address: nearly({ street: json(oddText), city: oneOf('Berlin') }),
    }),
  )
  const much = fc
    .tuple(fc.constantFrom('more', 'note', 'address', 'items', 'email', 'order_id'), muchJson)
    .map(([name, value]) =>
      Buffer.from(`{"restaurant":"r","email":"e","credit_card":"${fuzzCards[0]}","${name}":${value}}`),
    )
  const values = fc.oneof({ weight: 800, arbitrary: oddBytes(order) }, much)
  return generate(oddRecord(topic, values), count)
}

const Charges = z.object({
  charges: z.array(
    z.object({ idempotency_key: z.string(), reference: z.string(), payment_id: z.string().nullable() }),
  ),
})
const place = ({ partition, offset }: InputRecord) => `${partition}@${offset}`
/** The order_id in a record's value, if there is one. A byte order mark is no part of it. */
function orderIdIn({ value }: InputRecord): unknown {
  try {
    return JSON.parse(value.toString().replace(/^\ufeff/, ''))?.order_id
  } catch {
    return undefined
  }
}

it(`of ${count} generated records each ends as one outcome, a dead letter or a known duplicate`, async () => {
  const bank = await startBank()
  const topics = {
    order: await kafka.topic('order', 3),
    confirm: await kafka.topic('confirm', 3),
    declined: await kafka.topic('declined', 3),
  }
  const generated = records(topics.order, await seal(fuzzCards[0] ?? '', bank.url))
  for (let from = 0; from < count; from += atOnce) await kafka.write(...generated.slice(from, from + atOnce))

  const group = randomUUID()
  const worker = await spawnService('transaction', {
    BOOTSTRAP_SVR: brokers,
    GROUP_ID: group,
    ORDER_TOPIC: topics.order,
    CONFIRM_TOPIC: topics.confirm,
    DECLINED_TOPIC: topics.declined,
    BANK_URL: bank.url,
    BANK_TIMEOUT_MS: '20000',
    LOG_LEVEL: 'info',
  })
  onTestFinished(() => void worker.kill('SIGKILL'))
  const done = await comesToEnd(() => kafka.lag(group, topics.order))
  const readiness = await (await fetch(`${worker.url}/health/ready`)).text()
  expect(await worker.kill('SIGTERM')).toBe(0)

  const [inputs, dead, confirmed, declined] = await Promise.all(
    [topics.order, deadLetterTopic(topics.order), topics.confirm, topics.declined].map(topic =>
      kafka.readAll(topic, 60_000),
    ),
  )
  const { charges } = Charges.parse(await (await fetch(`${bank.adminUrl}/charges?limit=10000`)).json())
  const isCharged = new Set(charges.map(({ reference }) => reference))
  const deadAt =
    dead?.map(({ headers }) => `${headers.dead_letter_partition}@${headers.dead_letter_offset}`) ?? []
  const isDead = new Set(deadAt)
  expect(inputs).toHaveLength(count)
  const chargedIds = new Set(inputs?.filter(({ reference }) => isCharged.has(reference)).map(orderIdIn))
  const wrong: Wrong[] = []
  for (const record of inputs ?? []) {
    const ends = [isDead.has(place(record)), isCharged.has(record.reference)].filter(Boolean).length
    const id = orderIdIn(record)
    const isDuplicate = ends === 0 && id !== undefined && chargedIds.has(id)
    if (ends === 1 || isDuplicate) continue
    wrong.push({
      why: `${place(record)} has ${ends} ends: ${readiness}`,
      value: [record.key, record.value, record.headers],
    })
  }
  expectNone(wrong)
  expect(done).toBe(true)
  expect(isDead.size).toBe(deadAt.length)
  expect(dead?.every(({ headers }) => headers.dead_letter_reason)).toBe(true)
  expect(dead?.filter(({ key, value }) => showsCard(`${key} ${value}`))).toEqual([])

  const paid = confirmed?.flatMap(({ value }) => ConfirmedOrders.parse(JSON.parse(value.toString()))) ?? []
  const unpaid = declined?.flatMap(({ value }) => DeclinedOrders.parse(JSON.parse(value.toString()))) ?? []
  const payments = charges.flatMap(({ payment_id }) => payment_id ?? [])
  expect(paid.map(({ payment_id }) => payment_id).toSorted()).toEqual(payments.toSorted())
  expect(unpaid).toHaveLength(charges.length - payments.length)
  expect(payments.length).toBeGreaterThan(count / 10)
}, 600_000)
