import { randomUUID } from 'node:crypto'
import { deadLetterTopic, maxValueBytes } from 'kafka-restaurants-contracts'
import { retrying } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { PartitionAssigners } from 'kafkajs'
import { createTopics, patiently, withAdmin } from './admin.ts'
import { kafkaClient } from './client.ts'
import { type Compression, compressionType } from './codecs.ts'
import { consumerLag } from './lag.ts'
import { topicMessages } from './producer.ts'
import { type InputRecord, inputRecord, type OutputRecord } from './record.ts'

export { type ClusterAdmin, clusterAdmin } from './cluster-admin.ts'
export { openTransactions } from './open-transactions.ts'
export { consumerLag, inputRecord, kafkaClient }

/** What tests need of a real broker. `log` should be silent, or the test's own. */
export interface TestKafka {
  /** Makes a topic that no other test has, and its dead-letter topic; returns its name. Takes batches of 16 MiB unless told. */
  topic: (name: string, partitions?: number, maxBytes?: number) => Promise<string>
  write: (...records: OutputRecord[]) => Promise<void>
  /** The same, compressed. */
  writeAs: (compression: Compression, ...records: OutputRecord[]) => Promise<void>
  /** Writes records in a transaction, and aborts it. */
  abort: (...records: OutputRecord[]) => Promise<void>
  /** Reads a topic from its beginning, committed records only, as soon as `count` of them are there. */
  read: (topic: string, count: number, deadlineMs?: number) => Promise<InputRecord[]>
  /** Reads all that is committed in a topic now. */
  readAll: (topic: string, deadlineMs?: number) => Promise<InputRecord[]>
  /** Joins a group as another kind of client would, with an assignor that ours don't know: none of them can join then. */
  foreignMember: (group: string, topic: string) => Promise<{ leave: () => Promise<void> }>
  /** How many records of a topic a group has yet to commit. */
  lag: (group: string, topic: string) => Promise<number>
  /** Takes a group's commits away, as soon as its members are gone: as if they had died before they committed. */
  forget: (group: string) => Promise<void>
}

export function testKafka(brokers: string, log: Logger): TestKafka {
  const kafka = kafkaClient({ brokers, clientId: 'test', log })

  const consume = async (
    topic: string,
    enough: (records: InputRecord[]) => Promise<boolean>,
    deadlineMs: number,
  ) => {
    const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 50 })
    const records: InputRecord[] = []
    const done = Promise.withResolvers<void>()
    const timer = setTimeout(
      () => done.reject(new Error(`${records.length} records in ${topic} after ${deadlineMs} ms`)),
      deadlineMs,
    )
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const message of batch.messages) records.push(inputRecord(topic, batch.partition, message))
          if (await enough(records)) done.resolve()
        },
      })
      await done.promise
    } finally {
      clearTimeout(timer)
      await consumer.disconnect()
    }
    return records
  }

  const writeAs: TestKafka['writeAs'] = async (compression, ...records) => {
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    await producer.sendBatch({
      topicMessages: topicMessages(records),
      compression: compressionType(compression),
    })
    await producer.disconnect()
  }

  return {
    topic: async (name, partitions = 1, maxBytes = 16 * maxValueBytes) => {
      const unique = `${name}-${randomUUID().slice(0, 8)}`
      const config = { 'max.message.bytes': String(maxBytes) }
      await createTopics(
        { brokers, log },
        [unique, deadLetterTopic(unique)].map(each => ({ name: each, partitions, config })),
      )
      return unique
    },
    write: (...records) => writeAs('none', ...records),
    writeAs,
    abort: async (...records) => {
      const transactionalId = randomUUID()
      const producer = kafka.producer({ transactionalId, idempotent: true, allowAutoTopicCreation: false })
      await producer.connect()
      const transaction = await producer.transaction()
      await transaction.sendBatch({ topicMessages: topicMessages(records) })
      await transaction.abort()
      await producer.disconnect()
    },
    read: (topic, count, deadlineMs = 25_000) =>
      count === 0
        ? Promise.resolve([])
        : consume(topic, async records => records.length >= count, deadlineMs),
    readAll: async (topic, deadlineMs = 15_000) => {
      // A marker in each partition behind all that is there: what comes before it is everything.
      const partitions = await withAdmin({ brokers, log }, admin =>
        patiently(() => admin.fetchTopicOffsets(topic)),
      )
      const marker = randomUUID()
      const producer = kafka.producer({ allowAutoTopicCreation: false })
      await producer.connect()
      await producer.send({
        topic,
        messages: partitions.map(({ partition }) => ({ partition, key: 'marker', value: marker })),
      })
      await producer.disconnect()
      const isMarker = ({ key }: InputRecord) => key?.toString() === 'marker'
      const seen = new Set<number>()
      let looked = 0
      const all = await consume(
        topic,
        async records => {
          for (const record of records.slice(looked))
            if (isMarker(record) && record.value.toString() === marker) seen.add(record.partition)
          looked = records.length
          return seen.size === partitions.length
        },
        deadlineMs,
      )
      return all.filter(record => !isMarker(record))
    },
    foreignMember: async (groupId, topic) => {
      const consumer = kafka.consumer({
        groupId,
        partitionAssigners: [context => ({ ...PartitionAssigners.roundRobin(context), name: 'foreign' })],
      })
      const joined = new Promise(resolve => consumer.on(consumer.events.GROUP_JOIN, resolve))
      await consumer.connect()
      await consumer.subscribe({ topics: [topic] })
      await consumer.run({ eachMessage: async () => {} })
      await joined
      return { leave: () => consumer.disconnect() }
    },
    lag: (group, topic) =>
      withAdmin({ brokers, log }, async admin =>
        (await consumerLag(admin, group, [topic])).reduce((sum, { lag }) => sum + lag, 0),
      ),
    forget: group =>
      withAdmin({ brokers, log }, admin =>
        retrying(
          async () => {
            await admin.deleteGroups([group])
          },
          { until: Date.now() + 30_000 },
        ),
      ),
  }
}

/**
 * Calls `see` with every record that is committed to a topic from now on.
 * @returns as soon as every partition is watched from its end
 */
export async function watchTopic(
  brokers: string,
  log: Logger,
  topic: string,
  see: (record: InputRecord) => void,
): Promise<{ stop: () => Promise<void> }> {
  const ends = await withAdmin({ brokers, log }, admin => patiently(() => admin.fetchTopicOffsets(topic)))
  const consumer = kafkaClient({ brokers, clientId: 'watch', log }).consumer({
    groupId: `watch-${randomUUID()}`,
    maxWaitTimeInMs: 100,
  })
  const joined = new Promise(resolve => consumer.on(consumer.events.GROUP_JOIN, resolve))
  await consumer.connect()
  await consumer.subscribe({ topics: [topic] })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) see(inputRecord(topic, batch.partition, message))
    },
  })
  await joined
  for (const { partition, high } of ends) consumer.seek({ topic, partition, offset: high })
  return { stop: () => consumer.disconnect() }
}
