import { randomUUID } from 'node:crypto'
import { PopularDishes, TrackedOrder } from 'kafka-restaurants-contracts'
import { withServers } from 'kafka-restaurants-dev-env/testing/with-servers'
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest'
import { databasesOn, postgres } from './databases.ts'
import { events } from './events.ts'
import { ask, declined, envOf, kafka, orderOnce, ownTopics, paid, placed, startTracking } from './tracking.ts'

const { describe, it } = withServers('postgres')
/** How many pass while tracking is killed; `TRACKED_ORDERS=5000` takes longer. */
const ordersKilled = Number(process.env.TRACKED_ORDERS ?? 600)
let server: Awaited<ReturnType<typeof postgres>>
beforeAll(async () => {
  server = await postgres()
})
afterAll(() => server?.remove())

describe.each(Object.entries(databasesOn(() => server)))(
  'tracking with its database %s',
  (_, makeDatabase) => {
    it('shows what has become of an order, whichever topic it hears of it first', async () => {
      const topics = await ownTopics()
      const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()]
      const { env } = await makeDatabase()
      const tracking = await startTracking(envOf(topics, env))
      await kafka.write(paid(topics, one), declined(topics, two))
      await orderOnce(tracking, one, 'paid')
      await kafka.write(placed(topics, one), placed(topics, two), placed(topics, three), paid(topics, one))
      await orderOnce(tracking, three, 'placed')
      const order = await vi.waitFor(async () => {
        const order = await orderOnce(tracking, one, 'paid')
        expect(order.history).toHaveLength(2)
        return order
      })
      expect(order).toEqual({
        orderId: one,
        status: 'paid',
        restaurant: 'The Fig Tree',
        email: 'd…@example.com',
        cardLast4: '4242',
        items: [{ name: 'Soup', quantity: 2, price_cents: 500 }],
        amountCents: 1000,
        currency: 'EUR',
        history: [
          expect.objectContaining({ status: 'placed', at: '2026-11-26T12:00:00.000Z', topic: topics.order }),
          expect.objectContaining({ status: 'paid', at: '2026-11-26T12:00:01.000Z', topic: topics.confirm }),
        ],
      })
      expect(await orderOnce(tracking, two, 'declined')).toMatchObject({ reason: 'card_declined' })
    })

    it('tells what paid orders have most of, and nothing of those that nobody paid', async () => {
      const topics = await ownTopics()
      const { env } = await makeDatabase()
      const tracking = await startTracking(envOf(topics, env))
      const popular = async (query: string) => {
        const answer = await fetch(`${tracking.url}/popular?${query}`)
        return [answer.status, PopularDishes.parse(await answer.json()).dishes]
      }
      const [good, bad, open] = [4, 5, 5].map(count => Array.from({ length: count }, () => randomUUID()))
      const all = [...(good ?? []), ...(bad ?? []), ...(open ?? [])]
      await kafka.write(
        ...all.map(id => placed(topics, id)),
        ...(good ?? []).map(id => paid(topics, id)),
        ...(bad ?? []).map(id => declined(topics, id)),
      )
      for (const id of good ?? []) await orderOnce(tracking, id, 'paid')
      for (const id of bad ?? []) await orderOnce(tracking, id, 'declined')
      for (const id of all)
        await vi.waitFor(
          async () => {
            const { items } = TrackedOrder.parse(await (await ask(tracking, id)).json())
            expect(items).toHaveLength(1)
          },
          { timeout: 30_000 },
        )
      expect(await popular('restaurant=The+Fig+Tree')).toEqual([200, []])

      // What was found is kept for a while: another replica looks for itself.
      const fifth = randomUUID()
      await kafka.write(placed(topics, fifth), paid(topics, fifth))
      await orderOnce(tracking, fifth, 'paid')
      await tracking.kill('SIGTERM')
      const { url } = await startTracking(envOf(topics, env))
      const answer = await fetch(`${url}/popular?restaurant=The+Fig+Tree`)
      expect(PopularDishes.parse(await answer.json())).toEqual({ dishes: [{ name: 'Soup', orders: 5 }] })
      expect(answer.headers.get('cache-control')).toBe('max-age=15')
      expect((await fetch(`${url}/popular?restaurant=Another`)).status).toBe(200)
      expect((await fetch(`${url}/popular`)).status).toBe(422)
    })

    it('knows every change once after kill -9 in the middle, and fills an emptied database from the topics', async () => {
      const topics = await ownTopics()
      const { env, empty } = await makeDatabase()
      const ids = Array.from({ length: ordersKilled }, () => randomUUID())
      let tracking = await startTracking(envOf(topics, env))
      const write = async () => {
        for (let from = 0; from < ids.length; from += 20) {
          const some = ids.slice(from, from + 20)
          await kafka.write(...some.flatMap(id => [placed(topics, id), paid(topics, id)]))
        }
      }
      const writing = write()
      for (let kill = 1; kill <= 2; kill++) {
        await orderOnce(tracking, ids[Math.floor((kill * ids.length) / 4)] ?? '', 'paid')
        await tracking.kill('SIGKILL')
        tracking = await startTracking(envOf(topics, env))
      }
      await writing
      const complete = async () => {
        for (const id of ids) {
          await vi.waitFor(
            async () => {
              const { history } = await orderOnce(tracking, id, 'paid')
              expect(history.map(({ status }) => status)).toEqual(['placed', 'paid'])
            },
            { timeout: 30_000, interval: 50 },
          )
        }
      }
      await complete()
      expect(await tracking.kill('SIGTERM')).toBe(0)
      await empty()
      tracking = await startTracking(envOf(topics, env))
      await complete()
    }, 600_000)

    it('goes on behind records that are none', async () => {
      const topics = await ownTopics(1)
      const { env } = await makeDatabase()
      const tracking = await startTracking(envOf(topics, env))
      const id = randomUUID()
      const bad = [
        '',
        'no JSON',
        '[]',
        '{"restaurant":"\\u0000"}',
        JSON.stringify({ order_id: 'x'.repeat(5_000) }),
      ]
      const odd = { ...JSON.parse(String(placed(topics, 'o\0').value)), restaurant: 'Fi\0g \ud800' }
      await kafka.write(
        ...[topics.order, topics.confirm, topics.declined].flatMap(topic =>
          bad.map(value => ({ topic, key: null, value })),
        ),
        { topic: topics.order, key: null, value: null },
        { topic: topics.order, key: null, value: JSON.stringify(odd) },
        placed(topics, id),
        paid(topics, id),
      )
      await orderOnce(tracking, id, 'paid')
      await vi.waitFor(async () => expect(await kafka.lag(topics.group, topics.order)).toBe(0), 10_000)
      const metrics = await (await fetch(tracking.metricsUrl)).text()
      expect(metrics).toMatch(/^tracking_records_left_aside_total \d\d$/m)
    })

    it('streams each change, goes on behind the last that was seen, and begins anew where that is none', async () => {
      const topics = await ownTopics()
      const { env } = await makeDatabase()
      const tracking = await startTracking(envOf(topics, env))
      const id = randomUUID()
      await kafka.write(placed(topics, id))
      await orderOnce(tracking, id, 'placed')
      const stream = await events(`${tracking.url}/orders/${id}`)
      await stream.has(1)
      await kafka.write(paid(topics, id))
      await stream.has(2)
      expect(stream.got.map(({ id, data }) => [id, JSON.parse(data).status])).toEqual([
        ['1', 'placed'],
        ['2', 'paid'],
      ])
      for (const [seen, expected] of Object.entries({ '': 2, 1: 1, 7: 2, '-1': 2, no: 2, 9999999: 2 })) {
        const again = await events(`${tracking.url}/orders/${id}`, seen)
        await again.has(expected)
        expect(again.got.at(-1)?.id, seen).toBe('2')
      }
      const none = await events(`${tracking.url}/orders/${id}`, '2')
      expect(none.got).toEqual([])
    })

    it('waits for what is not known or not decided yet, and for another than is known', async () => {
      const topics = await ownTopics()
      const { env } = await makeDatabase()
      const tracking = await startTracking(envOf(topics, env))
      const id = randomUUID()
      expect((await ask(tracking, id, { Prefer: 'wait=1' })).status).toBe(404)
      const waiting = ask(tracking, id, { Prefer: 'wait=30' })
      await kafka.write(placed(topics, id))
      await orderOnce(tracking, id, 'placed')
      const now = await ask(tracking, id)
      const tag = now.headers.get('ETag') ?? ''
      expect((await ask(tracking, id, { 'If-None-Match': tag })).status).toBe(304)
      const other = ask(tracking, id, { Prefer: 'wait=30', 'If-None-Match': tag })
      await kafka.write(paid(topics, id))
      for (const answer of [await waiting, await other]) {
        expect(answer.headers.get('Preference-Applied')).toBe('wait=30')
        expect(await answer.json()).toMatchObject({ status: 'paid' })
      }
    })

    it('answers 404 for what is no order', async () => {
      const { env } = await makeDatabase()
      const tracking = await startTracking(envOf(await ownTopics(), env))
      const none = [randomUUID(), 'x', '..%2f', `${randomUUID()}x`, '%00', "' or 1=1", 'a'.repeat(5_000)]
      for (const id of none)
        for (const Accept of ['*/*', 'text/event-stream'])
          expect((await ask(tracking, encodeURI(id), { Accept })).status, id).toBe(404)
    })
  },
)

