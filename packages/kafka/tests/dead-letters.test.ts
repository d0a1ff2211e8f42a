import { randomUUID } from 'node:crypto'
import { deadLetterTopic, parkedTopic } from 'kafka-restaurants-contracts'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { createMetrics } from 'kafka-restaurants-service'
import { pino } from 'pino'
import { expect, inject, it, onTestFinished, vi } from 'vitest'
import { createTopics, withAdmin } from '../src/admin.ts'
import { kafkaClient } from '../src/client.ts'
import { transactionStore } from '../src/commit/transaction.ts'
import {
  type DeadLetter,
  type DeadLetters,
  openLetters,
  withDeadLetters,
} from '../src/dead-letters/dead-letters.ts'
import { exactlyOnceWorker, type InputRecord, type OutputRecord } from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })
const brokers = inject('bootstrap')
const connection = { brokers, clientId: 'dead-letters-test', log }
const kafka = testKafka(brokers, log)
const people = <T>(use: (letters: DeadLetters) => Promise<T>) => withDeadLetters(connection, use)
const open = (topic: string) => people(letters => letters.open(topic))
const idsOf = (letters: DeadLetter[]) => letters.map(({ id }) => id)
const texts = (records: InputRecord[]) => records.map(({ value }) => value.toString())
const manyTimes = 99

async function readerGroups(): Promise<string[]> {
  const { groups } = await withAdmin(connection, admin => admin.listGroups())
  return groups.map(({ groupId }) => groupId).filter(id => id.startsWith('dead-letters-reader-'))
}

/** Runs a worker that can't handle what says `bad`. */
async function pickyWorker(topic: string) {
  const worker = exactlyOnceWorker({
    kafka: connection,
    group: randomUUID(),
    inputs: [topic],
    handle: async ({ value }) => {
      if (value.includes('bad')) throw new UnreadableRecordError(`it is bad: ${value.subarray(0, 20)}`)
      return []
    },
    metrics: createMetrics(),
  })
  onTestFinished(() => worker.stop())
  await worker.start()
}

/** Writes dead letters, each in a transaction of its own, as a worker does when they come one by one. */
async function setAside(topic: string, values: string[], headers: OutputRecord['headers'] = {}) {
  await withAdmin(connection, async admin => {
    const cluster = { kafka: kafkaClient(connection), admin }
    const store = transactionStore(cluster, { group: randomUUID(), transactionalId: randomUUID() })
    for (const [index, value] of values.entries()) {
      const letter = { dead_letter_reason: `no ${value}`, dead_letter_topic: topic, ...headers }
      const output = { topic: deadLetterTopic(topic), key: value, value, headers: letter }
      const progress = { seenTo: BigInt(index + 1), open: [] }
      await store.commit([output], [{ topic, partition: 0, progress }], undefined)
    }
    await store.close()
  })
}

it('shows what a worker set aside: where from, how often tried, and why', async () => {
  const topic = await kafka.topic('in')
  await kafka.write(
    { topic, key: 'a', value: 'good' },
    { topic, key: 'b', value: 'bad one' },
    { topic, key: 'c', value: 'bad, paid with 4242424242424242' },
  )
  await pickyWorker(topic)
  await kafka.read(deadLetterTopic(topic), 2)
  const found = await open(topic)
  expect(found).toMatchObject([
    { source: `${topic}-0@1`, attempts: 1, redriven: 0, masked: false, reason: 'it is bad: bad one' },
    {
      source: `${topic}-0@2`,
      attempts: 1,
      redriven: 0,
      masked: true,
      reason: 'it is bad: bad, paid with 42424',
    },
  ])
  expect(found[0]).toMatchObject({
    id: `${deadLetterTopic(topic)}-0@0`,
    at: expect.stringMatching(/^\d{4}-.*Z$/),
  })
  const all = await people(letters => letters.open())
  expect(idsOf(all)).toEqual(expect.arrayContaining(idsOf(found)))
})

it('sends a record back with the very key, value and headers that it had', async () => {
  const topic = await kafka.topic('in')
  const bytes = Buffer.from([0, 0xff, 0xfe, 0x62, 0x61, 0x64, 0x80])
  const original = {
    topic,
    key: Buffer.from([0xc3, 0x28]),
    value: bytes,
    headers: {
      twice: ['one', Buffer.from([0xff, 0])],
      binary: Buffer.from([0x80, 0]),
      empty: '',
      traceparent: 'kept',
      correlation_id: 'kept, too',
    },
  }
  await kafka.write(original)
  const [before] = await kafka.read(topic, 1)
  await pickyWorker(topic)
  await kafka.read(deadLetterTopic(topic), 1)
  const [letter] = await open(topic)
  expect(await people(letters => letters.redrive([letter?.id ?? ''], 3))).toEqual({
    done: [letter?.id],
    refused: [],
  })
  const [, after] = await kafka.read(topic, 2)
  expect(after?.key).toEqual(original.key)
  expect(after?.value).toEqual(bytes)
  expect(after?.rawHeaders).toEqual({ ...before?.rawHeaders, dead_letter_redriven: [Buffer.from('1')] })
})

