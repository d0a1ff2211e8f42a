import { setTimeout as realTime } from 'node:timers/promises'
import type { Admin, Consumer, Kafka, TopicMessages } from 'kafkajs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RecordTooLargeError, UnwritableError } from '../producer.ts'
import type { OutputRecord } from '../record.ts'
import { offsetStore } from './offsets.ts'
import { transactionStore } from './transaction.ts'

const done = [{ topic: 'in', partition: 0, progress: { seenTo: 1n, open: [] } }]
const member = { memberId: 'me', generationId: 3 }

/** A producer that refuses the batch of each topic in which some value is longer than 1,000 bytes, as brokers do. */
function cluster() {
  const topics = new Set(['a', 'b'])
  const seen = {
    topics,
    requests: 0,
    written: [] as string[],
    aborts: 0,
    commits: 0,
    offsets: [] as unknown[],
    /** Whether nobody answers a commit. */
    isAway: false,
    /** Whether Kafka takes a transaction for ended whose markers were never written. */
    isForgotten: false,
    /** Whether the group takes no offsets from this member. */
    isRefused: false,
  }
  const sendBatch = async ({ topicMessages }: { topicMessages: TopicMessages[] }) => {
    seen.requests += 1
    if (topicMessages.some(({ messages }) => messages.some(({ key }) => key === 'no bytes')))
      throw new TypeError('is no bytes')
    if (topicMessages.some(({ topic }) => !topics.has(topic)))
      throw Object.assign(new Error('no such topic'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' })
    const failed = topicMessages.filter(({ messages }) =>
      messages.some(({ value }) => String(value).length > 1_000),
    )
    for (const { topic, messages } of topicMessages)
      if (!failed.some(each => each.topic === topic))
        seen.written.push(...messages.map(({ value }) => String(value)))
    if (failed.length === 0) return
    const error = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' })
    const unacknowledged = new Map(
      failed.flatMap(({ messages }) => messages.map(message => [message, error])),
    )
    throw Object.assign(error, { unacknowledged })
  }
  const transaction = {
    sendBatch,
    sendOffsets: async (offsets: unknown) => {
      if (seen.isRefused) throw Object.assign(new Error('refused'), { type: 'ILLEGAL_GENERATION' })
      seen.offsets.push(offsets)
    },
    commit: async () => {
      if (seen.isAway) throw new Error('no answer')
      seen.commits += 1
      seen.isForgotten = false
    },
    abort: async () => {
      seen.aborts += 1
      if (seen.offsets.length > 0) seen.isForgotten = false
    },
  }
  const producer = () => {
    let isOngoing = false
    const ends = (end: () => Promise<void>) => async () => {
      await end()
      isOngoing = false
    }
    return {
      connect: async () => {},
      disconnect: async () => {},
      transaction: async () => {
        if (isOngoing) throw new Error('there is already an ongoing transaction')
        isOngoing = true
        return { ...transaction, commit: ends(transaction.commit), abort: ends(transaction.abort) }
      },
    }
  }
  const kafka = { producer } as unknown as Kafka
  const fetchOffsets = async () => {
    if (seen.isForgotten)
      throw Object.assign(new Error('unstable'), { type: 'UNSTABLE_OFFSET_COMMIT', retriable: true })
    return [{ topic: 'in', partitions: [{ partition: 0, offset: '1', metadata: '' }] }]
  }
  const admin = { listTopics: async () => [...topics], fetchOffsets } as unknown as Admin
  const store = transactionStore({ kafka, admin }, { group: 'g', transactionalId: 't' })
  return { seen, store, admin }
}

const outputs = (topic: string, count: number): OutputRecord[] =>
  Array.from({ length: count }, (_, index) => ({ topic, key: null, value: `${topic}-${index}` }))

it('finds the records that are too large among thousands in few requests, and writes no other twice', async () => {
  const { seen, store } = cluster()
  const large = { topic: 'a', key: null, value: 'x'.repeat(2_000) }
  const all = [...outputs('a', 2_000), ...outputs('b', 2_000)]
  const commit = store.commit(all.toSpliced(700, 0, large), done, member)
  const error = await commit.catch(each => each)
  expect(error).toBeInstanceOf(RecordTooLargeError)
  expect(error.records).toEqual([large])
  expect(seen.requests).toBeLessThan(40)
  expect(seen.written.toSorted()).toEqual(all.map(({ value }) => String(value)).toSorted())
  expect(seen.offsets).toEqual([])
})

it('says of an output that no client could write that it is one', async () => {
  const { seen, store } = cluster()
  const bad = { topic: 'a', key: 'no bytes', value: 'x' }
  await expect(store.commit([bad], done, member)).rejects.toThrow(UnwritableError)
  await store.commit(outputs('a', 1), done, member)
  expect(seen.written).toEqual(['a-0'])
})

it('commits offsets as the member that it is', async () => {
  const { seen, store } = cluster()
  await store.commit(outputs('a', 3), done, member)
  expect(seen.written).toEqual(['a-0', 'a-1', 'a-2'])
  expect(seen.offsets).toEqual([
    {
      consumerGroupId: 'g',
      topics: [{ topic: 'in', partitions: [{ partition: 0, offset: '1', metadata: '' }] }],
      ...member,
    },
  ])
})

it('looks for a topic that is missing once, and then only whether it is there by now', async () => {
  const { seen, store } = cluster()
  const [good, bad] = [outputs('a', 1), outputs('c', 1)]
  await expect(store.commit([...good, ...bad], done, member)).rejects.toThrow('no such topic')
  const { requests } = seen
  await expect(store.commit(bad, done, member)).rejects.toMatchObject({
    message: 'there is no topic c',
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
  })
  expect(seen.requests).toBe(requests)
  await store.commit(good, done, member)
  seen.topics.add('c')
  await store.commit(bad, done, member)
  expect(seen.written).toEqual(['a-0', 'c-0'])
})

describe('a transaction that Kafka has forgotten to end', () => {
  afterEach(() => {
    vi.useRealTimers()
  })
  const place = [{ topic: 'in', partition: 0 }]
  /** Asks for the position until it is told. @returns after how long, in ms */
  const positionOf = async (store: ReturnType<typeof cluster>['store']) => {
    const begun = performance.now()
    for (;;) {
      const asked = store.positions(place, member).catch(() => undefined)
      await vi.advanceTimersByTimeAsync(6_000)
      const found = await asked
      if (found) return { found, tookMs: performance.now() - begun }
    }
  }

  it('is ended by a commit where this process told it to commit', async () => {
    vi.useFakeTimers()
    const { seen, store } = cluster()
    seen.isAway = true
    await expect(store.commit(outputs('a', 1), done, member)).rejects.toThrow('no answer')
    seen.isAway = false
    seen.isForgotten = true
    seen.offsets.length = 0
    const { found, tookMs } = await positionOf(store)
    expect(found).toMatchObject([{ seenTo: 1n }])
    expect(seen.commits).toBe(1)
    expect(seen.offsets).toEqual([{ consumerGroupId: 'g', topics: [], ...member }])
    expect(tookMs).toBeLessThan(10_000)
  })

  it('is ended by an abort where nobody knows, when all that others may have open is over', async () => {
    vi.useFakeTimers()
    const { seen, store } = cluster()
    seen.isForgotten = true
    const { tookMs } = await positionOf(store)
    expect(tookMs).toBeGreaterThan(25_000)
    expect(tookMs).toBeLessThan(40_000)
    expect(seen.commits).toBe(0)
    expect(seen.offsets).toHaveLength(1)
  })

  it('is ended as soon as the group takes this member again, where it did not at first', async () => {
    vi.useFakeTimers()
    const { seen, store } = cluster()
    seen.isForgotten = true
    seen.isRefused = true
    for (let asked = 0; asked < 8; asked++) {
      const found = store.positions(place, member).catch(() => undefined)
      await vi.advanceTimersByTimeAsync(6_000)
      expect(await found).toBeUndefined()
    }
    seen.isRefused = false
    const { found, tookMs } = await positionOf(store)
    expect(found).toMatchObject([{ seenTo: 1n }])
    expect(tookMs).toBeLessThan(10_000)
    await store.commit(outputs('a', 1), done, member)
  })

  it('is ended by a worker, too, that otherwise commits offsets alone', async () => {
    vi.useFakeTimers()
    const { seen, store, admin } = cluster()
    seen.isForgotten = true
    const consumer = { commitOffsets: async () => {} } as unknown as Consumer
    const worker = offsetStore({ consumer, admin, group: 'g' }, store)
    let found: unknown
    while (!found) {
      let isAnswered = false
      const asked = worker.positions(place, member).catch(() => undefined)
      void asked.then(() => {
        isAnswered = true
      })
      while (!isAnswered) {
        vi.advanceTimersByTime(1_000)
        await realTime(5) // what the waits between two tries go by
      }
      found = await asked
    }
    expect(found).toMatchObject([{ seenTo: 1n }])
    expect(seen.commits).toBe(0)
  })
})
