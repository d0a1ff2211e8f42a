import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { RecordTooLargeError } from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createOutbox, type Sender } from './outbox.ts'
import { type Outgoing, openSpool, SpoolFullError } from './spool.ts'

const { log } = createContext('test', 'silent')

/** A Kafka that takes what it is told to. */
function fakeKafka() {
  const taken: Outgoing[] = []
  const state = {
    isAway: false,
    refusedTopics: new Set<string>(),
    /** Of the next event that is sent, by its value. */
    errors: new Map<string, unknown>(),
    /** Resolves before an answer comes. */
    gate: Promise.resolve(),
  }
  const sender: Sender = {
    send: async (topic, events) => {
      await state.gate
      await new Promise(setImmediate) // others are published meanwhile
      if (state.isAway) throw new Error('no answer')
      if (state.refusedTopics.has(topic)) throw new Error('not allowed')
      const failures = new Map<Outgoing, unknown>()
      for (const event of events) {
        const error = state.errors.get(event.value)
        state.errors.delete(event.value)
        if (error === undefined) taken.push(event)
        else failures.set(event, error)
      }
      return failures
    },
    answers: async () => !state.isAway,
    stop: async () => {},
  }
  return { sender, state, values: () => taken.map(({ value }) => value) }
}

function outboxOn(
  kafka: ReturnType<typeof fakeKafka>,
  { maxBytes = 1_000_000, file = newFile(), maxBatchBytes = 100_000 } = {},
) {
  const spool = openSpool(file, maxBytes)
  const sent: string[] = []
  const outbox = createOutbox({
    spool,
    sender: kafka.sender,
    onSent: ({ value }) => sent.push(value),
    log,
    backoff: { firstMs: 1 },
    maxBatchBytes,
  })
  let isOpen = true
  const close = async () => {
    if (isOpen) await outbox.close()
    isOpen = false
  }
  onTestFinished(close)
  const put = (value: string, over: Partial<Outgoing> = {}) =>
    outbox.put({ pattern: 'p', topic: 't', busTopic: 'b', key: null, value, headers: {}, ...over })
  return { ...outbox, put, close, sent, spool, file }
}

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'spool.sqlite')
}
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => String(from + index))

it('what Kafka takes is never in the spool, and is told when it has it', async () => {
  const kafka = fakeKafka()
  const { put, sent, spool } = outboxOn(kafka)
  await Promise.all(numbers(2_500).map(value => put(value)))
  expect(kafka.values()).toEqual(numbers(2_500))
  expect(sent).toEqual(numbers(2_500))
  expect(spool.lastSeq).toBe(0)
})

it('what Kafka does not take is spooled, and goes before what comes after it', async () => {
  const kafka = fakeKafka()
  const { put, sent, spool, outages } = outboxOn(kafka)
  kafka.state.isAway = true
  await Promise.all(numbers(10).map(value => put(value)))
  expect(spool.status().events).toBe(10)
  expect(outages()).toEqual([expect.stringMatching(/^Kafka takes no events since try \d+: no answer$/)])
  kafka.state.isAway = false
  await Promise.all(numbers(10, 10).map(value => put(value)))
  await vi.waitFor(() => expect(sent).toEqual(numbers(20)))
  expect(kafka.values()).toEqual(numbers(20))
  expect(spool.status().events).toBe(0)
  expect(outages()).toEqual([])
})

it('what comes while the spool is being emptied goes behind all of it', async () => {
  const kafka = fakeKafka()
  const { put, sent, spool } = outboxOn(kafka, { maxBatchBytes: 20 })
  kafka.state.isAway = true
  await Promise.all(numbers(50).map(value => put(value)))
  kafka.state.isAway = false
  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0), { interval: 1 })
  expect(spool.status().events).toBeGreaterThan(0)
  await Promise.all(numbers(50, 50).map(value => put(value)))
  await vi.waitFor(() => expect(kafka.values()).toEqual(numbers(100)))
})

it('one topic that can not be written holds up no other', async () => {
  const kafka = fakeKafka()
  const { put, sent, outages } = outboxOn(kafka)
  kafka.state.refusedTopics.add('forbidden')
  for (const value of ['1', '3']) await put(value, { topic: 'forbidden' })
  await put('2')
  await vi.waitFor(() => expect(sent).toEqual(['2']))
  expect(outages()).toEqual([expect.stringMatching(/^forbidden takes no events since try \d+: not allowed$/)])
  kafka.state.refusedTopics.clear()
  await vi.waitFor(() => expect(sent).toEqual(['2', '1', '3']))
})

it('nobody waits for an answer of a Kafka that is away', async () => {
  const kafka = fakeKafka()
  const { put } = outboxOn(kafka)
  kafka.state.isAway = true
  await put('1')
  const { promise, resolve } = Promise.withResolvers<void>()
  kafka.state.gate = promise
  await new Promise(resolve => setTimeout(resolve, 20)) // it is being asked again by then
  await put('2', { topic: 'u' })
  resolve()
})

