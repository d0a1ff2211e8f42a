import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CommandRequest,
  ConfirmedOrders,
  CookingOrder,
  DeclinedOrders,
  deadLetterTopic,
  flatAmountCents,
} from 'kafka-restaurants-contracts'
import { compressions, type InputRecord, withAdmin } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { z } from 'zod'

const brokers = inject('bootstrap')
const { log } = createContext('test', 'silent')
const kafka = testKafka(brokers, log)
const good = '4242424242424242'
const poor = '4000000000009995'
const firstGeneration = { email: 'diner@example.com', credit_card: good, restaurant: 'Olive & Thyme' }
const fullOrder = (order_id: string = randomUUID()) => ({ ...firstGeneration, order_id, amount_cents: 1234 })

let bank: SpawnedService
let topics: { order: string; confirm: string; declined: string }
let group: string
const workers = new Set<SpawnedService>()

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'transaction-'))
  bank = await spawnService('bank', {
    LEDGER_FILE: join(folder, 'ledger.sqlite'),
    KEYS_FILE: join(folder, 'keys.json'),
  })
})
afterAll(() => bank.kill('SIGTERM'))
beforeEach(async () => {
  group = randomUUID()
  topics = {
    order: await kafka.topic('order', 3),
    confirm: await kafka.topic('confirm', 3),
    declined: await kafka.topic('declined', 3),
  }
})
afterEach(async () => {
  await setBank('normal')
  await Promise.all([...workers].map(worker => worker.kill('SIGKILL')))
  workers.clear()
})

async function startTransaction(env: Record<string, string> = {}) {
  const worker = await spawnService('transaction', {
    BOOTSTRAP_SVR: brokers,
    GROUP_ID: group,
    ORDER_TOPIC: topics.order,
    CONFIRM_TOPIC: topics.confirm,
    DECLINED_TOPIC: topics.declined,
    BANK_URL: bank.url,
    ...env,
  })
  workers.add(worker)
  return worker
}
const setBank = (mode: string) =>
  fetch(`${bank.adminUrl}/mode`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ mode }),
  })
const order = (...values: object[]) =>
  kafka.write(...values.map(value => ({ topic: topics.order, key: null, value: JSON.stringify(value) })))
const drained = (deadlineMs = 15_000) =>
  vi.waitFor(async () => expect(await kafka.lag(group, topics.order)).toBe(0), {
    timeout: deadlineMs,
    interval: 200,
  })
const confirmed = (records: InputRecord[]) =>
  records.flatMap(({ value }) => ConfirmedOrders.parse(JSON.parse(value.toString())))
const charges = async (): Promise<{ reference: string }[]> => {
  const response = await fetch(`${bank.adminUrl}/charges?limit=10000`)
  const all = z
    .object({ charges: z.array(z.looseObject({ reference: z.string() })) })
    .parse(await response.json())
  return all.charges.filter(({ reference }) => reference.startsWith(`${topics.order}-`))
}

