import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { createContext } from 'kafka-restaurants-service'
import { expect, inject, it, onTestFinished, vi } from 'vitest'
import { kafkaClient } from '../src/client.ts'
import { createTopics, withAdmin } from '../src/index.ts'
import { testKafka } from '../src/testing.ts'
import type { Counting } from './counter.ts'
import { counter } from './counter.ts'

const { log } = createContext('test', 'silent')
const connection = { brokers: inject('bootstrap'), clientId: 'state-test', log }
const kafka = testKafka(connection.brokers, log)

async function counting(partitions = [3, 3]): Promise<Counting & { inputs: [string, string] }> {
  const [orders = 1, answers = 1] = partitions
  const changelog = `counts-${randomUUID()}`
  // Compacted as soon and as often as Kafka can be made to.
  const config = { 'cleanup.policy': 'compact', 'segment.ms': '500', 'min.cleanable.dirty.ratio': '0.01' }
  await createTopics(connection, [{ name: changelog, partitions: orders, config }])
  return {
    brokers: connection.brokers,
    group: randomUUID(),
    inputs: [await kafka.topic('orders', orders), await kafka.topic('answers', answers)],
    changelog,
    output: await kafka.topic('out', orders),
  }
}

function inThisProcess(what: Counting) {
  const worker = counter(what)
  onTestFinished(() => worker.stop())
  return worker
}

function inItsOwn(what: Counting): { process: ChildProcess; counted: () => number } {
  const script = resolve(import.meta.dirname, 'counter-process.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(what)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let counted = 0
  child.stdout.on('data', dots => {
    counted += dots.length
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return { process: child, counted: () => counted }
}

const within = (timeout: number) => ({ timeout, interval: 100 })

it('two workers count each record of two topics once, though one is killed, comes back, freezes and thaws', async () => {
  const what = { ...(await counting()), handleMs: 20 }
  const { group, inputs, output, changelog } = what
  const written: string[] = []
  /** Writes a hundred records to each topic, of the same twenty keys. */
  const write = async () => {
    const from = written.length
    const records = Array.from({ length: 200 }, (_, index) => ({
      topic: inputs[index % 2] as string,
      key: `key-${Math.floor(index / 2) % 20}`,
      value: String(from + index),
    }))
    written.push(...records.map(({ value }) => value))
    await kafka.write(...records)
  }
  const areCommitted = () =>
    vi.waitFor(async () => {
      for (const input of inputs) expect(await kafka.lag(group, input)).toBe(0)
    }, within(40_000))
  /** Writes until the worker has counted some: the other one may have had all that there was. */
  const counts = (worker: ReturnType<typeof inItsOwn>) =>
    vi.waitFor(
      async () => {
        await write()
        expect(worker.counted()).toBeGreaterThan(20)
      },
      { timeout: 40_000, interval: 500 },
    )

  const first = inItsOwn({ ...what, instance: 'a' })
  await counts(first)
  const other = inThisProcess({ ...what, instance: 'b' })
  await other.start()
  await vi.waitFor(() => expect(other.notReady()).toEqual([]), within(20_000))
  await write()
  first.process.kill('SIGKILL')
  const second = inItsOwn({ ...what, instance: 'a' })
  await counts(second)
  second.process.kill('SIGSTOP')
  await areCommitted()
  await write()
  second.process.kill('SIGCONT')
  await areCommitted()

  const results = (await kafka.readAll(output)).map(({ key, value }) => {
    const [record = '', number] = String(value).split(' ')
    return { key: String(key), record, number: Number(number) }
  })
  expect(results.map(({ record }) => record).toSorted()).toEqual(written.toSorted())
  const kept = new Map<string, string>()
  let tombstones = 0
  for (const { key, value, isTombstone } of await kafka.readAll(changelog)) {
    if (isTombstone) tombstones += 1
    kept.set(String(key), String(value))
  }
  expect(tombstones).toBeGreaterThan(0)
  for (const [key, own] of Map.groupBy(results, each => each.key)) {
    expect([key, own.map(({ number }) => number)]).toEqual([key, own.map((_, index) => (index % 5) + 1)])
    expect([key, Number(kept.get(key))]).toEqual([key, own.length % 5])
  }
}, 180_000)

it('a worker waits for what is undecided of a state, and begins with it when it is', async () => {
  const what = await counting([1, 1])
  const { group, inputs, output, changelog } = what
  const transactionalId = randomUUID()
  const producer = kafkaClient(connection).producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  const undecided = await producer.transaction()
  await undecided.send({ topic: changelog, messages: [{ key: 'k', value: '3' }] })
  await kafka.write({ topic: inputs[0], key: 'k', value: 'order' })
  await inThisProcess(what).start()
  await vi.waitFor(async () => {
    const { groups } = await withAdmin(connection, admin => admin.listGroups())
    expect(groups.some(({ groupId }) => groupId.startsWith(`${group}-reader-`))).toBe(true)
  }, within(20_000))
  expect(await kafka.lag(group, inputs[0])).toBe(1)
  await undecided.commit()
  expect((await kafka.read(output, 1)).map(({ value }) => String(value))).toEqual(['order 4'])
})

it('a worker that waits until Kafka has ended what a dead one left open is not taken for stuck', async () => {
  const what = { ...(await counting([1, 1])), stallMs: 2_400 }
  const { inputs, output, changelog } = what
  const settings = { transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 }
  const producer = kafkaClient(connection).producer({ ...settings, transactionTimeout: 6_000 })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  await (await producer.transaction()).send({ topic: changelog, messages: [{ key: 'k', value: '3' }] })
  await kafka.write({ topic: inputs[0], key: 'k', value: 'order' })
  const worker = inThisProcess(what)
  await worker.start()
  const read = await Promise.race([kafka.read(output, 1), worker.crashed])
  expect(read.map(({ value }) => String(value))).toEqual(['order 1'])
})

it('a worker does not begin with topics that have not as many partitions as each other, and says so', async () => {
  const what = await counting([2, 3])
  const worker = inThisProcess(what)
  await worker.start()
  const [orders, answers] = what.inputs
  await expect(worker.crashed).rejects.toThrow(
    `differ in their partitions: ${orders} has 2, ${answers} has 3, ${what.changelog} has 2`,
  )
})
