import { randomUUID } from 'node:crypto'
import type { TrackedOrder } from 'kafka-restaurants-contracts'
import { withServers } from 'kafka-restaurants-dev-env/testing/with-servers'
import { createContext } from 'kafka-restaurants-service'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest'
import { embeddedDatabase, migrate, postgresDatabase } from '../src/adapters/database.ts'
import { selectOrder, selectPlaces } from '../src/adapters/order-store.ts'
import { databasesOn, postgres } from './databases.ts'
import { events } from './events.ts'
import {
  ask,
  databaseFile,
  envOf,
  kafka,
  orderOnce,
  ownTopics,
  paid,
  placed,
  requested,
  started,
  startTracking,
  told,
} from './tracking.ts'

const { describe, it } = withServers('postgres')
const { log } = createContext('test', 'silent')
let server: Awaited<ReturnType<typeof postgres>>
beforeAll(async () => {
  server = await postgres()
})
afterAll(() => server?.remove())

const ids = (count: number) => Array.from({ length: count }, () => randomUUID())
type Tracking = Awaited<ReturnType<typeof startTracking>>

const placeOnce = (tracking: Tracking, id: string, place: number | undefined) =>
  vi.waitFor(
    async () => {
      const response = await ask(tracking, id)
      const order = (await response.json()) as TrackedOrder
      expect([order.status, order.placeInLine]).toEqual([place ? 'queued' : 'cooking', place])
      return response.headers.get('ETag') ?? ''
    },
    { timeout: 30_000, interval: 50 },
  )
/** What a stream was told, in short: statuses, and places in line. */
const inShort = ({ got }: Awaited<ReturnType<typeof events>>) =>
  got.map(({ id, event, data }) => {
    const { status, placeInLine } = JSON.parse(data)
    return `${id} ${event === 'place' ? placeInLine : status}`
  })
const streamHas = (stream: Awaited<ReturnType<typeof events>>, expected: string[]) =>
  vi.waitFor(() => expect(inShort(stream)).toEqual(expected), 20_000)

describe.each(Object.entries(databasesOn(() => server)))('a line in the database %s', (_, makeDatabase) => {
  it('is followed by its orders to the end, whichever topic is read first', async () => {
    const topics = await ownTopics()
    const { env } = await makeDatabase()
    const tracking = await startTracking(envOf(topics, env))
    const [one, two] = [randomUUID(), randomUUID()]
    await kafka.write(told(topics, one), started(topics, one), started(topics, two))
    await orderOnce(tracking, one, 'ready')
    await kafka.write(...[one, two].flatMap(id => [requested(topics, id), paid(topics, id)]))
    await kafka.write(placed(topics, two), placed(topics, one))
    for (const [id, statuses] of [
      [one, ['placed', 'paid', 'queued', 'cooking', 'ready']],
      [two, ['placed', 'paid', 'queued', 'cooking']],
    ] as const) {
      await vi.waitFor(async () => {
        const order = await orderOnce(tracking, id, statuses.at(-1) ?? '')
        expect(order.history.map(({ status }) => status)).toEqual(statuses)
        expect(order).toMatchObject({ restaurant: 'The Fig Tree', amountCents: 1000 })
        expect(order.placeInLine).toBeUndefined()
      }, 20_000)
    }
  })

  it('has no place for what is no order, and goes on behind events that say nothing', async () => {
    const topics = await ownTopics(1)
    const { env } = await makeDatabase()
    const tracking = await startTracking(envOf(topics, env))
    const [id = ''] = ids(1)
    await kafka.write(
      ...['backup', 'x'.repeat(5_000), '\0'].flatMap(other => [
        requested(topics, other),
        started(topics, other),
        told(topics, other),
      ]),
      ...['INITIALIZING', 'CONTINUING', 'EXPIRED', 'RENAMED'].map(type => told(topics, id, type)),
      requested(topics, id),
    )
    await placeOnce(tracking, id, 1)
    await vi.waitFor(async () => expect(await kafka.lag(topics.group, topics.events)).toBe(0), 10_000)
    const metrics = await (await fetch(tracking.metricsUrl)).text()
    expect(metrics).toMatch(/^tracking_records_left_aside_total 0$/m)
    await kafka.write({ topic: topics.events, key: null, value: '{}' })
    await kafka.write({ ...requested(topics, id), key: null })
    await vi.waitFor(async () => {
      const metrics = await (await fetch(tracking.metricsUrl)).text()
      expect(metrics).toMatch(/^tracking_records_left_aside_total 2$/m)
    }, 10_000)
  })

  it('moves up when somebody leaves it, and its streams are told, each where it was', async () => {
    const topics = await ownTopics()
    const { env } = await makeDatabase()
    const tracking = await startTracking(envOf(topics, env))
    const [one = '', two = '', three = '', elsewhere = ''] = ids(4)
    await kafka.write(...[one, two, three].map(id => requested(topics, id)))
    await kafka.write(requested(topics, elsewhere, 'Olive & Thyme'))
    await placeOnce(tracking, elsewhere, 1)
    const tag = await placeOnce(tracking, three, 3)
    const stream = await events(`${tracking.url}/orders/${three}`)
    const other = await events(`${tracking.url}/orders/${elsewhere}`)
    const wait = { Prefer: 'wait=30', 'If-None-Match': tag }
    const waiting = ask(tracking, three, wait)
    await streamHas(stream, ['1 queued', '1 3'])
    await kafka.write(started(topics, one))
    await streamHas(stream, ['1 queued', '1 3', '1 2'])
    expect(await (await waiting).json()).toMatchObject({ status: 'queued', placeInLine: 2 })
    // It ends before it has begun: whoever waits behind it has no other to wait for.
    await kafka.write(told(topics, two))
    await streamHas(stream, ['1 queued', '1 3', '1 2', '1 1'])
    const again = await events(`${tracking.url}/orders/${three}`, '1')
    await streamHas(again, ['1 1'])
    await kafka.write(paid(topics, three))
    await orderOnce(tracking, three, 'queued')
    await streamHas(again, ['1 1', '2 paid'])
    await kafka.write(started(topics, three))
    await streamHas(again, ['1 1', '2 paid', '3 cooking'])
    expect(inShort(other)).toEqual(['1 queued', '1 1'])
  })

  it('of a thousand tells each its place', async () => {
    const topics = await ownTopics()
    const { env } = await makeDatabase()
    const tracking = await startTracking(envOf(topics, env))
    const line = ids(1_000)
    for (let from = 0; from < line.length; from += 100)
      await kafka.write(...line.slice(from, from + 100).map(id => requested(topics, id)))
    const last = line.at(-1) ?? ''
    await placeOnce(tracking, last, 1_000)
    await kafka.write(...line.slice(0, 10).map(id => started(topics, id)))
    await placeOnce(tracking, last, 990)
    for (const index of [10, 11, 500, 998]) await placeOnce(tracking, line[index] ?? '', index - 9)
    for (const index of [0, 9]) await placeOnce(tracking, line[index] ?? '', undefined)
  }, 60_000)
})