it('two replicas know every change once, whichever of them reads which topic', async () => {
  const topics = await ownTopics(6)
  const env = envOf(topics, { DATABASE_URL: await server.database() })
  const replicas = [await startTracking(env), await startTracking(env)]
  const ids = Array.from({ length: 1_000 }, () => randomUUID())
  for (let from = 0; from < ids.length; from += 50) {
    const some = ids.slice(from, from + 50)
    await kafka.write(...some.flatMap(id => [placed(topics, id), paid(topics, id)]))
  }
  for (const [index, id] of ids.entries()) {
    const replica = replicas[index % 2] ?? expect.fail()
    await vi.waitFor(
      async () => expect((await orderOnce(replica, id, 'paid')).history).toHaveLength(2),
      30_000,
    )
  }
}, 120_000)

it('two replicas tell each change live, whichever of them has read it', async () => {
  const topics = await ownTopics(6)
  const env = envOf(topics, { DATABASE_URL: await server.database() })
  const replicas = [await startTracking(env), await startTracking(env)]
  const ids = Array.from({ length: 20 }, () => randomUUID())
  await kafka.write(...ids.map(id => placed(topics, id)))
  const streams = []
  for (const replica of replicas) {
    for (const id of ids) {
      await orderOnce(replica, id, 'placed')
      streams.push(await events(`${replica.url}/orders/${id}`, '1'))
    }
  }
  await kafka.write(...ids.map(id => paid(topics, id)))
  for (const stream of streams) await stream.has(1)
  const told = await kafka.read(topics.status, 2 * ids.length)
  expect(told.map(({ key, value }) => [String(key), JSON.parse(String(value)).order_id])).toEqual(
    told.map(({ key }) => [String(key), String(key)]),
  )
}, 60_000)

it('waits for a database that is away, says so, and can be stopped meanwhile', async () => {
  const own = await postgres()
  onTestFinished(() => own.remove())
  const topics = await ownTopics()
  const env = envOf(topics, { DATABASE_URL: await own.database() })
  const [first, second] = [randomUUID(), randomUUID()]
  const tracking = await startTracking(env)
  await kafka.write(placed(topics, first), paid(topics, first))
  await orderOnce(tracking, first, 'paid')
  await own.kill()
  const refused = await ask(tracking, first)
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
  await kafka.write(placed(topics, second), paid(topics, second))
  await vi.waitFor(async () => {
    const ready = (await (await fetch(`${tracking.url}/health/ready`)).json()) as { outages: string[] }
    expect(ready.outages.join()).toMatch(/ECONNREFUSED/)
  }, 20_000)
  await own.comeBack()
  expect((await orderOnce(tracking, second, 'paid')).history).toHaveLength(2)
  await own.kill()
  expect(await tracking.kill('SIGTERM')).toBe(0)
}, 120_000)
