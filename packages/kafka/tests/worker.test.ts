import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deadLetterTopic } from 'kafka-restaurants-contracts'
import { OutageError, PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import { createMetrics } from 'kafka-restaurants-service'
import { pino } from 'pino'
import { afterAll, afterEach, describe, expect, inject, it, vi } from 'vitest'
import {
  atLeastOnceWorker,
  exactlyOnceWorker,
  externalWorker,
  type InputRecord,
  type OutputRecord,
  type Worker,
  type WorkerOptions,
} from '../src/index.ts'
import { testKafka } from '../src/testing.ts'
import { outputsInSqlite } from './sqlite-store.ts'

const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })
const brokers = inject('bootstrap')
const kafka = testKafka(brokers, log)
const running = new Set<Worker>()
const texts = (records: InputRecord[]) => records.map(({ value }) => value.toString())

/** A worker of some kind, and where its outputs are to be found. */
interface Kind {
  create: (options: WorkerOptions) => Worker
  /** Gives the outputs to a topic as soon as there are so many. */
  read: (topic: string, count: number) => Promise<InputRecord[]>
  /** Gives all that there are. */
  readAll: (topic: string) => Promise<InputRecord[]>
}
const { read, readAll } = kafka
const folder = mkdtempSync(join(tmpdir(), 'external-worker-'))
const stored = outputsInSqlite(join(folder, 'outputs.db'))
afterAll(() => {
  stored.close()
  rmSync(folder, { recursive: true })
})
const kafkaKinds: [string, Kind][] = [
  ['an exactly-once worker', { create: exactlyOnceWorker, read, readAll }],
  ['an at-least-once worker', { create: atLeastOnceWorker, read, readAll }],
]
const kinds: [string, Kind][] = [
  ...kafkaKinds,
  [
    'a worker with a store of its own',
    {
      create: options => externalWorker(options, stored.of(options.group)),
      read: (topic, count) =>
        vi.waitFor(
          () => {
            const all = stored.all(topic)
            expect(all.length).toBeGreaterThanOrEqual(count)
            return all
          },
          { timeout: 25_000, interval: 50 },
        ),
      readAll: async topic => stored.all(topic),
    },
  ],
]

