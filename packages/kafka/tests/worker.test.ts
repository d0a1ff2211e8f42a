import { randomUUID } from 'node:crypto'
import { deadLetterTopic } from 'kafka-restaurants-contracts'
import { createMetrics } from 'kafka-restaurants-service'
import { pino } from 'pino'
import { afterEach, describe, expect, inject, it, vi } from 'vitest'
import {
  atLeastOnceWorker,
  exactlyOnceWorker,
  type InputRecord,
  type OutputRecord,
  UnreadableRecordError,
  type Worker,
} from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })
const brokers = inject('bootstrap')
const kafka = testKafka(brokers, log)
const running = new Set<Worker>()
const texts = (records: InputRecord[]) => records.map(({ value }) => value.toString())

type Kind = typeof exactlyOnceWorker
const kinds: [string, Kind][] = [
  ['an exactly-once worker', exactlyOnceWorker],
  ['an at-least-once worker', atLeastOnceWorker],
]

async function begin(
  kind: Kind,
  input: string,
  handle: (record: InputRecord) => Promise<OutputRecord[]>,
  group = randomUUID(),
) {
  const worker = kind({
    kafka: { brokers, clientId: 'worker-test', log },
    group,
    inputs: [input],
    handle,
    metrics: createMetrics(),
  })
  running.add(worker)
  await worker.start()
  return { worker, group }
}

async function end(worker: Worker) {
  running.delete(worker)
  await worker.stop()
}

afterEach(async () => {
  await Promise.all([...running].map(end))
})

const numbered = (topic: string, count: number, key: (index: number) => string | null = String) =>
  Array.from({ length: count }, (_, index) => ({ topic, key: key(index), value: String(index) }))
const copyTo =
  (topic: string) =>
  async ({ key, value }: InputRecord) => [{ topic, key, value }]

describe.each(kinds)('%s', (_name, kind) => {
  it('writes the outputs of every record, of many partitions, and commits', async () => {
    const [input, output] = [await kafka.topic('in', 4), await kafka.topic('out', 4)]
    await kafka.write(...numbered(input, 500))
    const { group } = await begin(kind, input, copyTo(output))
    expect(new Set(texts(await kafka.read(output, 500)))).toEqual(
      new Set(numbered(input, 500).map(each => each.value)),
    )
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 10_000)
  })

  it('handles the records of one key one after another, in their order', async () => {
    const input = await kafka.topic('in')
    const [inHand, seen] = [new Set<string>(), new Map<string, number[]>()]
    await kafka.write(...numbered(input, 90, index => `key-${index % 3}`))
    await begin(kind, input, async record => {
      const key = String(record.key)
      expect(inHand).not.toContain(key)
      inHand.add(key)
      await new Promise(resolve => setImmediate(resolve))
      inHand.delete(key)
      seen.set(key, [...(seen.get(key) ?? []), Number(record.value)])
      return []
    })
    await vi.waitFor(() => expect([...seen.values()].flat()).toHaveLength(90), 15_000)
    for (const numbers of seen.values()) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  it('sets one bad record of a batch aside with its reason, and handles the others', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    await kafka.write(
      { topic: input, key: 'a', value: 'first' },
      { topic: input, key: 'b', value: 'bad, paid with 4242 4242 4242 4242', headers: { origin: 'till' } },
      { topic: input, key: 'c', value: 'last' },
    )
    await begin(kind, input, async record => {
      if (record.value.toString().startsWith('bad')) throw new UnreadableRecordError('it is bad')
      return copyTo(output)(record)
    })
    expect(texts(await kafka.read(output, 2))).toEqual(['first', 'last'])
    const [dead] = await kafka.read(deadLetterTopic(input), 1)
    expect(dead?.value.toString()).toBe('bad, paid with **** **** **** 4242')
    expect(dead?.key?.toString()).toBe('b')
    expect(dead?.headers).toMatchObject({
      origin: 'till',
      dead_letter_reason: 'it is bad',
      dead_letter_topic: input,
      dead_letter_partition: '0',
      dead_letter_offset: '1',
      dead_letter_attempts: '1',
      dead_letter_masked: 'card-number',
    })
  })

  it('keeps a record through an outage, tells that it waits, and loses and repeats no other', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    const tries = new Map<string, number>()
    let away = true
    await kafka.write(...numbered(input, 10))
    const { worker, group } = await begin(kind, input, async record => {
      const text = record.value.toString()
      tries.set(text, (tries.get(text) ?? 0) + 1)
      if (text === '3' && away) throw new Error('the bank is away')
      return copyTo(output)(record)
    })
    await vi.waitFor(() => expect(worker.notReady().join()).toMatch(/the bank is away/), 15_000)
    expect(texts(await kafka.read(output, 3))).toEqual(['0', '1', '2'])
    away = false
    expect(texts(await kafka.read(output, 10))).toEqual(numbered(input, 10).map(each => each.value))
    expect([...tries].filter(([text, count]) => text !== '3' && count > 1)).toEqual([])
    await vi.waitFor(() => expect(worker.notReady()).toEqual([]), 5_000)
    expect(await kafka.readAll(deadLetterTopic(input))).toEqual([])
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 10_000)
  })

  it('survives errors that kafkajs takes for its own end', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    let failures = 2
    await kafka.write(...numbered(input, 3))
    await begin(kind, input, async record => {
      if (failures-- > 0) throw new TypeError('a bug')
      return copyTo(output)(record)
    })
    expect(await kafka.read(output, 3)).toHaveLength(3)
  })

  it('finishes what is in hand when it is stopped, and goes on from there', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    const started = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    await kafka.write({ topic: input, key: 'a', value: 'slow' })
    const { worker, group } = await begin(kind, input, async record => {
      started.resolve()
      await release.promise
      return copyTo(output)(record)
    })
    await started.promise
    const stopped = end(worker)
    release.resolve()
    await stopped
    await kafka.write({ topic: input, key: 'a', value: 'next' })
    await begin(kind, input, copyTo(output), group)
    expect(texts(await kafka.read(output, 2))).toEqual(['slow', 'next'])
    expect(await kafka.readAll(output)).toHaveLength(2)
  })

  it('passes on the headers that say where a record comes from', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, correlation_id: 'c-1' }
    await kafka.write({ topic: input, key: 'a', value: 'x', headers })
    await begin(kind, input, copyTo(output))
    expect((await kafka.read(output, 1))[0]?.headers).toMatchObject(headers)
  })
})

