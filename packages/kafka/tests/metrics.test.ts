import { randomUUID } from 'node:crypto'
import { createMetrics } from 'kafka-restaurants-service'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, it, onTestFinished, vi } from 'vitest'
import { exactlyOnceWorker, type InputRecord, type OutputRecord, type WorkerOptions } from '../src/index.ts'
import { kafkaClient, testKafka } from '../src/testing.ts'

const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })
const brokers = inject('bootstrap')
const tests = testKafka(brokers, log)
const producer = kafkaClient({ brokers, clientId: 'metrics-test', log }).producer()
beforeAll(() => producer.connect())
afterAll(() => producer.disconnect())
const deadline = { timeout: 15_000, interval: 50 }

/** A worker, and what its metrics are, by their names with labels as Prometheus would write them, without the group's. */
async function begin(input: string, options: Pick<WorkerOptions, 'handle' | 'onCommitted' | 'concurrency'>) {
  const [group, metrics] = [randomUUID(), createMetrics()]
  const worker = exactlyOnceWorker({
    ...{ kafka: { brokers, clientId: 'metrics-test', log }, group, inputs: [input], metrics },
    ...options,
  })
  await worker.start()
  onTestFinished(worker.stop)
  const read = async () => {
    const found = new Map<string, number>()
    for (const { name, values } of await metrics.getMetricsAsJSON()) {
      for (const { value, labels, ...more } of values) {
        const own = Object.entries(labels).filter(([label]) => label !== 'group' && label !== 'topic')
        const metricName = 'metricName' in more ? String(more.metricName) : name
        found.set([metricName, ...own.map(([, each]) => each)].join(' '), value)
      }
    }
    return found
  }
  return { worker, read }
}

it('a worker tells of an outage, and how old what waits is, until it is over', async () => {
  const [input, output] = [await tests.topic('told'), await tests.topic('told-out')]
  const hour = 3_600_000
  let isAway = true
  const handle = async ({ value }: InputRecord): Promise<OutputRecord[]> => {
    if (isAway) throw new Error('away')
    return [{ topic: output, key: null, value }]
  }
  const { worker, read } = await begin(input, { handle })
  expect((await read()).get('kafka_oldest_waiting_seconds')).toBe(0)
  expect((await read()).get('kafka_group_outage handling')).toBe(0)
  await producer.send({ topic: input, messages: [{ value: 'old', timestamp: String(Date.now() - hour) }] })
  await tests.write({ topic: input, key: null, value: 'new' })
  await vi.waitFor(async () => expect((await read()).get('kafka_group_outage handling')).toBe(1), deadline)
  const during = await read()
  expect(during.get('kafka_oldest_waiting_seconds')).toBeGreaterThanOrEqual(3_600)
  expect(during.get('kafka_oldest_waiting_seconds')).toBeLessThan(3_660)
  expect(during.get('kafka_group_outage commit')).toBe(0)
  expect(during.get('kafka_partitions_paused')).toBe(1)
  isAway = false
  await vi.waitFor(async () => expect((await read()).get('kafka_oldest_waiting_seconds')).toBe(0), deadline)
  const after = await read()
  expect(after.get('kafka_group_outage handling')).toBe(0)
  expect(after.get('kafka_records_total handled')).toBe(2)
  expect(after.get('kafka_records_total failed')).toBeGreaterThanOrEqual(1)
  await worker.stop()
  const names = [...(await read()).keys()]
  expect(names.filter(name => /oldest_waiting|outage|paused|put_off/.test(name))).toEqual([])
})

it('a commit that finds no topic to write to is an outage of the commit, and what is handled waits on', async () => {
  const input = await tests.topic('uncommitted')
  const { read } = await begin(input, {
    handle: async ({ value }) => [{ topic: `${input}-nowhere`, key: null, value }],
  })
  await tests.write({ topic: input, key: null, value: 'x' })
  await vi.waitFor(async () => expect((await read()).get('kafka_group_outage commit')).toBe(1), deadline)
  const told = await read()
  expect(told.get('kafka_group_outage handling')).toBe(0)
  expect(told.get('kafka_oldest_waiting_seconds')).toBeGreaterThan(0)
})

it('each record is told of once it is committed, and each commit by its size', async () => {
  const [input, output] = [await tests.topic('counted'), await tests.topic('counted-out')]
  const committed: string[] = []
  const { read } = await begin(input, {
    handle: async ({ value }) =>
      String(value) === '3' ? [] : [{ topic: output, key: null, value: `${value}!` }],
    onCommitted: ({ value }, outputs) => {
      committed.push([String(value), ...outputs.map(each => String(each.value))].join(' '))
    },
  })
  await tests.write(
    ...Array.from({ length: 10 }, (_, index) => ({ topic: input, key: null, value: String(index) })),
  )
  const all = Array.from({ length: 10 }, (_, index) => (index === 3 ? '3' : `${index} ${index}!`))
  await vi.waitFor(() => expect(committed.toSorted()).toEqual(all), deadline)
  const told = await read()
  expect(told.get('kafka_transaction_records_sum')).toBe(10)
  expect(told.get('kafka_transaction_records_count')).toBeGreaterThanOrEqual(1)
  expect(told.get('kafka_transaction_records_count')).toBeLessThanOrEqual(10)
})
