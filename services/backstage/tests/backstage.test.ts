import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OrderRecord, type OrderStatus, Pipeline } from 'kafka-restaurants-contracts'
import { kafkaClient, testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext, startService } from 'kafka-restaurants-service'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { createApp } from '../src/app.ts'
import { Config } from '../src/config.ts'

const brokers = inject('bootstrap')
const { log } = createContext('test', 'silent')
const kafka = testKafka(brokers, log)

interface Place {
  status: OrderStatus
  topic: string
  partition: number
  offset: string
}

/** Who answers as tracking does, of the orders that it is given. */
async function trackingOf(orders: Record<string, Place[]>) {
  const server = createServer(({ url = '' }, response) => {
    const orderId = url.replace('/orders/', '')
    const places = orders[orderId]
    const history = places?.map(place => ({ ...place, at: '2026-11-26T12:00:00.000Z' }))
    const order = { orderId, status: 'paid', restaurant: 'Fig', email: '', cardLast4: '', items: [], history }
    response.writeHead(history ? 200 : 404, { 'Content-Type': 'application/json' }).end(JSON.stringify(order))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function start(
  trackingUrl: string,
  groups: { group: string; reads: string[] }[] = [],
  bootstrap = brokers,
) {
  const config = Config.parse({
    PORT: '0',
    METRICS_PORT: '0',
    HOST: '127.0.0.1',
    BOOTSTRAP_SVR: bootstrap,
    TRACKING_URL: trackingUrl,
  })
  const context = createContext('backstage', 'silent')
  const service = await startService(createApp(config, context, groups), config, context)
  onTestFinished(() => service.stop())
  return `http://127.0.0.1:${service.port}`
}

/** The groups that read for a service, and are to be gone after. */
async function readersLeft() {
  const admin = kafkaClient({ brokers, clientId: 'test', log }).admin()
  await admin.connect()
  const { groups } = await admin.listGroups()
  await admin.disconnect()
  return groups.map(({ groupId }) => groupId).filter(name => name.startsWith('backstage-'))
}

const nobody = 'http://127.0.0.1:2'

test("an order's records are read where tracking says that they are, and no others", async () => {
  const [orders, confirms] = await Promise.all([kafka.topic('order'), kafka.topic('confirm', 2)])
  const [own, other] = [randomUUID(), randomUUID()]
  const email = 'dana@example.com'
  const record = (order_id: string) => ({ order_id, restaurant: 'Fig', email, name: 'Dana Cohen' })
  await kafka.write(
    { topic: orders, key: other, value: JSON.stringify(record(other)) },
    { topic: orders, key: own, value: JSON.stringify(record(own)) },
    { topic: confirms, key: 'Fig', partition: 1, value: JSON.stringify([record(other), record(own)]) },
  )
  const url = await start(
    await trackingOf({
      [own]: [
        { status: 'placed', topic: orders, partition: 0, offset: '1' },
        { status: 'paid', topic: confirms, partition: 1, offset: '0' },
        { status: 'queued', topic: orders, partition: 0, offset: '0' },
        { status: 'ready', topic: orders, partition: 0, offset: '77' },
      ],
    }),
  )
  const ask = async () =>
    OrderRecord.array().parse(await (await fetch(`${url}/orders/${own}/records`)).json())
  const shown = { order_id: own, restaurant: 'Fig', email: 'd…@example.com', name: '…' }
  const records = await ask()
  expect(records).toMatchObject([
    { status: 'placed', topic: orders, partition: 0, offset: '1', value: shown, isGone: false },
    { status: 'paid', topic: confirms, partition: 1, offset: '0', value: shown, isGone: false },
    { status: 'queued', isGone: false },
    { status: 'ready', isGone: true },
  ])
  expect(records[2]?.value).toBeUndefined()
  expect(await ask()).toEqual(records)
  expect(JSON.stringify(records)).not.toContain(other)
  expect(await readersLeft()).toEqual([])
})

test('an order that is not known, or is none, has no records; tracking that is away is told', async () => {
  const url = await start(await trackingOf({}))
  for (const id of [randomUUID(), 'one', '%2e%2e'])
    expect((await fetch(`${url}/orders/${id}/records`)).status).toBe(404)
  const alone = await start(nobody)
  const answer = await fetch(`${alone}/orders/${randomUUID()}/records`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
})

test('the lag of a group is seen to grow and heal, live', async () => {
  const topic = await kafka.topic('order')
  const group = randomUUID()
  const url = await start(nobody, [{ group, reads: [topic] }])
  const left = new AbortController()
  onTestFinished(() => left.abort())
  const answer = await fetch(`${url}/pipeline`, {
    headers: { accept: 'text/event-stream' },
    signal: left.signal,
  })
  const seen: Pipeline[] = []
  void follow(answer, news => seen.push(news)).catch(() => {})
  const lagIs = (records: number, members: number) =>
    vi.waitFor(
      () => expect(seen.at(-1)?.groups).toEqual([{ name: group, members, lag: [{ topic, records }] }]),
      { timeout: 20_000 },
    )
  await lagIs(0, 0)
  await kafka.write(...[1, 2, 3].map(() => ({ topic, key: null, value: 'x' })))
  await lagIs(3, 0)
  await vi.waitFor(() => expect(seen.at(-1)?.topics[0]?.perSecond).toBeGreaterThan(0), { timeout: 10_000 })
  const consumer = kafkaClient({ brokers, clientId: 'test', log }).consumer({ groupId: group })
  onTestFinished(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ eachMessage: async () => {}, autoCommitThreshold: 1 })
  await lagIs(0, 1)
  expect(Pipeline.parse(await (await fetch(`${url}/pipeline`)).json()).groups).toEqual(seen.at(-1)?.groups)
})

test('without Kafka, the pipeline says so', async () => {
  const url = await start(nobody, [{ group: 'g', reads: ['t'] }], 'localhost:2')
  const answer = await fetch(`${url}/pipeline`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
})

async function follow({ body }: Response, tell: (news: Pipeline) => void) {
  let text = ''
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString()
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (data) tell(Pipeline.parse(JSON.parse(data)))
    }
  }
}
