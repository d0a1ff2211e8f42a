import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from 'kafka-restaurants-service'
import { describe, expect, it } from 'vitest'
import { decliningCards } from '../src/decide.ts'
import { json, order, seal, startBank } from './bank.ts'

describe('a charge', () => {
  it('is accepted, and remembered with no more of the card than four digits', async () => {
    const bank = await startBank()
    const response = await bank.charge('order-1', order())
    expect(response.status).toBe(201)
    const body = await json(response)
    expect(body).toEqual({
      payment_id: expect.stringMatching(/^pay_/),
      card_last4: '4242',
      reference: 'order-3@42',
    })
    expect((await bank.charges('?idempotency_key=order-1')).charges).toEqual([
      expect.objectContaining({ payment_id: body.payment_id, outcome: 'accepted', amount_cents: 2500 }),
    ])
    expect((await bank.charges('?idempotency_key=other')).charges).toEqual([])
  })

  it('is declined with the reason that belongs to the card', async () => {
    const bank = await startBank()
    const cards = { ...decliningCards, '4242424242424241': 'invalid_number' }
    for (const [card, reason] of Object.entries(cards)) {
      const response = await bank.charge(reason, order(card))
      expect(response.status).toBe(402)
      expect(await json(response)).toEqual({ reason, card_last4: card.slice(-4), reference: 'order-3@42' })
    }
    expect(await bank.summary()).toEqual({ accepted: 0, declined: 6, accepted_amount_cents: 0 })
  })

  it('happens once for a key, whatever else is sent with it', async () => {
    const bank = await startBank()
    const first = await json(await bank.charge('order-1', order()))
    for (const body of [order(), order('4000000000000002', 'order-9@9'), { card: 12 }]) {
      const again = await bank.charge('order-1', body)
      expect([again.status, again.headers.get('Idempotent-Replayed')]).toEqual([200, 'true'])
      expect(await json(again)).toEqual(first)
    }
    expect(await bank.summary()).toEqual({ accepted: 1, declined: 0, accepted_amount_cents: 2500 })
  })

  it('that was declined stays declined for its key, even with a better card', async () => {
    const bank = await startBank()
    const first = await json(await bank.charge('order-1', order('4000000000009995')))
    const again = await bank.charge('order-1', order('4242424242424242', 'order-9@9'))
    expect([again.status, again.headers.get('Idempotent-Replayed')]).toEqual([402, 'true'])
    expect(await json(again)).toEqual(first)
  })

  it('happens once when fifty callers send the same key at the same time', async () => {
    const bank = await startBank()
    const [key] = (await bank.jwks()).keys
    const card = await seal('4242424242424242', key)
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, n) => bank.charge('order-1', order(card, `order-0@${n}`))),
    )
    expect(responses.filter(response => response.status === 201)).toHaveLength(1)
    expect(responses.filter(response => response.status === 200)).toHaveLength(49)
    const answers = await Promise.all(responses.map(async response => JSON.stringify(await json(response))))
    expect(new Set(answers).size).toBe(1)
    expect((await bank.charges()).charges).toHaveLength(1)
  })

  it('never leaves the number in the files or in the log', async () => {
    const bank = await startBank()
    const [key] = (await bank.jwks()).keys
    await bank.charge('bare', order('4242 4242-42424242'))
    await bank.charge('sealed', order(await seal('4242424242424242', key)))
    await bank.charge('invalid', order('4242424242424241'))
    await bank.charge('unreadable', order('42424242424242424242'))
    await bank.charge('broken', '{"card":"4242424242424242",')
    const folder = join(bank.folder, 'deep/er')
    const files = readdirSync(folder)
    expect(files).toContain('ledger.sqlite-wal')
    for (const file of files) {
      const bytes = readFileSync(join(folder, file), 'latin1')
      expect(bytes).not.toMatch(/4242424242|4242 4242/)
    }
    await expect.poll(() => bank.printed().match(/"msg":"charge"/g)).toHaveLength(3)
    expect(bank.printed()).not.toMatch(/4242424242|4242 4242/)
  })

  it('that was answered is neither lost nor repeated by kill -9 amid many, again and again', async () => {
    const { folder, LEDGER_FILE, kill, ...first } = await startBank()
    const sealed = await seal('4242424242424242', (await first.jwks()).keys[0])
    await kill('SIGTERM')
    const answers = new Map<string, { payment_id?: string }>()
    const unanswered = new Set<string>()

    for (let round = 0; round < 5; round++) {
      const bank = await startBank(folder)
      const enough = Promise.withResolvers<void>()
      let asked = 0
      const chargeUntilKilled = async () => {
        for (;;) {
          const number = asked++
          const key = `${round}-${number}`
          unanswered.add(key)
          const response = await bank.charge(key, order(number % 3 ? sealed : '4000000000009995'))
          expect(response.status).toBe(number % 3 ? 201 : 402)
          answers.set(key, await json(response))
          unanswered.delete(key)
          if (number > 100) enough.resolve()
        }
      }
      const charging = Array.from({ length: 20 }, () =>
        expect(chargeUntilKilled()).rejects.toThrow(/fetch failed|terminated/),
      )
      await enough.promise
      await bank.kill('SIGKILL')
      await Promise.all(charging)
    }
    expect(unanswered.size).toBeGreaterThan(0)

    const bank = await startBank(folder)
    const { charges } = await bank.charges('?limit=10000')
    const keys: string[] = charges.map((line: { idempotency_key: string }) => line.idempotency_key)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys).toEqual(expect.arrayContaining([...answers.keys()]))
    expect(keys.filter(key => !answers.has(key) && !unanswered.has(key))).toEqual([])
    const chargeAgain = async ([key, answer]: [string, { payment_id?: string }]) => {
      const again = await bank.charge(key, order(sealed))
      expect([again.status, await json(again)]).toEqual([answer.payment_id ? 200 : 402, answer])
    }
    await Promise.all([...answers].map(chargeAgain))
    expect((await bank.charges('?limit=10000')).charges).toEqual(charges)
    await bank.kill('SIGTERM')
    expect(openDatabase(LEDGER_FILE).prepare('PRAGMA integrity_check').get()).toEqual({
      integrity_check: 'ok',
    })
  }, 120_000)

  it('is counted', async () => {
    const bank = await startBank()
    await bank.charge('a', order())
    await bank.charge('a', order())
    await bank.charge('b', order('4000000000000002'))
    const metrics = await (await fetch(bank.metricsUrl)).text()
    expect(metrics).toContain('bank_charges_total{outcome="accepted"} 1')
    expect(metrics).toContain('bank_charges_total{outcome="declined"} 1')
    expect(metrics).toContain('bank_replays_total 1')
  })
})