async function begin(
  kind: Kind,
  input: string,
  handle: (record: InputRecord, attempt: number) => Promise<OutputRecord[]>,
  group = randomUUID(),
  stallMs?: number,
) {
  const worker = kind.create({
    kafka: { brokers, clientId: 'worker-test', log },
    group,
    inputs: [input],
    handle,
    stallMs,
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
    expect(new Set(texts(await kind.read(output, 500)))).toEqual(
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
    expect(texts(await kind.read(output, 2))).toEqual(['first', 'last'])
    const [dead] = await kind.read(deadLetterTopic(input), 1)
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

  it('writes an output without key and value', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    await kafka.write({ topic: input, key: 'a', value: 'x' })
    await begin(kind, input, async () => [{ topic: output, key: null, value: null }])
    expect(await kind.read(output, 1)).toMatchObject([{ key: null, isTombstone: true }])
  })

  it('keeps a record through an outage, tells that it waits, and loses and repeats no other', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    const tries = new Map<string, number>()
    let away = true
    await kafka.write(...numbered(input, 10))
    const { worker, group } = await begin(kind, input, async record => {
      const text = record.value.toString()
      tries.set(text, (tries.get(text) ?? 0) + 1)
      if (Number(text) >= 3 && away) throw new Error('the bank is away')
      return copyTo(output)(record)
    })
    await vi.waitFor(() => expect(worker.outages().join()).toMatch(/the bank is away/), 15_000)
    expect(worker.notReady()).toEqual([])
    expect(texts(await kind.read(output, 3)).toSorted()).toEqual(['0', '1', '2'])
    away = false
    const all = texts(await kind.read(output, 10))
    expect(all.toSorted()).toEqual(numbered(input, 10).map(each => each.value))
    expect([...tries].filter(([text, count]) => Number(text) < 3 && count > 1)).toEqual([])
    await vi.waitFor(() => expect(worker.outages()).toEqual([]), 5_000)
    expect(await kind.readAll(deadLetterTopic(input))).toEqual([])
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 10_000)
  })

  it.each([
    ['puts itself off', () => new PutOffError('not now')],
    ['meets an error', () => new Error('the bank answers 500')],
  ])('tries a record that %s by itself, while all others of its partition pass', async (_, trouble) => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    let open = false
    const attempts: number[] = []
    await kafka.write(...numbered(input, 10))
    const handle = async (record: InputRecord, attempt: number) => {
      if (record.value.toString() === '3') attempts.push(attempt)
      if (record.value.toString() === '3' && !open) throw trouble()
      return copyTo(output)(record)
    }
    const { worker, group } = await begin(kind, input, handle)
    expect(await kind.read(output, 9)).toHaveLength(9)
    await kafka.write({ topic: input, key: 'later', value: 'later' })
    expect(texts(await kind.read(output, 10))).toContain('later')
    expect(await kafka.lag(group, input)).toBeGreaterThan(0)

    // Who takes the partition over repeats nothing that was done behind the record that waits, and goes on counting.
    await end(worker)
    open = true
    await begin(kind, input, handle, group)
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 10_000)
    const all = texts(await kind.readAll(output))
    expect(all.toSorted()).toEqual([...numbered(input, 10).map(each => each.value), 'later'].toSorted())
    expect(all.at(-1)).toBe('3')
    expect(attempts.length).toBeGreaterThan(1)
    expect(attempts).toEqual(attempts.map((_, index) => index + 1))
    expect(await kind.readAll(deadLetterTopic(input))).toEqual([])
  })

  it('has the rest of a key wait with a record that is tried again', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    let open = false
    await kafka.write(...numbered(input, 6, index => (index % 2 ? 'odd' : 'even')))
    const { group } = await begin(kind, input, async record => {
      if (record.value.toString() === '1' && !open) throw new PutOffError('not now')
      return copyTo(output)(record)
    })
    expect(texts(await kind.read(output, 3))).toEqual(['0', '2', '4'])
    await kafka.write({ topic: input, key: 'odd', value: '7' }, { topic: input, key: 'even', value: '6' })
    expect(texts(await kind.read(output, 4))).toEqual(['0', '2', '4', '6'])
    open = true
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 10_000)
    expect(texts(await kind.readAll(output))).toEqual(['0', '2', '4', '6', '1', '3', '5', '7'])
  })

  it('counts as crashed when nothing is heard of it for too long', async () => {
    const input = await kafka.topic('in')
    await kafka.write({ topic: input, key: 'a', value: 'x' })
    const { worker } = await begin(kind, input, () => new Promise(() => {}), randomUUID(), 3_000)
    await expect(worker.crashed).rejects.toThrow(/stopped without a word/)
    running.delete(worker)
  })

  it('does not count tries that met an outage, though others pass', async () => {
    const input = await kafka.topic('in')
    const attempts: number[] = []
    await kafka.write(...numbered(input, 10))
    const { group } = await begin(kind, input, async ({ value }, attempt) => {
      if (String(value) !== '5') return []
      attempts.push(attempt)
      if (attempts.length < 4) throw new OutageError('503', { waitMs: 50 })
      return []
    })
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 15_000)
    expect(attempts).toEqual([1, 1, 1, 1])
  })

  it('survives errors that kafkajs takes for its own end', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    let failures = 2
    await kafka.write(...numbered(input, 3))
    await begin(kind, input, async record => {
      if (failures-- > 0) throw new TypeError('a bug')
      return copyTo(output)(record)
    })
    expect(await kind.read(output, 3)).toHaveLength(3)
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
    expect(texts(await kind.read(output, 2))).toEqual(['slow', 'next'])
    expect(await kind.readAll(output)).toHaveLength(2)
  })

  it('is dead when it can not join its group for long, though Kafka answers', async () => {
    const [input, group] = [await kafka.topic('in'), randomUUID()]
    await kafka.write({ topic: input, key: 'a', value: 'x' })
    const inHand = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    // Kafka waits for the first member, as it is not done yet.
    const first = await begin(
      kind,
      input,
      async () => {
        inHand.resolve()
        await release.promise
        return []
      },
      group,
    )
    await inHand.promise
    const { worker } = await begin(kind, input, async () => [], group, 2_400)
    await expect(worker.crashed).rejects.toThrow(`the consumer of ${group} can not join it`)
    release.resolve()
    await end(first.worker)
  })

  it('is not dead while its handlers fail, for however long that is', async () => {
    const input = await kafka.topic('in')
    await kafka.write(...numbered(input, 3))
    const stallMs = 1_800
    const endsAt = Date.now() + 2.5 * stallMs
    const handle = async () => {
      if (Date.now() < endsAt) throw new Error('the bank is away')
      return []
    }
    const { worker, group } = await begin(kind, input, handle, randomUUID(), stallMs)
    const lived = vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 25_000)
    await Promise.race([lived, worker.crashed])
  })

  it('passes on the headers that say where a record comes from', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, correlation_id: 'c-1' }
    await kafka.write({ topic: input, key: 'a', value: 'x', headers })
    await begin(kind, input, copyTo(output))
    expect((await kind.read(output, 1))[0]?.headers).toMatchObject(headers)
  })

  it('shares partitions with others that come and go while records flow, and none is lost or handled twice', async () => {
    const [input, output] = [await kafka.topic('in', 6), await kafka.topic('out', 6)]
    const all = numbered(input, 900)
    const handled: string[] = []
    const handle = (record: InputRecord) => {
      handled.push(String(record.value))
      return copyTo(output)(record)
    }
    const { worker: first, group } = await begin(kind, input, handle)
    await kafka.write(...all.slice(0, 300))
    const { worker: second } = await begin(kind, input, handle, group)
    await kafka.write(...all.slice(300, 600))
    await vi.waitFor(() => expect([...first.notReady(), ...second.notReady()]).toEqual([]), 20_000)
    await Promise.all([end(first), kafka.write(...all.slice(600))])
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 25_000)
    const written = texts(await kind.readAll(output))
    expect(written).toHaveLength(900)
    expect(new Set(written).size).toBe(900)
    expect(handled).toHaveLength(900)
  })

  it('makes nothing count of a partition that the group has given to another one meanwhile', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    const [first, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await kafka.write({ topic: input, key: 'a', value: 'x' })
    const group = randomUUID()
    const member = (name: string, until: Promise<void>) => {
      const worker = kind.create({
        kafka: { brokers, clientId: 'worker-test', log },
        group,
        inputs: [input],
        handle: async () => {
          first.resolve()
          await until
          return [{ topic: output, key: 'a', value: name }]
        },
        consumer: { rebalanceTimeoutMs: 2_000, sessionTimeoutMs: 6_000 },
        metrics: createMetrics(),
      })
      running.add(worker)
      return worker
    }
    const zombie = member('from the zombie', release.promise)
    await zombie.start()
    await first.promise
    // The group waits for it no longer than that, as it does not end what it has in hand.
    const successor = member('from the successor', Promise.resolve())
    await successor.start()
    expect(texts(await kind.read(output, 1))).toEqual(['from the successor'])
    release.resolve()
    await Promise.all([end(zombie), end(successor)])
    expect(texts(await kind.readAll(output))).toEqual(['from the successor'])
  })
})

