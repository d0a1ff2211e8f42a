import { randomUUID } from 'node:crypto'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, inject, it, vi } from 'vitest'
import { atLeastOnceWorker, createTopics, exactlyOnceWorker, withAdmin } from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const { log } = createContext('test', 'silent')
const connection = { brokers: inject('bootstrap'), clientId: 'made-again-test', log }
const kafka = testKafka(connection.brokers, log)
const kinds = { exactlyOnceWorker, atLeastOnceWorker }

const numbered = (topic: string, text: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ topic, key: String(index), value: `${text} ${index}` }))

const remove = (topic: string) => withAdmin(connection, admin => admin.deleteTopics({ topics: [topic] }))

/** Resolves when it is there again: Kafka takes a moment to forget one by the same name. */
const make = (topic: string) =>
  vi.waitFor(
    async () =>
      expect(await createTopics(connection, [{ name: topic, partitions: 1, config: {} }])).toEqual([topic]),
    { timeout: 20_000, interval: 5 },
  )

describe.each(Object.entries(kinds))('%s', (_name, kind) => {
  const handled: string[] = []
  const begin = async (input: string, group: string) => {
    const worker = kind({
      kafka: connection,
      group,
      inputs: [input],
      handle: async ({ value }) => {
        handled.push(value.toString())
        return []
      },
      metrics: createContext('test', 'silent').metrics,
    })
    await worker.start()
    await vi.waitFor(() => expect(worker.notReady()).toEqual([]), 20_000)
    return worker
  }
  /** Resolves when just these were handled, in their order, and are committed. */
  const handles = async (input: string, group: string, records: { value: string }[]) => {
    const values = records.map(({ value }) => value)
    await vi.waitFor(() => expect(handled.toSorted()).toEqual(values.toSorted()), 30_000)
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 10_000)
    handled.length = 0
  }

  it('handles all records of a topic that was deleted and made again', async () => {
    const [input, group] = [await kafka.topic('again'), randomUUID()]
    const first = await begin(input, group)
    await kafka.write(...numbered(input, 'first', 5))
    await handles(input, group, numbered(input, 'first', 5))
    await first.stop()
    // What is done is known from the group alone, and then from what it has done itself.
    const second = await begin(input, group)
    for (const text of ['second', 'third']) {
      await remove(input)
      await vi.waitFor(() => expect(second.notReady()).not.toEqual([]), 30_000)
      await make(input)
      await kafka.write(...numbered(input, text, 20))
      await handles(input, group, numbered(input, text, 20))
    }
    await second.stop()
  }, 120_000)

  it('handles all records of a topic that was made again at once, and has as many of them as before', async () => {
    const [input, group] = [await kafka.topic('again'), randomUUID()]
    const worker = await begin(input, group)
    for (const text of ['first', 'second', 'third']) {
      await kafka.write(...numbered(input, text, 5))
      await handles(input, group, numbered(input, text, 5))
      await remove(input)
      await make(input)
    }
    await worker.stop()
  }, 120_000)

  it('does not lag behind what was aborted', async () => {
    const [input, group] = [await kafka.topic('aborted'), randomUUID()]
    const worker = await begin(input, group)
    await kafka.write(...numbered(input, 'first', 5))
    await handles(input, group, numbered(input, 'first', 5))
    await kafka.abort(...numbered(input, 'aborted', 5))
    await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), 10_000)
    await kafka.write(...numbered(input, 'last', 5))
    await handles(input, group, numbered(input, 'last', 5))
    await worker.stop()
  })

  it('goes on with the oldest record there is where the next one has expired', async () => {
    const [input, group] = [await kafka.topic('expired'), randomUUID()]
    const committed = () =>
      withAdmin(connection, async admin => {
        const [found] = await admin.fetchOffsets({ groupId: group, topics: [input] })
        return found?.partitions[0]?.offset
      })
    const first = await begin(input, group)
    await kafka.write(...numbered(input, 'first', 5))
    await handles(input, group, numbered(input, 'first', 5))
    await first.stop()
    await kafka.write(...numbered(input, 'expired', 5))
    const partitions = [{ partition: 0, offset: '10' }]
    await withAdmin(connection, async admin => {
      await admin.fetchTopicOffsets(input) // kafkajs looks no leaders up for what it deletes
      await admin.deleteTopicRecords({ topic: input, partitions })
    })
    const second = await begin(input, group)
    await kafka.write(...numbered(input, 'second', 5))
    await handles(input, group, numbered(input, 'second', 5))
    expect(await committed()).toBe('15')
    await second.stop()
  })
})
