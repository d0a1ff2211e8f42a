import { batchingProducer, type InputRecord } from 'kafka-restaurants-kafka'
import { testKafka, watchTopic } from 'kafka-restaurants-kafka/testing'
import { expect, it, onTestFinished, vi } from 'vitest'
import {
  actionable,
  brokers,
  command,
  event,
  limitsFile,
  log,
  ownTopics,
  startQueue,
  within,
} from './command-queue.ts'

/** How many; QUEUED_COMMANDS=100000 takes a quarter of an hour. */
const commands = Number(process.env.QUEUED_COMMANDS ?? 5_000)
const patienceMs = Math.max(600_000, commands * 20)
const resources = Math.min(1_000, commands / 20)
const semaphoreLimit = 2
const killEveryMs = 5_000
const firstKillMs = 500

it(
  'each command starts once, in its order and within the limit, though a replica is killed every 5 s',
  async () => {
    const topics = await ownTopics(12)
    const { path } = limitsFile(`semaphoreLimit: ${semaphoreLimit}\nqueueLimit: null\n`)
    const start = (instance: number) =>
      startQueue(topics, { LIMITS_FILE: path, HOSTNAME: `replica-${instance}`, LOG_LEVEL: 'info' })
    const replicas = await Promise.all([0, 1].map(start))
    const producer = batchingProducer(
      { brokers, clientId: 'cook', log },
      { maxQueued: commands * 2 + 1, timeoutMs: 60_000 },
    )
    onTestFinished(() => producer.stop())

    const startedOf = new Map<string, number[]>()
    const runningOf = new Map<string, number>()
    let [count, mostAtATime] = [0, 0]
    /** Ends each command as soon as it has started. */
    const cook = (record: InputRecord) => {
      const { id, fence } = actionable(record)
      const resource = String(record.key)
      const numbers = startedOf.get(resource) ?? []
      startedOf.set(resource, numbers)
      numbers.push(Number(id))
      const running = (runningOf.get(resource) ?? 0) + 1
      runningOf.set(resource, running)
      mostAtATime = Math.max(mostAtATime, running)
      count += 1
      setImmediate(() => {
        runningOf.set(resource, (runningOf.get(resource) ?? 0) - 1)
        void producer.send(event(topics, resource, id, { fence }))
      })
    }
    const watched = await watchTopic(brokers, log, topics.actionable, cook)
    onTestFinished(() => watched.stop())

    let isDone = false
    let kills = 0
    const killing = (async () => {
      for (let turn = 0; !isDone; turn++) {
        const until = Date.now() + (turn === 0 ? firstKillMs : killEveryMs)
        await vi.waitFor(() => expect(isDone || Date.now() > until).toBe(true), within(killEveryMs + 5_000))
        if (isDone) return
        const index = turn % 2
        await replicas[index]?.kill('SIGKILL')
        kills += 1
        replicas[index] = await start(index)
      }
    })()

    const sent = Array.from({ length: commands }, (_, number) =>
      producer.send(command(topics, `resource ${number % resources}`, String(number), 'm')),
    )
    await Promise.all(sent)
    await vi.waitFor(() => expect(count).toBeGreaterThanOrEqual(commands), within(patienceMs))
    isDone = true
    await killing

    const all = (await testKafka(brokers, log).readAll(topics.actionable, 120_000)).map(
      record => actionable(record).id,
    )
    expect([all.length, new Set(all).size]).toEqual([commands, commands])
    expect(mostAtATime).toBeLessThanOrEqual(semaphoreLimit)
    for (const numbers of startedOf.values()) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(kills).toBeGreaterThan(0)
    expect((await testKafka(brokers, log).readAll(topics.rejected)).length).toBe(0)
  },
  patienceMs + 300_000,
)
