import { randomUUID } from 'node:crypto'
import { createMetrics } from 'kafka-restaurants-service'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { atLeastOnceWorker, consumerLag, type InputRecord, type WorkerOptions } from '../src/index.ts'
import { kafkaClient, testKafka } from '../src/testing.ts'

const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })
const brokers = inject('bootstrap')
const tests = testKafka(brokers, log)
const kafka = kafkaClient({ brokers, clientId: 'lag-test', log })
const admin = kafka.admin()
const deadline = { timeout: 15_000, interval: 100 }

beforeAll(() => admin.connect())
afterAll(() => admin.disconnect())

const lagOf = async (group: string, topic: string) =>
  (await consumerLag(admin, group, [topic])).reduce((sum, { lag }) => sum + lag, 0)

async function transactionIn(topic: string, values: string[]) {
  const producer = kafka.producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  const transaction = await producer.transaction()
  await transaction.send({ topic, messages: values.map(value => ({ value })) })
  return transaction
}

async function reader(input: string, more: Partial<WorkerOptions> = {}) {
  const group = randomUUID()
  const seen: string[] = []
  const metrics = createMetrics()
  const worker = atLeastOnceWorker({
    kafka: { brokers, clientId: 'lag-test', log },
    group,
    inputs: [input],
    metrics,
    handle: async ({ value }: InputRecord) => {
      seen.push(String(value))
      return []
    },
    ...more,
  })
  await worker.start()
  onTestFinished(worker.stop)
  return { group, seen, metrics, worker }
}

describe('the lag of a group on a topic that is written by transactions', () => {
  it('is none once it has read all, as the marker of a transaction is no record', async () => {
    const input = await tests.topic('marked')
    const { group, seen } = await reader(input)
    await (await transactionIn(input, ['a', 'b'])).commit()
    await vi.waitFor(() => expect(seen).toEqual(['a', 'b']), deadline)
    await vi.waitFor(async () => expect(await lagOf(group, input)).toBe(0), deadline)
  })

  it('is none where all that has come was aborted', async () => {
    const input = await tests.topic('aborted')
    const { group, seen } = await reader(input)
    await tests.write({ topic: input, key: null, value: 'first' })
    await vi.waitFor(() => expect(seen).toEqual(['first']), deadline)
    await (await transactionIn(input, ['never'])).abort()
    await (await transactionIn(input, ['nor this'])).abort()
    await vi.waitFor(async () => expect(await lagOf(group, input)).toBe(0), deadline)
    expect(seen).toEqual(['first'])
  })

  it('has what is not decided yet, which waits as well', async () => {
    const input = await tests.topic('undecided')
    const { group, seen } = await reader(input)
    await tests.write({ topic: input, key: null, value: 'first' })
    await vi.waitFor(async () => expect(await lagOf(group, input)).toBe(0), deadline)
    const transaction = await transactionIn(input, ['a', 'b'])
    await tests.write({ topic: input, key: null, value: 'behind' })
    expect(await lagOf(group, input)).toBe(3)
    await transaction.commit()
    await vi.waitFor(() => expect(seen).toEqual(['first', 'a', 'b', 'behind']), deadline)
    await vi.waitFor(async () => expect(await lagOf(group, input)).toBe(0), deadline)
  })
})
