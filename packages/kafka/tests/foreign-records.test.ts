import { randomUUID } from 'node:crypto'
import { deadLetterTopic } from 'kafka-restaurants-contracts'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { createMetrics } from 'kafka-restaurants-service'
import { pino } from 'pino'
import { afterEach, describe, expect, inject, it, vi } from 'vitest'
import { mostDecompressed } from '../src/codecs.ts'
import { withDeadLetters } from '../src/dead-letters/dead-letters.ts'
import {
  atLeastOnceWorker,
  compressions,
  exactlyOnceWorker,
  nextRecord,
  type Worker,
  type WorkerOptions,
} from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const lines: string[] = []
const log = pino({ level: 'debug' }, { write: line => void lines.push(line) })
const brokers = inject('bootstrap')
const kafka = testKafka(brokers, pino({ level: 'silent' }))
const running = new Set<Worker>()
const workerKinds = [
  ['an exactly-once worker', exactlyOnceWorker],
  ['an at-least-once worker', atLeastOnceWorker],
] as const

afterEach(async () => {
  await Promise.all([...running].map(worker => worker.stop()))
  running.clear()
})

/** A worker that copies what it can, and finds bad what begins so. */
async function begin(kind: typeof exactlyOnceWorker, input: string, more: Partial<WorkerOptions> = {}) {
  const group = randomUUID()
  const output = await kafka.topic('out')
  const worker = kind({
    kafka: { brokers, clientId: 'foreign-test', log },
    group,
    inputs: [input],
    handle: async ({ key, value }) => {
      if (value.subarray(0, 3).toString() === 'bad') throw new UnreadableRecordError('it is bad')
      return [{ topic: output, key, value }]
    },
    metrics: createMetrics(),
    ...more,
  })
  running.add(worker)
  await worker.start()
  const drained = () => vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 20_000)
  return { worker, group, output, drained }
}

describe.each(workerKinds)('%s', (_name, kind) => {
  it('reads what was compressed by any of the codecs, in a tool as well', async () => {
    const input = await kafka.topic('in')
    for (const codec of compressions)
      await kafka.writeAs(codec, ...[1, 2, 3].map(each => ({ topic: input, key: null, value: codec + each })))
    const first = { group: randomUUID(), topic: input }
    expect(String((await nextRecord({ brokers, clientId: 'look', log }, first))?.value)).toBe('none1')
    const { output } = await begin(kind, input)
    const read = await kafka.read(output, 3 * compressions.length)
    expect(read.map(({ value }) => String(value))).toEqual(
      compressions.flatMap(codec => [1, 2, 3].map(each => codec + each)),
    )
  })

  it.each([
    ['gzip', true],
    ['snappy', false],
  ] as const)(
    'sets a batch of %s aside that can not be decompressed, and goes on behind it',
    async (codec, maskCards) => {
      const input = await kafka.topic('in')
      const bomb = { topic: input, key: 'bomb', value: Buffer.alloc(mostDecompressed) }
      await kafka.writeAs(codec, { topic: input, key: null, value: 'before' })
      await kafka.writeAs(codec, { topic: input, key: null, value: 'with it' }, bomb)
      await kafka.writeAs(codec, { topic: input, key: null, value: 'behind' })
      const { output, drained } = await begin(kind, input, { maskCards })
      expect((await kafka.read(output, 2)).map(({ value }) => String(value))).toEqual(['before', 'behind'])
      await drained()
      const [letter, ...more] = await kafka.readAll(deadLetterTopic(input))
      expect(more).toEqual([])
      expect(letter?.headers).toMatchObject({
        dead_letter_offset: '2',
        dead_letter_reason: `the batch of 2 records at offset 1 can't be decoded: it has more than ${mostDecompressed} bytes when it is decompressed`,
        dead_letter_cut: expect.stringContaining(maskCards ? 'all of its batch' : 'a whole batch'),
      })
      expect(letter?.isTombstone).toBe(maskCards)
      const id = `${deadLetterTopic(input)}-0@${letter?.offset}`
      const { refused } = await withDeadLetters({ brokers, clientId: 'tool', log }, tool =>
        tool.redrive([id], 3),
      )
      expect(refused).toEqual([{ id, why: expect.stringMatching(/^it is not whole, .*: park it/) }])
    },
  )

  it('reads a record of 12,000 headers as quickly as another, and has them all in its dead letter', async () => {
    const input = await kafka.topic('in')
    const headers = Object.fromEntries(Array.from({ length: 12_000 }, (_, index) => [`header-${index}`, 'x']))
    await kafka.write(
      { topic: input, key: null, value: 'good', headers },
      { topic: input, key: null, value: 'bad', headers },
    )
    const { output } = await begin(kind, input)
    await kafka.read(output, 1, 10_000)
    const [letter] = await kafka.read(deadLetterTopic(input), 1, 10_000)
    expect(Object.keys(letter?.headers ?? {}).length).toBeGreaterThan(12_000)
  })

  it('cuts a dead letter that its topic does not take, and logs nothing of it', async () => {
    const most = 200_000
    const input = await kafka.topic('in', 1, most)
    const value = `bad ${'abcdefghij'.repeat(most)}`.slice(0, most - 300)
    const headers = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [`name-${index}`, 'x'.repeat(50)]),
    )
    await kafka.write({ topic: input, key: 'k', value })
    await kafka.write({ topic: input, key: 'k', value: 'bad', headers })
    await kafka.write({ topic: input, key: 'k', value: 'good' })
    lines.length = 0
    const { output, drained } = await begin(kind, input)
    await kafka.read(output, 1)
    await drained()
    const [cut, other] = await kafka.readAll(deadLetterTopic(input))
    expect(cut?.key?.toString()).toBe('k')
    expect(value.startsWith(String(cut?.value))).toBe(true)
    expect(cut?.value.length).toBeGreaterThan(80_000)
    expect(cut?.headers).toMatchObject({
      dead_letter_reason: 'it is bad',
      dead_letter_cut: `all but the first ${cut?.value.length} of the ${value.length} bytes of its value`,
    })
    expect(other?.value.toString()).toBe('bad')
    expect(lines.join('')).toContain('a record is larger than topic')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(5_000)
  })

  it('tells of a topic that takes next to nothing where a dead letter came from', async () => {
    const [input, dead] = [await kafka.topic('in'), await kafka.topic('dead', 1, 1_200)]
    await kafka.write({ topic: input, key: 'k'.repeat(2_000), value: 'bad '.padEnd(1_000_000) })
    const { drained } = await begin(kind, input, { deadLetterTopic: dead })
    await drained()
    expect(await kafka.readAll(dead)).toMatchObject([{ headers: { dead_letter_offset: '0' } }])
  })
})
