import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fetchKafka } from 'kafka-restaurants-dev-env/kafka/fetch'
import { findJava } from 'kafka-restaurants-dev-env/kafka/java'
import { createMetrics } from 'kafka-restaurants-service'
import { pino } from 'pino'
import { afterEach, describe, expect, inject, it, vi } from 'vitest'
import { atLeastOnceWorker, exactlyOnceWorker } from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })
const brokers = inject('bootstrap')
const kafka = testKafka(brokers, log)
const soon = { timeout: 45_000, interval: 100 }
const endings = new Set<() => Promise<unknown>>()

afterEach(async () => {
  await Promise.all([...endings].map(end => end()))
})

/** To be called once, and at the end of the test if it was not. */
function ending(end: () => Promise<unknown>): () => Promise<unknown> {
  const once = () => {
    endings.delete(once)
    return end()
  }
  endings.add(once)
  return once
}

/** A member of a group that adds each value it gets to `seen`. */
interface Member {
  seen: Set<string>
  leave: () => Promise<unknown>
}

/** Kafka's own client for Java, with the assignors that it has unless told, or one that it is told. */
async function javaMember(group: string, topic: string, assignor?: string): Promise<Member> {
  const seen = new Set<string>()
  const properties = [
    'auto.offset.reset=earliest',
    ...(assignor ? [`partition.assignment.strategy=org.apache.kafka.clients.consumer.${assignor}`] : []),
  ]
  const child = spawn(
    findJava().command,
    [
      ...['-XX:TieredStopAtLevel=1', '-cp', join(await fetchKafka(), '*')],
      ...['org.apache.kafka.tools.consumer.ConsoleConsumer', '--bootstrap-server', brokers],
      ...['--topic', topic, '--group', group],
      ...properties.flatMap(each => ['--consumer-property', each]),
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const exited = once(child, 'exit')
  // Its log is there, too.
  createInterface(child.stdout).on('line', line => {
    if (/^\w+$/.test(line)) seen.add(line)
  })
  const leave = ending(() => {
    child.kill('SIGTERM')
    return exited
  })
  return { seen, leave }
}

async function ourMember(
  group: string,
  inputs: string[],
  kind: typeof atLeastOnceWorker,
): Promise<Member & { notReady: () => string[] }> {
  const seen = new Set<string>()
  const handle = async ({ value }: { value: Buffer }) => {
    seen.add(value.toString())
    return []
  }
  const connection = { brokers, clientId: 'swap', log }
  const worker = kind({ kafka: connection, group, inputs, handle, metrics: createMetrics() })
  const leave = ending(worker.stop)
  await worker.start()
  return { seen, leave, notReady: worker.notReady }
}

/** Writes numbers until its end, each once, some hundred in a second. `written` has what is there. */
function load(topic: string) {
  const written: string[] = []
  let over = false
  const writing = (async () => {
    while (!over) {
      const batch = Array.from({ length: 10 }, (_, index) => String(written.length + index))
      await kafka.write(...batch.map(value => ({ topic, key: value, value })))
      written.push(...batch)
      await setTimeout(50)
    }
  })()
  const end = ending(() => {
    over = true
    return writing
  })
  return { written, end }
}

/** Waits until all that was written was seen by one of those who read. */
const nothingIsLost = (written: string[], readers: Member[]) =>
  vi.waitFor(() => {
    const seen = new Set(readers.flatMap(reader => [...reader.seen]))
    expect(written.filter(each => !seen.has(each))).toEqual([])
  }, soon)

/** Waits until a member gets what is written from now on. */
async function takesPart({ seen }: Member): Promise<void> {
  const before = seen.size
  await vi.waitFor(() => expect(seen.size).toBeGreaterThan(before), soon)
}

describe('under load', () => {
  it.each([
    ['an exactly-once worker', exactlyOnceWorker, 'RoundRobinAssignor'],
    ['an at-least-once worker', atLeastOnceWorker, undefined],
  ])(
    '%s takes the place of another client, and gives it back, and nothing is lost',
    async (_name, kind, assignor) => {
      const [group, topic] = [randomUUID(), await kafka.topic('swap', 4)]
      const { written, end } = load(topic)
      const theirs = await javaMember(group, topic, assignor)
      await takesPart(theirs)

      // Theirs leads the group, and gives ours a share.
      const ours = await ourMember(group, [topic], kind)
      await Promise.all([takesPart(ours), takesPart(theirs)])
      await theirs.leave()
      await takesPart(ours)

      // Ours leads the group, and gives theirs a share.
      const again = await javaMember(group, topic, assignor)
      await Promise.all([takesPart(again), takesPart(ours)])
      await ours.leave()
      await takesPart(again)
      await end()

      await nothingIsLost(written, [theirs, ours, again])
    },
    120_000,
  )
})

describe('a group that we lead', () => {
  it('gives another client nothing of a topic that it does not read, and stays together', async () => {
    const [group, both, ourOwn] = [randomUUID(), await kafka.topic('both', 2), await kafka.topic('own', 2)]
    const ours = await ourMember(group, [both, ourOwn], atLeastOnceWorker)
    await vi.waitFor(() => expect(ours.notReady()).toEqual([]), soon)
    const loads = [load(both), load(ourOwn)]
    const theirs = await javaMember(group, both)
    await takesPart(theirs)
    await takesPart(ours)
    await Promise.all(loads.map(({ end }) => end()))
    const own = loads[1]?.written ?? []
    await kafka.write({ topic: ourOwn, key: 'last', value: 'last' })
    await nothingIsLost([...own, 'last'], [ours])
    expect(theirs.seen).not.toContain('last')
  }, 120_000)

  it('takes more clients than there are partitions, and one that comes when another goes', async () => {
    const [group, topic] = [randomUUID(), await kafka.topic('few')]
    const ours = await ourMember(group, [topic], atLeastOnceWorker)
    await vi.waitFor(() => expect(ours.notReady()).toEqual([]), soon)
    const theirs = await javaMember(group, topic)
    const { written, end } = load(topic)
    await vi.waitFor(() => expect(ours.seen.size + theirs.seen.size).toBeGreaterThan(0), soon)
    await ours.leave()
    await takesPart(theirs)
    await end()
    await nothingIsLost(written, [theirs, ours])
  }, 120_000)
})
