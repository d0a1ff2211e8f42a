import { randomUUID } from 'node:crypto'
import { deadLetterTopic } from 'kafka-restaurants-contracts'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { type TestKafka, testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, inject, it, vi } from 'vitest'
import { sampleFile, startEndpoint, startEventor } from './eventor.ts'

const { log } = createContext('test', 'silent')
const texts = (records: InputRecord[]) => records.map(({ value }) => value.toString())

/** An eventor's surroundings: topics of its own, events that wait, and a file. */
async function surroundings(
  brokers: string,
  { events, partitions = 1 }: { events: string[]; partitions?: number },
) {
  const kafka = testKafka(brokers, log)
  const [input, output] = [await kafka.topic('in', partitions), await kafka.topic('out', partitions)]
  const at = { brokers, input, output, group: randomUUID() }
  await kafka.write(...events.map((value, index) => ({ topic: input, key: `k${index % 10}`, value })))
  return { kafka, at, file: (url: string, more = '') => sampleFile({ ...at, url }, more) }
}

const drained = (kafka: TestKafka, { group, input }: { group: string; input: string }) =>
  vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), { timeout: 60_000, interval: 200 })
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index))

/** Every event has a result, each key's first ones are in order, and nothing was given up. */
async function expectAll(
  kafka: TestKafka,
  at: { input: string; output: string; group: string },
  count: number,
) {
  await drained(kafka, at)
  const results = texts(await kafka.readAll(at.output))
  expect(new Set(results)).toEqual(new Set(numbers(count)))
  const firsts = [...new Set(results)].map(Number)
  for (const key of Array.from({ length: 10 }, (_, index) => index)) {
    const own = firsts.filter(value => value % 10 === key)
    expect(own).toEqual(own.toSorted((a, b) => a - b))
  }
  expect(await kafka.readAll(deadLetterTopic(at.input))).toEqual([])
}

describe('eventor, killed with -9', () => {
  it('while it calls, calls again for all that was in hand', async () => {
    const { kafka, at, file } = await surroundings(inject('bootstrap'), {
      events: numbers(60),
      partitions: 3,
    })
    const held = Promise.withResolvers<void>()
    const endpoint = await startEndpoint(async ({ body }) => {
      await held.promise
      return { body }
    })
    const first = await startEventor(file(endpoint.url, '  concurrency: 10'))
    await vi.waitFor(() => expect(endpoint.calls.length).toBeGreaterThanOrEqual(10), 20_000)
    await first.kill('SIGKILL')
    held.resolve()
    expect(await kafka.lag(at.group, at.input)).toBe(60)
    await startEventor(file(endpoint.url, '  concurrency: 10'))
    await expectAll(kafka, at, 60)
  })

  it('with an answer that it could not publish, calls again', async () => {
    const broker = await ownBroker()
    const { kafka, at, file } = await surroundings(broker.bootstrap, { events: ['0'] })
    const held = Promise.withResolvers<void>()
    const endpoint = await startEndpoint(async ({ body }) => {
      await held.promise
      return { body }
    })
    const first = await startEventor(file(endpoint.url))
    await vi.waitFor(() => expect(endpoint.calls).toHaveLength(1), 20_000)
    await broker.kill()
    held.resolve()
    await vi.waitFor(() => expect(first.printed()).toMatch(/"status":200,"msg":"called"/), 20_000)
    await first.kill('SIGKILL')
    expect(first.printed()).not.toContain('"msg":"published"')
    await broker.comeBack()
    await startEventor(file(endpoint.url))
    await expectAll(kafka, at, 1)
    expect(endpoint.calls).toHaveLength(2)
  }, 120_000)

  it('with a result that is published and not committed, publishes it again, with the same source', async () => {
    const { kafka, at, file } = await surroundings(inject('bootstrap'), { events: ['0', '1'] })
    let hangs = true
    const endpoint = await startEndpoint(async ({ body }) => {
      if (hangs && String(body) === '1') await new Promise(() => {})
      return { body }
    })
    const first = await startEventor(file(endpoint.url))
    await vi.waitFor(() => expect(endpoint.bodies()).toEqual(['0', '1']), 20_000)
    await first.kill('SIGKILL')
    expect(texts(await kafka.readAll(at.output))).toEqual(['0'])
    await kafka.forget(at.group)
    expect(await kafka.lag(at.group, at.input)).toBe(2)
    hangs = false
    await startEventor(file(endpoint.url))
    await expectAll(kafka, at, 2)
    const results = await kafka.readAll(at.output)
    expect(results.map(({ value, headers }) => `${value} ${headers.source}`)).toEqual([
      `0 ${at.input}[0]@0`,
      `0 ${at.input}[0]@0`,
      `1 ${at.input}[0]@1`,
    ])
  })

  it('again and again, publishes one result for each event where delivery is exactly-once', async () => {
    const { kafka, at, file } = await surroundings(inject('bootstrap'), {
      events: numbers(600),
      partitions: 3,
    })
    const endpoint = await startEndpoint()
    const yaml = file(endpoint.url, '  delivery: exactly-once\n  concurrency: 5')
    for (const kills of [1, 2]) {
      const eventor = await startEventor(yaml)
      await vi.waitFor(() => expect(endpoint.calls.length).toBeGreaterThan(100 * kills), {
        timeout: 30_000,
        interval: 5,
      })
      await eventor.kill('SIGKILL')
    }
    await startEventor(yaml)
    await expectAll(kafka, at, 600)
    expect(await kafka.readAll(at.output)).toHaveLength(600)
  }, 120_000)
})

it.each(['at-least-once', 'exactly-once'])(
  'no event is lost or skipped when the broker is killed with -9, twice; %s',
  async delivery => {
    const broker = await ownBroker()
    const { kafka, at, file } = await surroundings(broker.bootstrap, { events: numbers(300), partitions: 3 })
    const endpoint = await startEndpoint(async ({ body }) => {
      await new Promise(resolve => setTimeout(resolve, 5))
      return { body }
    })
    const eventor = await startEventor(file(endpoint.url, `  concurrency: 2\n  delivery: ${delivery}`))
    const called = () => new Set(endpoint.bodies()).size
    for (const calls of [20, 120]) {
      await vi.waitFor(() => expect(called()).toBeGreaterThan(calls), { timeout: 60_000, interval: 2 })
      await broker.kill()
      await vi.waitFor(
        async () => expect((await fetch(`${eventor.url}/health/ready`)).status).toBe(503),
        60_000,
      )
      await broker.comeBack()
    }
    await expectAll(kafka, at, 300)
    if (delivery === 'exactly-once') expect(await kafka.readAll(at.output)).toHaveLength(300)
  },
  240_000,
)

it('no event is lost or skipped when the endpoint dies with calls in hand, twice', async () => {
  const { kafka, at, file } = await surroundings(inject('bootstrap'), { events: numbers(200), partitions: 3 })
  const held = Promise.withResolvers<void>()
  const endpoint = await startEndpoint(async ({ body }) => {
    if (Number(body) % 50 === 49) await held.promise
    return { body }
  })
  const eventor = await startEventor(file(endpoint.url, '  concurrency: 4'))
  for (const _ of [1, 2]) {
    await vi.waitFor(
      () => expect(endpoint.bodies().some(body => Number(body) % 50 === 49)).toBe(true),
      30_000,
    )
    await endpoint.close()
    await vi.waitFor(
      async () =>
        expect(await (await fetch(`${eventor.url}/health/ready`)).text()).toContain('waits after try'),
      30_000,
    )
    await endpoint.open()
  }
  held.resolve()
  await expectAll(kafka, at, 200)
}, 120_000)