describe('a request that can not be read', () => {
  it('has no Idempotency-Key, or too long a one: 400', async () => {
    const bank = await startBank()
    for (const key of ['', 'k'.repeat(256)]) {
      const response = await bank.charge(key, order())
      expect(response.status).toBe(400)
      expect(response.headers.get('Content-Type')).toMatch('application/problem+json')
    }
    expect((await bank.charge('k'.repeat(255), order())).status).toBe(201)
  })

  it('has a reference that would not be given back as it was: 422', async () => {
    const bank = await startBank()
    const response = await bank.charge('k', { ...order(), reference: '\ud800' })
    expect(response.status).toBe(422)
    expect(await json(response)).toMatchObject({ errors: [{ field: 'reference' }] })
  })

  it('has the card number where it would be kept: 422', async () => {
    const bank = await startBank()
    const card = '4242424242424242'
    expect((await bank.charge(`order ${card}`, order('4242 4242 4242 4242'))).status).toBe(422)
    expect((await bank.charge('order-1', order(card, `order-${card}`))).status).toBe(422)
    expect(bank.printed()).not.toContain(card)
  })

  it('has an amount that no ledger could add up: 422', async () => {
    const bank = await startBank()
    for (const amount_cents of [Number.MAX_SAFE_INTEGER, 5_000_000_001]) {
      expect((await bank.charge('order-1', { ...order(), amount_cents })).status).toBe(422)
    }
  })

  it('is not JSON: 400', async () => {
    const bank = await startBank()
    expect((await bank.charge('order-1', '{"card":')).status).toBe(400)
  })

  it('lacks fields: 422 that names them all', async () => {
    const bank = await startBank()
    const response = await bank.charge('order-1', { card: '', amount_cents: -1, currency: 'EURO' })
    expect(response.status).toBe(422)
    const fields = (await json(response)).errors.map((error: { field: string }) => error.field)
    expect(fields).toEqual(['card', 'amount_cents', 'currency', 'reference'])
  })

  it('has a card that is none: 422', async () => {
    const bank = await startBank()
    for (const card of ['123', 'not a card', '42424242424242424242']) {
      const response = await bank.charge('order-1', order(card))
      expect(response.status).toBe(422)
      expect((await json(response)).errors[0].field).toBe('card')
    }
    expect((await bank.charges()).charges).toEqual([])
  })
})

describe('the ledger', () => {
  it('lists charges newest first, as many as asked for', async () => {
    const bank = await startBank()
    for (const key of ['a', 'b', 'c']) await bank.charge(key, order())
    const keys = async (query: string) =>
      (await bank.charges(query)).charges.map((line: { idempotency_key: string }) => line.idempotency_key)
    expect(await keys('')).toEqual(['c', 'b', 'a'])
    expect(await keys('?limit=2')).toEqual(['c', 'b'])
    expect((await fetch(`${bank.adminUrl}/charges?limit=10001`)).status).toBe(422)
  })

  it('is not to be seen at the public port', async () => {
    const bank = await startBank()
    for (const path of ['/charges/summary', '/mode'])
      expect((await fetch(`${bank.url}${path}`)).status).toBe(404)
    const charges = await fetch(`${bank.url}/charges`)
    expect([charges.status, charges.headers.get('allow')]).toEqual([405, 'POST'])
  })
})