describe.each(kafkaKinds)('%s', (_name, kind) => {
  it('sets a record aside whose output is larger than its topic takes, and writes the others in smaller batches', async () => {
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out', 1, 10_000)]
    await kafka.write(...numbered(input, 60))
    const { group } = await begin(kind, input, async ({ key, value }) => [
      { topic: output, key, value: value.toString().padEnd(String(value) === '20' ? 20_000 : 500) },
    ])
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 15_000)
    const all = numbered(input, 60).map(each => each.value)
    expect(texts(await kind.readAll(output)).map(text => text.trim())).toEqual(
      all.filter(text => text !== '20'),
    )
    const dead = await kind.readAll(deadLetterTopic(input))
    expect(texts(dead)).toEqual(['20'])
    expect(dead[0]?.headers).toMatchObject({
      dead_letter_reason: `its result is larger than topic ${output} takes`,
      dead_letter_attempts: '1',
    })
  })

  it('is dead when it can not commit for long, though Kafka answers', async () => {
    const input = await kafka.topic('in')
    await kafka.write({ topic: input, key: 'a', value: 'x' })
    const { worker } = await begin(kind, input, copyTo(`missing-${randomUUID()}`), randomUUID(), 6_000)
    await expect(worker.crashed).rejects.toThrow(`can not commit ${input}[0], though Kafka answers`)
  })
})

it('gives a reader nothing of transactions that were aborted, in whatever order that was', async () => {
  const { kafkaClient } = await import('../src/client.ts')
  const topic = await kafka.topic('aborted')
  const client = kafkaClient({ brokers, clientId: 'aborting', log })
  const begun = []
  for (const count of [3, 2, 1, 1]) {
    const producer = client.producer({
      transactionalId: randomUUID(),
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: Array.from({ length: count }, () => ({ value: 'aborted' })) })
    begun.push({ producer, transaction })
  }
  for (const { transaction } of begun.toReversed()) await transaction.abort()
  await kafka.write({ topic, key: 'a', value: 'committed' })
  expect(texts(await kafka.readAll(topic))).toEqual(['committed'])
  await Promise.all(begun.map(({ producer }) => producer.disconnect()))
})