it('sends a tombstone back as a tombstone', async () => {
  const topic = await kafka.topic('in')
  await kafka.write({ topic: deadLetterTopic(topic), key: 'k', value: null })
  await people(letters => letters.redrive([`${deadLetterTopic(topic)}-0@0`], 3))
  expect(await kafka.read(topic, 1)).toMatchObject([{ isTombstone: true }])
})

it('lists a record that is dead again as a new one, and sends it back only so often', async () => {
  const topic = await kafka.topic('in')
  await kafka.write({ topic, key: 'b', value: 'bad' })
  await pickyWorker(topic)
  for (const redriven of [0, 1]) {
    const [letter] = await vi.waitFor(async () => {
      const found = await open(topic)
      expect(found).toMatchObject([{ redriven, attempts: 1 }])
      return found
    }, 15_000)
    expect(await people(letters => letters.redrive([letter?.id ?? ''], 2))).toMatchObject({ refused: [] })
  }
  await kafka.read(deadLetterTopic(topic), 3)
  const [letter] = await open(topic)
  const { done, refused } = await people(letters => letters.redrive([letter?.id ?? ''], 2))
  expect(done).toEqual([])
  expect(refused).toEqual([
    { id: letter?.id, why: expect.stringMatching(/redriven 2 times.*park it, or raise --most/) },
  ])
  expect(idsOf(await open(topic))).toEqual([letter?.id])
})

it('refuses to send back what has lost its card number, and sends the others', async () => {
  const topic = await kafka.topic('in')
  await setAside(topic, ['first'])
  await setAside(topic, ['second'], { dead_letter_masked: 'card-number' })
  await setAside(topic, ['third'])
  const ids = idsOf(await open(topic))
  const { done, refused } = await people(letters => letters.redrive(ids, 3))
  expect(done).toEqual([ids[0], ids[2]])
  expect(refused).toMatchObject([{ id: ids[1], why: expect.stringMatching(/card number.*park it/) }])
  expect(texts(await kafka.readAll(topic))).toEqual(['first', 'third'])
  expect(idsOf(await open(topic))).toEqual([ids[1]])
})

it('remembers what is done beyond what is open, and where a transaction ended', async () => {
  const topic = await kafka.topic('in')
  await setAside(topic, ['a', 'b', 'c', 'd', 'e'])
  const ids = idsOf(await open(topic))
  expect(ids).toEqual([0, 2, 4, 6, 8].map(offset => `${deadLetterTopic(topic)}-0@${offset}`))
  const redrive = (...which: number[]) =>
    people(letters =>
      letters.redrive(
        which.map(index => ids[index] ?? ''),
        3,
      ),
    )
  await redrive(3)
  expect(idsOf(await open(topic))).toEqual([ids[0], ids[1], ids[2], ids[4]])
  await redrive(1, 0)
  expect(idsOf(await open(topic))).toEqual([ids[2], ids[4]])
  await setAside(topic, ['f'])
  await redrive(2, 4)
  expect(await open(topic)).toMatchObject([{ reason: 'no f' }])
  expect(texts(await kafka.readAll(topic))).toEqual(['d', 'a', 'b', 'c', 'e'])
  expect((await redrive(3)).refused).toEqual([{ id: ids[3], why: 'it was redriven or parked before' }])
})

it('parks a record as it is, where it can still be looked at', async () => {
  const topic = await kafka.topic('in', 2)
  await setAside(topic, ['a', 'b'], { dead_letter_masked: 'card-number', twice: ['1', '2'] })
  const [a, b] = await open(topic)
  expect(await people(letters => letters.park([a?.id ?? '']))).toEqual({ done: [a?.id], refused: [] })
  expect(idsOf(await open(topic))).toEqual([b?.id])
  const before = await people(letters => letters.find(a?.id ?? ''))
  expect(before.state).toBe('done')
  const [parked] = await people(letters => letters.parked(topic))
  const { record, state } = await people(letters => letters.find(parked?.id ?? ''))
  expect(state).toBe('parked')
  expect(record).toMatchObject({
    topic: parkedTopic(topic),
    key: before.record.key,
    value: before.record.value,
  })
  expect(record.rawHeaders).toEqual({
    ...before.record.rawHeaders,
    dead_letter_parked_at: [expect.any(Buffer)],
  })
  const [ofLetters, ofParked] = await withAdmin(connection, admin =>
    Promise.all([deadLetterTopic(topic), parkedTopic(topic)].map(name => admin.fetchTopicOffsets(name))),
  )
  expect(ofParked).toHaveLength(ofLetters?.length ?? 0)
})

