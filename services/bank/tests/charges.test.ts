import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decliningCards } from '../src/decide.ts'
import { json, newFolder, order, seal, spawnBank, startBank } from './bank.ts'

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

  it.each([...Object.entries(decliningCards), ['4242424242424241', 'invalid_number']])(
    'of %s is declined: %s',
    async (card, reason) => {
      const bank = await startBank()
      const response = await bank.charge('order-1', order(card))
      expect(response.status).toBe(402)
      expect(await json(response)).toEqual({ reason, card_last4: card.slice(-4), reference: 'order-3@42' })
      expect(await bank.summary()).toEqual({ accepted: 0, declined: 1, accepted_amount_cents: 0 })
    },
  )

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
    expect(bank.logged.filter(line => line.includes('"charge"'))).toHaveLength(3)
    expect(bank.logged.join('')).not.toMatch(/4242424242|4242 4242/)
  })

  it('survives kill -9: the same key gets the first answer from the next process', async () => {
    const folder = newFolder()
    const killed = await spawnBank(folder)
    const first = await json(await killed.charge('order-1', order()))
    killed.child.kill('SIGKILL')
    await killed.exit
    const next = await spawnBank(folder)
    const again = await next.charge('order-1', order())
    expect([again.status, await json(again)]).toEqual([200, first])
    expect(await next.summary()).toEqual({ accepted: 1, declined: 0, accepted_amount_cents: 2500 })
  })

  it('is counted', async () => {
    const bank = await startBank()
    await bank.charge('a', order())
    await bank.charge('a', order())
    await bank.charge('b', order('4000000000000002'))
    const metrics = await (await fetch(`http://127.0.0.1:${bank.metricsPort}/metrics`)).text()
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

  it.each(['123', 'not a card', '42424242424242424242'])('has the card "%s": 422', async card => {
    const bank = await startBank()
    const response = await bank.charge('order-1', order(card))
    expect(response.status).toBe(422)
    expect((await json(response)).errors[0].field).toBe('card')
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
    expect((await fetch(`${bank.admin}/charges?limit=10001`)).status).toBe(422)
  })

  it('is not to be seen at the public port', async () => {
    const bank = await startBank()
    for (const path of ['/charges', '/charges/summary', '/mode']) {
      expect((await fetch(`${bank.url}${path}`)).status).toBe(404)
    }
  })
})
