import type { Admin, Kafka, TopicMessages } from 'kafkajs'
import { expect, it } from 'vitest'
import { RecordTooLargeError } from '../producer.ts'
import type { OutputRecord } from '../record.ts'
import { transactionStore } from './transaction.ts'

const done = [{ topic: 'in', partition: 0, progress: { seenTo: 1n, open: [] } }]
const member = { memberId: 'me', generationId: 3 }

/** A producer that refuses the batch of each topic in which some value is longer than 1,000 bytes, as brokers do. */
function cluster() {
  const topics = new Set(['a', 'b'])
  const seen = { topics, requests: 0, written: [] as string[], aborts: 0, offsets: [] as unknown[] }
  const sendBatch = async ({ topicMessages }: { topicMessages: TopicMessages[] }) => {
    seen.requests += 1
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
      seen.offsets.push(offsets)
    },
    commit: async () => {},
    abort: async () => {
      seen.aborts += 1
    },
  }
  const producer = {
    connect: async () => {},
    disconnect: async () => {},
    transaction: async () => transaction,
  }
  const kafka = { producer: () => producer } as unknown as Kafka
  const admin = { listTopics: async () => [...topics] } as unknown as Admin
  const store = transactionStore({ kafka, admin }, { group: 'g', transactionalId: 't' })
  return { seen, store }
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
