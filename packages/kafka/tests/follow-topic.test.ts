import { randomUUID } from 'node:crypto'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { createContext } from 'kafka-restaurants-service'
import { expect, it, onTestFinished, vi } from 'vitest'
import { followTopic, withAdmin } from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const { log } = createContext('test', 'silent')
const within = (timeout: number) => ({ timeout, interval: 100 })

it('who follows a topic has all that it holds when it is ready, sees what is committed later, and outlives the broker', async () => {
  const broker = await ownBroker()
  const connection = { brokers: broker.bootstrap, clientId: 'follow-test', log }
  const kafka = testKafka(broker.bootstrap, log)
  const topic = await kafka.topic('followed', 3)
  const record = (value: string) => ({ topic, key: value, value })
  await kafka.write(...['a', 'b', 'c'].map(record))
  await kafka.abort(record('aborted'))
  const seen: string[] = []
  const group = randomUUID()
  const followed = followTopic(connection, {
    topic,
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
