import { randomUUID } from 'node:crypto'
import { createContext } from 'kafka-restaurants-service'
import type { Admin, Consumer, ConsumerRunConfig, Producer, Transaction } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { kafkaClient } from '../src/client.ts'
import { testKafka } from '../src/testing.ts'

/** What patches/ changes in how kafkajs speaks with a broker. Each of these fails without its part. */
const { log } = createContext('test', 'silent')
const connection = { brokers: inject('bootstrap'), clientId: 'patches-test', log }
const tests = testKafka(connection.brokers, log)
const kafka = kafkaClient(connection)
let admin: Admin

beforeAll(async () => {
  admin = kafka.admin()
  await admin.connect()
})
afterAll(() => admin.disconnect())

/** What the group has committed, as `partition:offset:metadata`. @throws while a part of it is undecided */
async function committed(groupId: string, topic: string) {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic], requireStable: true })
  return found?.partitions
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ partition, offset, metadata }) => `${partition}:${offset}:${metadata}`)
}

async function newProducer(): Promise<Producer> {
  const producer = kafka.producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  return producer
}

interface Member {
  consumer: Consumer
  memberId: string
  generationId: number
  /** How many partitions it has been assigned, join by join. */
  partitions: number[]
}

/** A consumer that has joined its group. */
async function member(groupId: string, topic: string, config: ConsumerRunConfig = {}): Promise<Member> {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 100, maxWaitTimeInMs: 50 })
  const now: Member = { consumer, memberId: '', generationId: -1, partitions: [] }
  consumer.on('consumer.group_join', ({ payload: { memberId, generationId, memberAssignment } }) => {
    Object.assign(now, { memberId, generationId })
    now.partitions.push(Object.values(memberAssignment).flat().length)
  })
  await consumer.connect()
  onTestFinished(() => consumer.disconnect())
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch: async () => {}, ...config })
  return now
}

const offsetsOf = (topic: string, ...offsets: string[]) => ({
  topic,
  partitions: offsets.map((offset, partition) => ({ partition, offset, metadata: `m${offset}` })),
})

const typeOf = (act: Promise<unknown>) =>
  act.then(
    () => 'taken',
    ({ name, type }) => `${name} ${type}`,
  )

describe('offsets in a transaction', () => {
  it('are taken of a member in its generation, of several topics and partitions, with metadata', async () => {
    const groupId = randomUUID()
    const topics = [await tests.topic('one', 3), await tests.topic('other', 2)] as const
    const { memberId, generationId } = await member(groupId, topics[0])
    const producer = await newProducer()
    const transaction = await producer.transaction()
    await transaction.sendOffsets({
      consumerGroupId: groupId,
      topics: [offsetsOf(topics[0], '5', '6', '7'), offsetsOf(topics[1], '8')],
      memberId,
      generationId,
    })
    await transaction.commit()
    await vi.waitFor(async () =>
      expect(await committed(groupId, topics[0])).toEqual(['0:5:m5', '1:6:m6', '2:7:m7']),
    )
    expect(await committed(groupId, topics[1])).toEqual(['0:8:m8', '1:-1:null'])
  })

  it('are refused of an older generation and of who is no member, and taken of who does not say who it is', async () => {
    const [groupId, topic] = [randomUUID(), await tests.topic('refused')]
    const { memberId, generationId } = await member(groupId, topic)
    const producer = await newProducer()
    const outcome = async (who: { memberId?: string; generationId?: number }) => {
      const transaction = await producer.transaction()
      const offsets = { consumerGroupId: groupId, topics: [offsetsOf(topic, '5')] }
      const type = await typeOf(transaction.sendOffsets({ ...offsets, ...who }))
      await transaction.abort()
      return type
    }
    expect(await outcome({ memberId, generationId: generationId - 1 })).toBe(
      'KafkaJSProtocolError ILLEGAL_GENERATION',
    )
    expect(await outcome({ memberId: 'somebody', generationId })).toBe(
      'KafkaJSProtocolError UNKNOWN_MEMBER_ID',
    )
    expect(await outcome({ memberId, generationId })).toBe('taken')
    expect(await outcome({})).toBe('taken')
    await vi.waitFor(async () => expect(await committed(groupId, topic)).toEqual(['0:-1:null']))
  })
})

