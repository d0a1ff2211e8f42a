import { randomUUID } from 'node:crypto'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { createContext } from 'kafka-restaurants-service'
import { expect, inject, it, onTestFinished, vi } from 'vitest'
import { followTopics, withAdmin } from '../src/index.ts'
import { kafkaClient, testKafka } from '../src/testing.ts'

const brokers = inject('bootstrap')
const { log } = createContext('test', 'silent')
const connection = { brokers, clientId: 'follow-test', log }
const within = (timeout: number) => ({ timeout, interval: 100 })

it('who follows topics has all that they hold when it is ready, sees what is committed later, and outlives the broker', async () => {
  const broker = await ownBroker()
  const connection = { brokers: broker.bootstrap, clientId: 'follow-test', log }
  const kafka = testKafka(broker.bootstrap, log)
  const topic = await kafka.topic('followed', 3)
  const record = (value: string) => ({ topic, key: value, value })
  await kafka.write(...['a', 'b', 'c'].map(record))
  await kafka.abort(record('aborted'))
  const seen: string[] = []
  const group = randomUUID()
  const followed = followTopics(connection, {
    topics: [topic],
    group,
    see: records => seen.push(...records.map(({ value }) => String(value))),
  })
  onTestFinished(() => followed.stop())
  expect(followed.notReady()).toEqual([`has not read all of ${topic} yet`])
  await followed.start()
  await vi.waitFor(() => expect(followed.notReady()).toEqual([]), within(20_000))
  expect(seen.toSorted()).toEqual(['a', 'b', 'c'])
  await broker.kill()
  await broker.comeBack()
  await vi.waitFor(() => kafka.write(record('d')), within(20_000))
  await Promise.race([vi.waitFor(() => expect(seen).toContain('d'), within(60_000)), followed.crashed])
  // What was seen before is not seen again.
  expect(seen.toSorted()).toEqual(['a', 'b', 'c', 'd'])
  await followed.stop()
  const { groups } = await withAdmin(connection, admin => admin.listGroups())
  expect(groups.filter(({ groupId }) => groupId.startsWith(group))).toEqual([])
}, 120_000)

it('who follows topics since a time sees what was written then and later, each once', async () => {
  const kafka = testKafka(brokers, log)
  const topics = await Promise.all(['since-a', 'since-b'].map(name => kafka.topic(name, 2)))
  const producer = kafkaClient(connection).producer()
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  const now = Date.now()
  const write = (value: string, at: number) =>
    Promise.all(
      topics.map(topic => producer.send({ topic, messages: [{ key: value, value, timestamp: String(at) }] })),
    )
  await write('old', now - 60_000)
  await write('young', now - 1_000)
  const seen: string[] = []
  const followed = followTopics(connection, {
    topics,
    group: randomUUID(),
    since: () => now - 30_000,
    see: records => seen.push(...records.map(({ value }) => String(value))),
  })
  onTestFinished(() => followed.stop())
  await followed.start()
  await vi.waitFor(() => expect(followed.notReady()).toEqual([]), within(20_000))
  expect(seen).toEqual(['young', 'young'])
  await write('new', now)
  await vi.waitFor(() => expect(seen).toHaveLength(4), within(20_000))
  expect(seen).toEqual(['young', 'young', 'new', 'new'])
}, 60_000)
