import fc from 'fast-check'
import { ChargeAccepted, ChargeDeclined, Problem } from 'kafka-restaurants-contracts'
import {
  fuzzCards,
  howMany,
  json,
  nearly,
  oddBytes,
  oddHeader,
  oddJson,
  withEach,
} from 'kafka-restaurants-contracts/fuzz'
import { expect, it } from 'vitest'
import { order, seal, startBank } from './bank.ts'

const count = howMany(2_000)

it(`of ${count} generated charges each is answered for good or refused with a reason`, async () => {
  const bank = await startBank()
  const sealed = await seal('4242424242424242', (await bank.jwks()).keys[0])
  const body = nearly({
    card: json(fc.constantFrom(...fuzzCards, '4242 4242-4242 4242', sealed)),
    amount_cents: fc.oneof({ weight: 4, arbitrary: json(fc.nat()) }, json(fc.maxSafeNat()), oddJson),
    currency: json(
      fc.oneof(
        fc.constantFrom('EUR', 'USD', 'eur'),
        fc.string({ minLength: 3, maxLength: 3, unit: 'binary' }),
      ),
    ),
    reference: json(fc.oneof(fc.constant('order-3@42'), fc.string({ minLength: 1, unit: 'binary' }))),
  })
  const key = fc.oneof(fc.uuid(), oddHeader, fc.constantFrom('same', 'x'.repeat(255), 'x'.repeat(256)))
  const charged = new Set<string>()
  const post = async (body: string | Buffer, key: string) => {
    const headers = { 'Idempotency-Key': key, 'Content-Type': 'application/json' }
    const response = await fetch(`${bank.url}/charges`, { method: 'POST', headers, body })
    return { response, answer: await response.json() }
  }

  await withEach(fc.record({ body: oddBytes(body), key }), count, async ({ body, key }) => {
    const { response, answer } = await post(body, key)
    switch (response.status) {
      case 200:
      case 201:
      case 402: {
        const schema = response.status === 402 ? ChargeDeclined : ChargeAccepted
        charged.add(key.trim())
        const again = await post(body, key)
        expect(schema.parse(again.answer)).toEqual(schema.parse(answer))
        return
      }
      default:
        expect(response.headers.get('content-type')).toMatch('application/problem+json')
        expect(Problem.parse(answer).status).toBe(response.status)
        expect(response.status).toBeLessThan(500)
    }
  })
  expect(charged.size).toBeGreaterThan(count / 10)
  expect((await bank.charge('a good one', order())).status).toBe(201)
  const { accepted, declined } = await bank.summary()
  expect(accepted + declined).toBe(charged.size + 1)
  expect((await bank.charges('?limit=10000')).charges).toHaveLength(charged.size + 1)
}, 120_000)