it.each([
  ['embedded', sql`query plan`, () => embeddedDatabase(databaseFile())],
  ['PostgreSQL', undefined, async () => postgresDatabase(await server.database(), log)],
])('a line and a place are read by the index of those who wait alone: %s', async (_, how, open) => {
  const database = await open()
  const db = database.kysely
  onTestFinished(() => db.destroy())
  await migrate(database)
  // So many others that to read all would cost.
  await sql`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
    insert into orders (order_id, status, restaurant, email, card_last4, items, began_at, seen,
      line, line_partition, line_offset)
    select cast(i as text), case when i % 20 = 0 then 'queued' else 'ready' end, 'Fig', '', '', '[]', '', 'queued',
      'Fig', 3, i from n`.execute(db)
  await sql`analyze orders`.execute(db)
  expect(await selectOrder(db, '20000').executeTakeFirst()).toMatchObject({ place: 1_000 })
  expect(await selectOrder(db, '1').executeTakeFirst()).toMatchObject({ place: null })
  const places = await selectPlaces(db, 'Fig').execute()
  expect(places.map(({ place }) => place)).toEqual(places.map((_, index) => index + 1))
  const plans = [
    await selectOrder(db, '20000').explain(undefined, how),
    await selectPlaces(db, 'Fig').explain(undefined, how),
  ]
  for (const plan of plans) {
    expect(JSON.stringify(plan)).toContain('orders_in_line')
    expect(JSON.stringify(plan)).not.toMatch(/Seq Scan|SCAN orders/)
  }
})

it('two replicas tell those who wait of their place, whichever of them has read of it', async () => {
  const topics = await ownTopics(6)
  const env = envOf(topics, { DATABASE_URL: await server.database() })
  const replicas = [await startTracking(env), await startTracking(env)]
  const line = ids(10)
  await kafka.write(...line.map(id => requested(topics, id)))
  const streams = []
  for (const replica of replicas) {
    for (const [index, id] of line.entries()) {
      await placeOnce(replica, id, index + 1)
      streams.push(await events(`${replica.url}/orders/${id}`, '1'))
    }
  }
  await kafka.write(started(topics, line[0] ?? ''))
  for (const [index, stream] of streams.entries()) {
    const place = index % line.length
    await streamHas(stream, place === 0 ? ['1 1', '2 cooking'] : [`1 ${place + 1}`, `1 ${place}`])
  }
}, 60_000)