describe('transaction', () => {
  it("confirms the first generation's record once, as a JSON list, with an id of its own", async () => {
    await order(firstGeneration)
    await startTransaction()
    await drained()
    const records = await kafka.readAll(topics.confirm)
    expect(records).toHaveLength(1)
    expect(records[0]?.key?.toString()).toBe(firstGeneration.restaurant)
    expect(records[0]?.value.toString()).not.toContain(good)
    expect(confirmed(records)).toMatchObject([
      {
        email: 'diner@example.com',
        restaurant: 'Olive & Thyme',
        card_last4: '4242',
        amount_cents: flatAmountCents,
      },
    ])
    expect(await charges()).toHaveLength(1)
  })

  it("confirms the first generation's record whose card is a JSON number, and passes no digit on", async () => {
    await order({ ...firstGeneration, credit_card: Number(good) })
    await startTransaction()
    const records = await kafka.read(topics.confirm, 1)
    expect(records[0]?.value.toString()).not.toContain(good)
    expect(confirmed(records)).toMatchObject([{ card_last4: '4242', amount_cents: flatAmountCents }])
    expect(await charges()).toHaveLength(1)
  })

  it('reads what others have compressed, and charges each once', async () => {
    const value = JSON.stringify(firstGeneration)
    for (const compression of compressions)
      await kafka.writeAs(compression, { topic: topics.order, key: null, value })
    await startTransaction()
    await drained()
    expect(await charges()).toHaveLength(compressions.length)
    expect(confirmed(await kafka.readAll(topics.confirm))).toHaveLength(compressions.length)
  })

  it('charges nothing a second time when its group is set back, and tells of the same orders', async () => {
    await order(fullOrder(), firstGeneration, { ...fullOrder(), credit_card: poor })
    const first = await startTransaction()
    await drained()
    workers.delete(first)
    expect(await first.kill('SIGTERM')).toBe(0)
    const partitions = [0, 1, 2].map(partition => ({ partition, offset: '0' }))
    await withAdmin({ brokers, log }, admin =>
      admin.setOffsets({ groupId: group, topic: topics.order, partitions }),
    )
    await startTransaction()
    await drained()
    expect(await charges()).toHaveLength(3)
    const told = confirmed(await kafka.readAll(topics.confirm)).map(each => [each.order_id, each.payment_id])
    expect(told).toHaveLength(4)
    // The order's id names its mail, which email sends once.
    expect(new Set(told.map(String)).size).toBe(2)
  })

  it('declines a card without money, and says why', async () => {
    await order({ ...fullOrder('o-1'), credit_card: poor })
    await startTransaction()
    const [record] = await kafka.read(topics.declined, 1)
    expect(DeclinedOrders.parse(JSON.parse(String(record?.value)))).toMatchObject([
      { order_id: 'o-1', reason: 'insufficient_funds', card_last4: '9995' },
    ])
    expect(await kafka.readAll(topics.confirm)).toEqual([])
  })

  it('keeps unknown fields, and masks the card number in them', async () => {
    await order({ ...fullOrder(), table: 7, note: `paid with ${good}` })
    await startTransaction()
    expect(confirmed(await kafka.read(topics.confirm, 1))).toMatchObject([
      { table: 7, note: 'paid with ************4242' },
    ])
  })

  it('passes on for whom an order is, to the mail and the kitchen alone: no log and no metric has it', async () => {
    const commands = await kafka.topic('commands', 3)
    const details = {
      name: 'Dana Cohen',
      phone: '+49 30 1234567',
      fulfilment: 'delivery',
      address: { street: 'Olive Street 5', city: 'Berlin' },
      wanted_at: '2026-11-27T19:30:00+01:00',
      note: 'Ring twice',
    }
    const told = { ...details, tip_cents: 100, locale: 'he' }
    await order({ ...fullOrder(), ...told }, { ...fullOrder(), ...told, credit_card: poor })
    const worker = await startTransaction({ COMMANDS_TOPIC: commands, LOG_LEVEL: 'debug' })
    await drained()
    expect(confirmed(await kafka.readAll(topics.confirm))).toMatchObject([told])
    const [unpaid] = await kafka.readAll(topics.declined)
    expect(JSON.parse(String(unpaid?.value))).toMatchObject([told])
    const [command, ...others] = await kafka.readAll(commands)
    expect(others).toEqual([])
    const { message } = CommandRequest.parse(JSON.parse(String(command?.value)))
    expect(JSON.parse(message)).toEqual({ restaurant: 'Olive & Thyme', items: [], ...details })
    const metrics = await (await fetch(worker.metricsUrl)).text()
    expect(`${worker.printed()}${metrics}`).not.toMatch(/Dana|1234567|Olive Street|Berlin|19:30|twice/)
    expect(worker.printed()).toContain('order charged')
  })

  it('asks for each order that is paid to be cooked, once, and for no other', async () => {
    const commands = await kafka.topic('commands', 3)
    const soup = { id: 'soup', name: 'Soup', quantity: 2, price_cents: 617 }
    const [paid, twice] = [{ ...fullOrder(), items: [soup] }, fullOrder()]
    await order(paid, { ...fullOrder(), credit_card: poor }, twice, twice)
    await startTransaction({ COMMANDS_TOPIC: commands })
    await drained()
    const records = await kafka.readAll(commands)
    const asked = records.map(({ key, value }) => {
      const { id, message } = CommandRequest.parse(JSON.parse(String(value)))
      return { key: String(key), id, ...CookingOrder.parse(JSON.parse(message)) }
    })
    const restaurant = 'Olive & Thyme'
    const same = { key: restaurant, restaurant }
    expect(asked).toHaveLength(2)
    expect(asked).toContainEqual({ ...same, id: paid.order_id, items: [{ name: 'Soup', quantity: 2 }] })
    expect(asked).toContainEqual({ ...same, id: twice.order_id, items: [] })
    expect(records.map(({ headers }) => Object.keys(headers))).toEqual(
      (await kafka.readAll(topics.confirm)).map(({ headers }) => Object.keys(headers)),
    )
  })

  it('charges once for a record that is delivered again, and publishes the same outcome', async () => {
    await order(fullOrder('again'))
    const first = await startTransaction()
    await drained()
    await first.kill('SIGTERM')
    workers.delete(first)
    await withAdmin({ brokers, log }, async admin => {
      const partitions = (await admin.fetchTopicOffsets(topics.order)).map(({ partition }) => ({
        partition,
        offset: '0',
      }))
      await admin.setOffsets({ groupId: group, topic: topics.order, partitions })
    })
    await startTransaction()
    await drained()
    const outcomes = confirmed(await kafka.readAll(topics.confirm))
    expect(outcomes).toHaveLength(2)
    expect(new Set(outcomes.map(({ order_id, payment_id }) => `${order_id} ${payment_id}`)).size).toBe(1)
    expect(await charges()).toHaveLength(1)
  })

  it('publishes one outcome for an order that is in the topic twice', async () => {
    const twice = fullOrder()
    await order(twice, twice, fullOrder())
    await startTransaction()
    await drained()
    const ids = confirmed(await kafka.readAll(topics.confirm)).map(({ order_id }) => order_id)
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(2)
  })

  it('sets aside what is no JSON, no order, or too large, with the reason and without the card, and goes on', async () => {
    const write = (value: string) => kafka.write({ topic: topics.order, key: 'same', value })
    await write(`card ${good}`)
    await write(JSON.stringify({ email: 'diner@example.com', credit_card: 4 }))
    await write(JSON.stringify({ ...fullOrder(), padding: 'x'.repeat(10_000_000) }))
    await write(JSON.stringify(fullOrder('the good one')))
    await startTransaction()
    expect(confirmed(await kafka.read(topics.confirm, 1))).toMatchObject([{ order_id: 'the good one' }])
    const dead = await kafka.read(deadLetterTopic(topics.order), 3)
    expect(dead.map(({ headers }) => headers.dead_letter_reason)).toEqual([
      'the value is not JSON',
      expect.stringMatching(/^the value is no order: restaurant: .*; credit_card: /),
      expect.stringMatching(/^the value has 10000\d+ bytes/),
    ])
    expect(dead.map(({ value }) => value.toString()).join()).not.toContain(good)
    expect(dead[0]?.headers.dead_letter_masked).toBe('card-number')
  })

  it.each(['away', 'failing', 'lost-answer'])(
    'waits while the bank is %s, and charges once when it is back',
    async mode => {
      await setBank(mode)
      await order(fullOrder(), fullOrder())
      const worker = await startTransaction()
      const readiness = async () => (await fetch(`${worker.url}/health/ready`)).text()
      await vi.waitFor(async () => expect(await readiness()).toMatch(/waits after try/), 15_000)
      await setBank('normal')
      await drained()
      expect(await kafka.readAll(topics.confirm)).toHaveLength(2)
      expect(await charges()).toHaveLength(2)
      expect(await kafka.readAll(deadLetterTopic(topics.order))).toEqual([])
    },
  )

  it('outlasts a long outage of the bank in its group, and charges all that waited when it is back', async () => {
    // Each try waits longer, up to 5 s: 6 tries are about 10 s, 150 about ten minutes.
    const tries = Number(process.env.OUTAGE_TRIES ?? 6)
    const orders = Array.from({ length: 300 }, () => fullOrder())
    await setBank('away')
    await order(...orders)
    const worker = await startTransaction()
    const metric = async (name: string) => {
      const text = await (await fetch(worker.metricsUrl)).text()
      return Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1])
    }
    await vi.waitFor(
      async () => {
        const response = await fetch(`${worker.url}/health/ready`)
        // What waits is no reason to take it for one that can't work.
        expect(response.status).toBe(200)
        const { outages } = z.object({ outages: z.array(z.string()) }).parse(await response.json())
        const reached = outages.map(outage => Number(/waits after try (\d+)/.exec(outage)?.[1]))
        expect(reached).toHaveLength(3)
        expect(Math.min(...reached)).toBeGreaterThanOrEqual(tries)
      },
      { timeout: tries * 5_000 + 15_000, interval: 200 },
    )
    // It is counted at an interval, and amid a try a partition does not wait.
    const isPaused = async (count: number) => expect(await metric('kafka_partitions_paused')).toBe(count)
    await vi.waitFor(() => isPaused(3), { timeout: 15_000, interval: 200 })
    expect(await kafka.readAll(topics.confirm)).toEqual([])
    await order(fullOrder())
    await setBank('normal')
    await drained(25_000)
    await vi.waitFor(() => isPaused(0), { timeout: 15_000, interval: 200 })
    expect(await kafka.readAll(topics.confirm)).toHaveLength(301)
    expect(await charges()).toHaveLength(301)
    expect(await kafka.readAll(deadLetterTopic(topics.order))).toEqual([])
    expect(worker.printed().match(/"joined the group"/g)).toHaveLength(1)
  }, 900_000)

  it('exits 1 when its consumer can not go on', async () => {
    const foreigner = await kafka.foreignMember(group, topics.order)
    const worker = await startTransaction()
    workers.delete(worker)
    expect(await worker.exited).toBe(1)
    expect(worker.printed()).toMatch(/the consumer of .* died/)
    await foreigner.leave()
  })

  it('loses and repeats nothing when it is killed in the middle of 500 orders', async () => {
    const orders = Array.from({ length: 500 }, () => fullOrder())
    await order(...orders)
    const first = await startTransaction()
    await vi.waitFor(async () => expect((await charges()).length).toBeGreaterThan(50), {
      timeout: 15_000,
      interval: 10,
    })
    await first.kill('SIGKILL')
    workers.delete(first)
    expect((await charges()).length).toBeLessThan(500)
    await startTransaction()
    await drained(25_000)
    const ids = confirmed(await kafka.readAll(topics.confirm)).map(({ order_id }) => order_id)
    expect(ids.toSorted()).toEqual(orders.map(({ order_id }) => order_id).toSorted())
    expect(await charges()).toHaveLength(500)
  }, 60_000)

  it('finishes on SIGTERM what it has in hand, and exits 0', async () => {
    await order(...Array.from({ length: 300 }, () => fullOrder()))
    const worker = await startTransaction()
    await vi.waitFor(async () => expect((await charges()).length).toBeGreaterThan(0), {
      timeout: 15_000,
      interval: 10,
    })
    workers.delete(worker)
    expect(await worker.kill('SIGTERM')).toBe(0)
    expect(await kafka.readAll(topics.confirm)).toHaveLength((await charges()).length)
    expect(worker.printed()).not.toContain(good)
  })
})