it('what is held is spooled, and goes in its order when it is released; others go on', async () => {
  const kafka = fakeKafka()
  const { put, hold, release, sent, spool } = outboxOn(kafka)
  await hold('p')
  await Promise.all([put('1'), put('2', { pattern: 'q' }), put('3')])
  expect(kafka.values()).toEqual(['2'])
  expect(spool.status().waiting).toEqual({ p: 2 })
  release('p')
  release('p')
  await put('4')
  await vi.waitFor(() => expect(sent).toEqual(['2', '1', '3', '4']))
})

it('a hold is in effect when nothing of its pattern is on its way any more', async () => {
  const kafka = fakeKafka()
  const { put, hold } = outboxOn(kafka)
  const { promise, resolve } = Promise.withResolvers<void>()
  kafka.state.gate = promise
  const published = put('1')
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  let isHeld = false
  const holding = hold('p').then(() => {
    isHeld = true
  })
  await new Promise(setImmediate)
  expect(isHeld).toBe(false)
  resolve()
  await Promise.all([published, holding])
  expect(kafka.values()).toEqual(['1'])
})

it('a full spool rejects, and keeps what it has', async () => {
  const kafka = fakeKafka()
  kafka.state.isAway = true
  const { put, sent } = outboxOn(kafka, { maxBytes: 40 })
  const results = await Promise.allSettled(numbers(20, 10).map(value => put(value)))
  expect(results.map(({ status }) => status)).toEqual([
    ...Array(10).fill('fulfilled'),
    ...Array(10).fill('rejected'),
  ])
  expect(results.at(-1)).toMatchObject({ reason: expect.any(SpoolFullError) })
  await expect(put('x')).rejects.toThrow(
    'the spool is full: 10 events of 40 bytes wait for Kafka, and 40 bytes is the most',
  )
  kafka.state.isAway = false
  await vi.waitFor(() => expect(sent).toEqual(numbers(10, 10)))
})

it('an event that is larger than its topic takes is refused, or put aside where nobody waits for it', async () => {
  const kafka = fakeKafka()
  const { put, hold, release, sent, spool } = outboxOn(kafka)
  const tooLarge = new RecordTooLargeError([{ topic: 't', key: null, value: '' }])
  kafka.state.errors.set('1', tooLarge)
  await expect(put('1')).rejects.toBe(tooLarge)
  await hold('p')
  await Promise.all([put('2'), put('3')])
  kafka.state.errors.set('2', tooLarge)
  release('p')
  await vi.waitFor(() => expect(sent).toEqual(['3']))
  expect(spool.status()).toMatchObject({ events: 0, refused: 1 })
})

it('what waits when it is closed is sent by the next one', async () => {
  const [first, second] = [fakeKafka(), fakeKafka()]
  first.state.isAway = true
  const before = outboxOn(first)
  const published = Promise.all(numbers(5).map(value => before.put(value)))
  await before.close()
  await published
  await expect(before.put('late')).rejects.toThrow('the bridge is closed')
  const after = outboxOn(second, { file: before.file })
  await after.put('5')
  await vi.waitFor(() => expect(second.values()).toEqual(numbers(6)))
})

it('each event goes once, and in the order of its lane, whatever fails in between', async () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        does: fc.constant('put' as const),
        lane: fc.nat(2),
        count: fc.integer({ min: 1, max: 30 }),
      }),
    },
    fc.record({ does: fc.constantFrom('away', 'back', 'hold', 'release', 'forbid', 'allow', 'wait') }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
      const kafka = fakeKafka()
      const spool = openSpool(':memory:', 1_000_000)
      const outbox = createOutbox({
        spool,
        sender: kafka.sender,
        onSent: () => {},
        log,
        backoff: { firstMs: 1 },
        // What is spooled takes many batches, between which others are published.
        maxBatchBytes: 40,
      })
      const lanes = [0, 1, 2].map(lane => ({
        pattern: `p${lane % 2}`,
        topic: `t${lane}`,
        published: [] as string[],
      }))
      const published: Promise<void>[] = []
      let n = 0
      for (const each of steps) {
        if (each.does === 'put') {
          const {
            pattern,
            topic,
            published: own,
          } = lanes[each.lane] ?? { pattern: '', topic: '', published: [] }
          for (let i = 0; i < each.count; i++) {
            const value = `${topic}/${n++}`
            own.push(value)
            published.push(outbox.put({ pattern, topic, busTopic: topic, key: null, value, headers: {} }))
          }
        } else if (each.does === 'away' || each.does === 'back') kafka.state.isAway = each.does === 'away'
        else if (each.does === 'hold') void outbox.hold('p0')
        else if (each.does === 'release') outbox.release('p0')
        else if (each.does === 'forbid') kafka.state.refusedTopics.add('t1')
        else if (each.does === 'allow') kafka.state.refusedTopics.clear()
        else await new Promise(resolve => setTimeout(resolve, 2))
        await new Promise(setImmediate)
      }
      kafka.state.isAway = false
      kafka.state.refusedTopics.clear()
      outbox.release('p0')
      await Promise.all(published)
      await vi.waitFor(() => expect(kafka.values()).toHaveLength(n), { timeout: 5_000, interval: 2 })
      for (const { topic, published: own } of lanes)
        expect(kafka.values().filter(value => value.startsWith(`${topic}/`))).toEqual(own)
      await outbox.close()
    }),
    { numRuns: 60 },
  )
})
