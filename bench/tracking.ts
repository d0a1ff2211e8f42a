import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Order, topicSpecs, topics } from 'kafka-restaurants-contracts'
import { startBroker } from 'kafka-restaurants-dev-env/kafka/broker'
import { openLoop } from 'kafka-restaurants-dev-env/open-loop'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { startPostgres } from 'kafka-restaurants-dev-env/testing/postgres'
import { findTool } from 'kafka-restaurants-dev-env/tools/find'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { batchingProducer, createTopics } from 'kafka-restaurants-kafka'
import { kafkaClient, testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { Client } from 'pg'
import { percentile } from './measure.ts'
import { costTable, profileClock, profiling, readProfiles, type Stretch, topCosts } from './profile.ts'

const { log } = createContext('bench', 'silent')

interface Wanted {
  orders: number
  clients: number
  rate: number
  /** Whether to tell what tracking spent its CPU on. */
  profile: boolean
}

/**
 * Measures how many changes a second tracking reads, folds and stores, beside the same rows inserted into the same tables
 * in batches of the same size by a bare loop; how long a change takes to all of many streams; and, of two replicas, to both.
 */
export async function benchTracking(args: string[]): Promise<void> {
  const whole = { type: 'string' } as const
  const { values } = readArgs({
    args,
    options: { orders: whole, clients: whole, rate: whole, profile: { type: 'boolean' } },
  })
  const wanted: Wanted = {
    orders: wholeNumber('--orders', values.orders, 30_000, { min: 1_000 }),
    clients: wholeNumber('--clients', values.clients, 10_000, { min: 1 }),
    rate: wholeNumber('--rate', values.rate, 50, { min: 1 }),
    profile: values.profile ?? false,
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const place = { dataDir, port: await freePort(), controllerPort: await freePort(), progress: console.log }
  const broker = await startBroker(place)
  try {
    await createTopics({ brokers: broker.bootstrap, log }, topicSpecs())
    const ids = await writeOrders(broker.bootstrap, wanted.orders)
    const file = join(dataDir, 'tracking.sqlite')
    const spool = { SPOOL_FILE: join(dataDir, 'spool.sqlite') }
    await compare('embedded', broker.bootstrap, { ...spool, DATABASE_FILE: file }, wanted, () =>
      embedded(file),
    )
    await streams(broker.bootstrap, { ...spool, DATABASE_FILE: file }, ids[0] ?? '', wanted.clients)
    if (!findTool('initdb')) return console.log('\nPostgreSQL is not here (initdb), and not measured.')
    const server = await startPostgres()
    try {
      await compare('PostgreSQL', broker.bootstrap, { ...spool, DATABASE_URL: server.url }, wanted, () =>
        postgres(server.url),
      )
      await replicas(broker.bootstrap, { DATABASE_URL: server.url }, dataDir, wanted.rate)
    } finally {
      await server.remove()
    }
  } finally {
    await broker.kill()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Orders that were placed and paid, as search-order and transaction write them. @returns their ids */
async function writeOrders(bootstrap: string, count: number): Promise<string[]> {
  const kafka = testKafka(bootstrap, log)
  const ids = Array.from({ length: count }, () => randomUUID())
  const headers = () => ({
    traceparent: `00-${randomUUID().replaceAll('-', '')}-0000000000000001-01`,
    correlation_id: randomUUID(),
  })
  for (let from = 0; from < count; from += 2_000) {
    const records = ids.slice(from, from + 2_000).flatMap((orderId, index) => {
      const restaurant = `Restaurant ${(from + index) % 1_000}`
      const { credit_card, placed_at, ...order } = orderOf(orderId, restaurant)
      const paid = { ...order, payment_id: randomUUID(), confirmed_at: new Date().toISOString() }
      return [
        {
          topic: topics.order,
          key: orderId,
          value: JSON.stringify({ ...order, credit_card, placed_at }),
          headers: headers(),
        },
        { topic: topics.orderConfirm, key: restaurant, value: JSON.stringify([paid]), headers: headers() },
      ]
    })
    await kafka.write(...records)
  }
  return ids
}

const orderOf = (orderId: string, restaurant: string): Order => ({
  order_id: orderId,
  restaurant,
  email: 'bench@example.com',
  credit_card: 'x'.repeat(240),
  card_last4: '4242',
  items: [{ id: 'soup', name: 'Soup of the day', quantity: 2, price_cents: 1250 }],
  amount_cents: 2500,
  currency: 'EUR',
  placed_at: new Date().toISOString(),
})

/** A database as a bare loop uses it. */
interface Bare {
  rows: (table: 'orders' | 'changes') => Promise<Row[]>
  empty: () => Promise<void>
  /** Inserts a batch in one transaction, with the order of each change. */
  insert: (orders: Row[], changes: Row[]) => Promise<void>
  close: () => Promise<void>
}
type Row = Record<string, string | number | null>

async function compare(
  name: string,
  bootstrap: string,
  env: Record<string, string>,
  { orders, profile }: Wanted,
  open: () => Promise<Bare>,
): Promise<void> {
  console.log(`\n${name}: ${orders} orders, placed and paid`)
  const profiles = mkdtempSync(join(tmpdir(), 'kafka-restaurants-profiles-'))
  const service = await spawnService('tracking', {
    ...env,
    BOOTSTRAP_SVR: bootstrap,
    LOG_LEVEL: 'info',
    ...(profile && profiling(profiles)),
  })
  const { rate, batch, cpu, stretch } = await fill(service, 2 * orders)
  await service.kill('SIGTERM')
  console.log(
    `  tracking: ${rate.toFixed(0)} changes/s, ${batch} a commit, ${cpu.toFixed(3)} ms of CPU a change`,
  )
  if (profile) printProfiles(profiles, stretch)
  rmSync(profiles, { recursive: true })
  const bare = await open()
  try {
    const [orders, changes] = [await bare.rows('orders'), await bare.rows('changes')]
    const inserted = await insertAgain(bare, { orders, changes, batch })
    const read = await readAndInsert(bootstrap, bare, { orders, changes, batch })
    console.log(`  inserted directly, in the same batches: ${inserted.toFixed(0)} changes/s`)
    console.log(`  ratio: ${(rate / inserted).toFixed(2)}`)
    console.log(`  read by a bare consumer, which inserts the same: ${read.toFixed(0)} changes/s`)
    console.log(
      `  ratio: ${(rate / read).toFixed(2)}; of that to the direct one: ${(read / inserted).toFixed(2)}`,
    )
  } finally {
    await bare.close()
  }
}

/** What tracking spent most of its CPU on. */
function printProfiles(folder: string, stretch: Stretch): void {
  for (const [, profile] of readProfiles(folder))
    console.log(costTable(topCosts(profile, stretch, 15)).join('\n'))
}

/** Waits until all changes are stored. The first commit, in which it warms up, is not counted. */
async function fill(service: SpawnedService, changes: number) {
  const [first] = await metricsOnce(service, ({ stored }) => stored > 0)
  if (first.stored >= changes)
    throw new Error('all was stored before it could be measured: give more --orders')
  const [startedAt, begun] = [performance.now(), profileClock()]
  const [last] = await metricsOnce(service, ({ stored }) => stored >= changes)
  const seconds = (performance.now() - startedAt) / 1_000
  return {
    stretch: [begun, profileClock()] satisfies Stretch,
    rate: (changes - first.stored) / seconds,
    batch: Math.ceil((changes - first.stored) / Math.max(1, last.commits - first.commits)),
    cpu: (1_000 * (last.cpu - first.cpu)) / (changes - first.stored),
  }
}

interface Figures {
  stored: number
  commits: number
  cpu: number
  bytes: number
}

function metricsOnce(service: SpawnedService, is: (figures: Figures) => boolean): Promise<[Figures]> {
  return waitUntil(
    'tracking has stored the changes',
    300_000,
    async (): Promise<[Figures] | false> => {
      const text = await (await fetch(service.metricsUrl)).text()
      const sum = (name: string) =>
        [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (.*)$`, 'gm'))].reduce(
          (all, [, value]) => all + Number(value),
          0,
        )
      const figures = {
        stored: sum('tracking_changes_total'),
        commits: sum('tracking_commits_total'),
        cpu: sum('process_cpu_seconds_total'),
        bytes: sum('process_resident_memory_bytes'),
      }
      return is(figures) ? [figures] : false
    },
    100,
  )
}

/** All that the tables hold, and how much of it goes into a transaction. */
interface Contents {
  orders: Row[]
  changes: Row[]
  batch: number
}

/** Empties the tables, and inserts what was in them. @returns changes a second */
async function insertAgain(bare: Bare, { orders, changes, batch }: Contents): Promise<number> {
  const insert = await inserting(bare, orders)
  const startedAt = performance.now()
  for (let from = 0; from < changes.length; from += batch) await insert(changes.slice(from, from + batch))
  return changes.length / ((performance.now() - startedAt) / 1_000)
}

/** Empties the tables. @returns inserts changes, with their orders */
async function inserting(bare: Bare, orders: Row[]): Promise<(changes: Row[]) => Promise<void>> {
  const byId = new Map(orders.map(row => [row.order_id ?? '', [row]]))
  await bare.empty()
  return async changes => {
    const ids = new Set(changes.map(row => row.order_id ?? ''))
    await bare.insert(
      [...ids].flatMap(id => byId.get(id) ?? []),
      changes,
    )
  }
}

/**
 * The same, of changes that a consumer reads as JSON, and that are neither checked nor folded nor told to anybody: the
 * most that can be had of one process. The first batch, in which it warms up, is not counted. @returns changes a second
 */
async function readAndInsert(bootstrap: string, bare: Bare, { orders, changes, batch }: Contents) {
  const insert = await inserting(bare, orders)
  const byPlace = new Map(changes.map(row => [`${row.topic}[${row.partition}]@${row.record_offset}`, row]))
  const consumer = kafkaClient({ brokers: bootstrap, clientId: 'bench', log }).consumer({
    groupId: randomUUID(),
  })
  const done = Promise.withResolvers<number>()
  let waiting: Row[] = []
  let [inserted, startedAt, counted] = [0, 0, 0]
  await consumer.connect()
  const read = [topics.order, topics.orderConfirm, topics.orderDeclined]
  consumer.on(consumer.events.CRASH, ({ payload: { error } }) => done.reject(error))
  await consumer.subscribe({ topics: read, fromBeginning: true })
  await consumer.run({
    eachBatch: async ({ batch: { topic, partition, messages } }) => {
      for (const { offset, value } of messages) {
        JSON.parse(String(value))
        const row = byPlace.get(`${topic}[${partition}]@${offset}`)
        if (row) waiting.push(row)
      }
      const isLast = inserted + waiting.length === changes.length
      if (waiting.length < batch && !isLast) return
      const some = waiting
      waiting = []
      await insert(some).catch(done.reject)
      inserted += some.length
      if (startedAt > 0) counted += some.length
      else startedAt = performance.now()
      if (isLast) done.resolve(counted / ((performance.now() - startedAt) / 1_000))
    },
  })
  try {
    return await done.promise
  } finally {
    await consumer.disconnect()
  }
}

const columns = {
  orders: [
    'order_id',
    'status',
    'restaurant',
    'email',
    'card_last4',
    'items',
    'amount_cents',
    'currency',
    'reason',
    'began_at',
    'seen',
  ],
  changes: ['order_id', 'number', 'status', 'at', 'topic', 'partition', 'record_offset'],
}
const updates = columns.orders.slice(1).map(name => `${name} = excluded.${name}`)
const upsert = `on conflict (order_id) do update set ${updates.join(', ')}`
/** In the sequence in which they may have come. */
const select = {
  orders: 'select * from orders',
  changes: 'select * from changes order by number, record_offset',
}

async function embedded(file: string): Promise<Bare> {
  const db = new DatabaseSync(file)
  db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma locking_mode = exclusive')
  const insertInto = (table: keyof typeof columns, more = '') =>
    db.prepare(
      `insert into ${table} (${columns[table].join()}) values (${columns[table].map(() => '?').join()}) ${more}`,
    )
  const [order, change] = [insertInto('orders', upsert), insertInto('changes')]
  return {
    rows: async table => db.prepare(select[table]).all() as Row[],
    empty: async () => db.exec('delete from orders; delete from changes'),
    insert: async (orders, changes) => {
      db.exec('begin')
      for (const row of orders) order.run(...columns.orders.map(name => row[name] ?? null))
      for (const row of changes) change.run(...columns.changes.map(name => row[name] ?? null))
      db.exec('commit')
    },
    close: async () => db.close(),
  }
}

async function postgres(url: string): Promise<Bare> {
  const client = new Client(url)
  await client.connect()
  const insertInto = async (table: keyof typeof columns, rows: Row[], more = '') => {
    // It takes 65,535 parameters.
    for (let from = 0; from < rows.length; from += 1_000) {
      const some = rows.slice(from, from + 1_000)
      let count = 0
      const places = some.map(() => `(${columns[table].map(() => `$${++count}`).join()})`)
      const values = some.flatMap(row => columns[table].map(name => row[name] ?? null))
      const text = `insert into ${table} (${columns[table].join()}) values ${places.join()} ${more}`
      await client.query(text, values)
    }
  }
  return {
    rows: async table => (await client.query(select[table])).rows,
    empty: async () => void (await client.query('truncate orders, changes')),
    insert: async (orders, changes) => {
      await client.query('begin')
      await insertInto('orders', orders, upsert)
      await insertInto('changes', changes)
      await client.query('commit')
    },
    close: () => client.end(),
  }
}

/** Has many watch one order, and tells how long its next change takes to each of them. */
async function streams(bootstrap: string, env: Record<string, string>, orderId: string, clients: number) {
  const startedAt = performance.now()
  const service = await spawnService('tracking', {
    ...env,
    BOOTSTRAP_SVR: bootstrap,
    LOG_LEVEL: 'info',
  })
  const open: IncomingMessage[] = []
  try {
    await waitUntil('tracking is ready', 60_000, () => isReady(service), 20)
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    const [before] = await metricsOnce(service, () => true)
    console.log(`\nstarted again with them in its database: ready after ${seconds} s, ${mib(before.bytes)}`)
    console.log(`\n${clients} streams, all of one order:`)
    const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
    const heard: number[] = []
    for (let from = 0; from < clients; from += 200) {
      const some = Array.from({ length: Math.min(200, clients - from) }, async () => {
        const headers = { Accept: 'text/event-stream', 'Last-Event-ID': '2' }
        const [response] = await once(get(`${service.url}/orders/${orderId}`, { agent, headers }), 'response')
        open.push(response)
        response.on('data', (chunk: Buffer) => {
          if (chunk.includes('data:')) heard.push(Date.now())
        })
      })
      await Promise.all(some)
    }
    const [after] = await metricsOnce(service, () => true)
    console.log(`  memory: ${mib(before.bytes)} without, ${mib(after.bytes)} with them`)
    const kafka = testKafka(bootstrap, log)
    const declined = { ...orderOf(orderId, 'Restaurant 1'), reason: 'card_declined' }
    const writtenAt = Date.now()
    await kafka.write({ topic: topics.orderDeclined, key: 'x', value: JSON.stringify([declined]) })
    await waitUntil('all have heard', 60_000, () => heard.length >= clients, 5)
    const delays = heard.map(at => at - writtenAt)
    console.log(
      `  a change, from before it is written to Kafka: first ${percentile(delays, 0)} ms, half ${percentile(delays, 50)} ms, 99 % ${percentile(delays, 99)} ms, last ${percentile(delays, 100)} ms`,
    )
  } finally {
    for (const response of open) response.destroy()
    await service.kill('SIGTERM')
  }
}

const [warmUpSeconds, lastsSeconds] = [10, 20]

/**
 * Has orders come while each is watched at two replicas, and tells how long their changes take to both, once they share
 * the partitions and have run for a while.
 */
async function replicas(bootstrap: string, env: Record<string, string>, dataDir: string, rate: number) {
  console.log(`\ntwo replicas, each order watched at both: ${rate} orders/s for ${lastsSeconds} s`)
  const services = await Promise.all(
    ['one', 'two'].map(name =>
      spawnService('tracking', {
        ...env,
        SPOOL_FILE: join(dataDir, `spool-${name}.sqlite`),
        BOOTSTRAP_SVR: bootstrap,
        LOG_LEVEL: 'info',
      }),
    ),
  )
  const producer = batchingProducer({ brokers: bootstrap, clientId: 'bench', log }, { timeoutMs: 30_000 })
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
  const delays: number[] = []
  /** Resolves with when the next change is told there, in ms since the epoch. */
  const hear = async (url: string, seen: string) => {
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': seen }
    const [response] = (await once(get(url, { agent, headers }), 'response')) as [IncomingMessage]
    const heard = new Promise<number>(resolve => {
      response.on('data', (chunk: Buffer) => {
        if (!chunk.includes('data:')) return
        resolve(Date.now())
        response.destroy()
      })
    })
    return { heard }
  }
  const follow = async () => {
    const orderId = randomUUID()
    const order = orderOf(orderId, `Restaurant ${delays.length % 1_000}`)
    const urls = services.map(({ url }) => `${url}/orders/${orderId}`)
    const placedAt = Date.now()
    const known = urls.map(async url => {
      // Whatever is known is another than nothing.
      await fetch(url, { headers: { Prefer: 'wait=30', 'If-None-Match': '"nothing"' } })
      delays.push(Date.now() - placedAt)
    })
    await producer.send({ topic: topics.order, key: orderId, value: JSON.stringify(order) })
    await Promise.all(known)
    const streams = await Promise.all(urls.map(url => hear(url, '1')))
    const paidAt = Date.now()
    const paid = { ...order, payment_id: orderId, confirmed_at: new Date().toISOString() }
    const value = JSON.stringify([paid])
    await producer.send({ topic: topics.orderConfirm, key: order.restaurant, value })
    for (const { heard } of streams) delays.push((await heard) - paidAt)
  }
  try {
    await waitUntil('both are ready', 60_000, async () => {
      const answers = await Promise.all(services.map(isReady))
      return answers.every(Boolean)
    })
    await openLoop(rate, warmUpSeconds, follow)
    delays.length = 0
    await openLoop(rate, lastsSeconds, follow)
    console.log(
      `  a change at each, from before it is written to Kafka: half ${percentile(delays, 50)} ms, 99 % ${percentile(delays, 99)} ms, last ${percentile(delays, 100)} ms (${delays.length})`,
    )
  } finally {
    await producer.stop()
    await Promise.all(services.map(service => service.kill('SIGTERM')))
  }
}

const isReady = async ({ url }: SpawnedService) => (await fetch(`${url}/health/ready`)).ok

const mib = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(0)} MiB`