describe('an exactly-once worker', () => {
  it('shares partitions with a second one, and none is handled twice', async () => {
    const [input, output] = [await kafka.topic('in', 6), await kafka.topic('out', 6)]
    const { group } = await begin(exactlyOnceWorker, input, copyTo(output))
    await kafka.write(...numbered(input, 300))
    await begin(exactlyOnceWorker, input, copyTo(output), group)
    await kafka.write(...numbered(input, 600).slice(300))
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 20_000)
    const written = texts(await kafka.readAll(output))
    expect(written).toHaveLength(600)
    expect(new Set(written).size).toBe(600)
  })

  it('publishes nothing from a predecessor that was fenced', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    const [first, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await kafka.write({ topic: input, key: 'a', value: 'x' })
    const { group } = await begin(exactlyOnceWorker, input, async () => {
      first.resolve()
      await release.promise
      return [{ topic: output, key: 'a', value: 'from the zombie' }]
    })
    await first.promise
    // Whoever takes the partition over begins with the same transactional id, which fences the first.
    const { kafkaClient } = await import('../src/client.ts')
    const { transactionalSink } = await import('../src/sink.ts')
    const client = kafkaClient({ brokers, clientId: 'successor', log })
    const admin = client.admin()
    await admin.connect()
    const parts = { kafka: client, admin, group }
    const successor = transactionalSink(parts, { topic: input, partition: 0 })
    expect(await successor.takeOver()).toBeUndefined()
    await successor.commit([{ topic: output, key: 'a', value: 'from the successor' }], 1n, async () => {})
    release.resolve()
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 10_000)
    await kafka.write({ topic: output, key: 'a', value: 'end' })
    expect(texts(await kafka.read(output, 2))).toEqual(['from the successor', 'end'])
    await successor.close()
    await admin.disconnect()
  })
})