describe('what a group has committed', () => {
  it('is not told while a part of it is undecided, and then as it was decided', async () => {
    const [groupId, topic] = [randomUUID(), await tests.topic('undecided')]
    const producer = await newProducer()
    const send = async (offset: string): Promise<Transaction> => {
      const transaction = await producer.transaction()
      await transaction.sendOffsets({ consumerGroupId: groupId, topics: [offsetsOf(topic, offset)] })
      return transaction
    }
    const undecided = () => typeOf(committed(groupId, topic))
    expect(await committed(groupId, topic)).toEqual(['0:-1:null'])
    const first = await send('5')
    expect(await undecided()).toBe('KafkaJSProtocolError UNSTABLE_OFFSET_COMMIT')
    await first.commit()
    await vi.waitFor(async () => expect(await committed(groupId, topic)).toEqual(['0:5:m5']))
    const second = await send('6')
    expect(await undecided()).toBe('KafkaJSProtocolError UNSTABLE_OFFSET_COMMIT')
    // Who does not ask for it is told what was decided last.
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
    expect(found?.partitions).toMatchObject([{ offset: '5', metadata: 'm5' }])
    await second.abort()
    await vi.waitFor(async () => expect(await committed(groupId, topic)).toEqual(['0:5:m5']))
  })
})

describe('the offsets of a topic', () => {
  it('end before a transaction that is open, and behind it where that is asked for', async () => {
    const topic = await tests.topic('open')
    const ends = async () =>
      Promise.all(
        [false, true].map(async readUncommitted => {
          const [found] = await admin.fetchTopicOffsets(topic, { readUncommitted })
          return found?.high
        }),
      )
    const transaction = await (await newProducer()).transaction()
    await transaction.send({ topic, messages: [{ value: 'a' }, { value: 'b' }] })
    expect(await ends()).toEqual(['0', '2'])
    await transaction.commit()
    await vi.waitFor(async () => expect(await ends()).toEqual(['3', '3']))
  })
})

describe('a member whose group rebalances', () => {
  it('finishes and commits before its partitions go', async () => {
    const [groupId, topic] = [randomUUID(), await tests.topic('rebalanced', 2)]
    const producer = await newProducer()
    const letGo = Promise.withResolvers<void>()
    const outcomes: string[] = []
    const first: Member = await member(groupId, topic, {
      beforeRejoin: async () => {
        const { consumer, memberId, generationId } = first
        const plain = { topic, partition: 0, offset: '3', metadata: 'm3' }
        outcomes.push(await typeOf(consumer.commitOffsets([plain])))
        const transaction = await producer.transaction()
        const topics = [{ topic, partitions: [{ partition: 1, offset: '4', metadata: 'm4' }] }]
        const offsets = { consumerGroupId: groupId, topics, memberId, generationId }
        outcomes.push(await typeOf(transaction.sendOffsets(offsets)))
        await transaction.commit()
        await letGo.promise
        throw new Error('which does not stop it')
      },
    })
    const joining = member(groupId, topic)
    await vi.waitFor(() => expect(outcomes).toEqual(['taken', 'taken']), 10_000)
    await vi.waitFor(async () => expect(await committed(groupId, topic)).toEqual(['0:3:m3', '1:4:m4']))
    expect(first.partitions).toEqual([2])
    letGo.resolve()
    const second = await joining
    await vi.waitFor(() => expect([first.partitions, second.partitions]).toEqual([[2, 1], [1]]), 10_000)
    expect(outcomes).toHaveLength(2)
    expect(first.generationId).toBe(second.generationId)
  })

  it('leaves, where it is stopped meanwhile', async () => {
    const [groupId, topic] = [randomUUID(), await tests.topic('left', 2)]
    const [asked, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const first = await member(groupId, topic, {
      beforeRejoin: () => {
        asked.resolve()
        return letGo.promise
      },
    })
    const joining = member(groupId, topic)
    await asked.promise
    const stopping = first.consumer.stop()
    letGo.resolve()
    await stopping
    expect((await joining).partitions).toEqual([2])
    expect(first.partitions).toEqual([2])
  })
})

describe('a commit', () => {
  it('of a consumer that does not run is refused', async () => {
    const [groupId, topic] = [randomUUID(), await tests.topic('stopped')]
    const { consumer } = await member(groupId, topic)
    const stopping = consumer.stop()
    await expect(consumer.commitOffsets([{ topic, partition: 0, offset: '3' }])).rejects.toThrow(
      /not running/,
    )
    await stopping
    await expect(consumer.commitOffsets([{ topic, partition: 0, offset: '3' }])).rejects.toThrow()
    expect(await committed(groupId, topic)).toEqual(['0:-1:null'])
  })
})