it('sends a record back once when two people do so at the same time', async () => {
  const topic = await kafka.topic('in')
  await setAside(topic, ['a', 'b', 'c'])
  const ids = idsOf(await open(topic))
  const both = await Promise.all([1, 2].map(() => people(letters => letters.redrive(ids, manyTimes))))
  // One of them may have fenced the other: then it is said so, and the record is open still or done by the other.
  const rest = await people(async letters => letters.redrive(idsOf(await letters.open(topic)), manyTimes))
  expect([...both, rest].flatMap(({ done }) => done).toSorted()).toEqual(ids)
  for (const { done, refused } of both)
    expect([...done, ...refused.map(({ id }) => id)].toSorted()).toEqual(ids)
  expect(texts(await kafka.readAll(topic)).toSorted()).toEqual(['a', 'b', 'c'])
})

it('says what it can not do, and leaves no group behind', async () => {
  const topic = await kafka.topic('in')
  await setAside(topic, ['a'])
  const [id = ''] = idsOf(await open(topic))
  const why = async (other: string) => (await people(letters => letters.redrive([other], 3))).refused[0]?.why
  expect(await why(`${deadLetterTopic(topic)}-0@1`)).toBe('there is no such record')
  expect(await why(`${deadLetterTopic(topic)}-7@0`)).toBe('there is no such record')
  expect(await why(`${topic}-0@0`)).toBe('it is no dead letter')
  expect(await why('nowhere.dead-letters-0@0')).toBe('there is no topic nowhere.dead-letters')
  await expect(open('nowhere')).rejects.toThrow(/no topic nowhere\.dead-letters.*Topics that have one: .*in-/)
  await expect(people(letters => letters.find(`${deadLetterTopic(topic)}-0@1`))).rejects.toThrow(
    /There is no dead letter/,
  )
  expect(await people(letters => letters.find(id))).toMatchObject({ state: 'open', record: { offset: '0' } })

  const orphan = `in-${randomUUID()}`
  await createTopics(connection, [{ name: deadLetterTopic(orphan), partitions: 1, config: {} }])
  await kafka.write({ topic: deadLetterTopic(orphan), key: 'k', value: 'v' })
  expect(await why(`${deadLetterTopic(orphan)}-0@0`)).toMatch(/its topic .* is not there/)

  // Other tests read on this broker, too: their groups go as well.
  const left = await readerGroups()
  await vi.waitFor(
    async () => expect((await readerGroups()).filter(id => left.includes(id))).toEqual([]),
    20_000,
  )
})

it('refuses what the commit could not remember, until older ones are dealt with', async () => {
  const topic = await kafka.topic('in')
  const values = Array.from({ length: 2_600 }, (_, index) => String(index))
  await kafka.write(...values.map(value => ({ topic: deadLetterTopic(topic), key: value, value })))
  const ids = idsOf(await open(topic))
  const everySecond = ids.filter((_, index) => index % 2 === 1)
  const first = await people(letters => letters.redrive(everySecond, 3))
  expect(first.refused.length).toBeGreaterThan(0)
  expect(first.refused[0]?.why).toMatch(/older ones are still open/)
  const rest = await people(async letters => letters.redrive(idsOf(await letters.open(topic)), 3))
  expect(rest.refused).toEqual([])
  const all = texts(await kafka.readAll(topic)).map(Number)
  expect(all.toSorted((a, b) => a - b)).toEqual(values.map(Number))
})

it('brings what was known up to date by what is new alone, keeps so many, and goes on when there is room', async () => {
  const topic = await kafka.topic('in')
  let reads = 0
  const known = openLetters({
    most: 3,
    keep: record => record.value.toString(),
    onRead: () => {
      reads += 1
    },
  })
  const topics = [deadLetterTopic(topic)]
  const update = () =>
    withAdmin(connection, admin =>
      known.update({ kafka: kafkaClient(connection), admin }, { group: 'dead-letters', topics }),
    )
  await update()
  expect([known.all(), reads]).toEqual([[], 0])
  await kafka.write(
    ...['a', 'b', 'c', 'd', 'e'].map(value => ({ topic: deadLetterTopic(topic), key: value, value })),
  )
  await update()
  expect(known.all()).toEqual(['a', 'b', 'c'])
  expect(known.counts()).toEqual([{ topic: deadLetterTopic(topic), known: 3, unread: 2 }])
  await update()
  expect(reads).toBe(1)
  const ids = idsOf(await open(topic))
  await people(letters => letters.redrive([ids[1] ?? '', ids[0] ?? ''], manyTimes))
  await update()
  expect(known.all()).toEqual(['c', 'd', 'e'])
  expect(known.counts()).toMatchObject([{ known: 3, unread: 0 }])
  // What others have dealt with before it was read here is not read any more.
  await kafka.write({ topic: deadLetterTopic(topic), key: 'f', value: 'f' })
  await people(async letters => letters.park(idsOf(await letters.open(topic))))
  await update()
  expect([known.all(), known.counts()]).toMatchObject([[], [{ known: 0, unread: 0 }]])
  expect(reads).toBe(2)
})
