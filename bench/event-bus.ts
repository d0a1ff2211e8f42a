import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from 'kafka-restaurants-dev-env/kafka/broker'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import {
  type BridgeOptions,
  busTopicOf,
  type EventBus,
  eventBus,
  kafkaBridge,
} from 'kafka-restaurants-event-bus'
import {
  atLeastOnceWorker,
  batchingProducer,
  createTopics,
  type KafkaConnection,
  parseRecord,
} from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { z } from 'zod'
import { percentile } from './measure.ts'

const { log } = createContext('bench', 'silent')
const partitions = 3
const keys = 1_000
const payload = { order_id: randomUUID(), status: 'cooking', at: new Date(0).toISOString() }

interface Run {
  kafka: KafkaConnection
  events: number
  inFlight: number
  dataDir: string
}

/** @returns events a second */
type Measure = (topic: string, run: Run) => Promise<number>

/**
 * Measures events/s through the bridge, out to Kafka and in from it, beside packages/kafka used directly for the same
 * records, turn by turn in one run; prints both and their ratio.
 */
export async function benchEventBus(args: string[]): Promise<void> {
  const whole = { type: 'string' } as const
  const { values } = readArgs({ args, options: { events: whole, 'in-flight': whole, rounds: whole } })
  const events = wholeNumber('--events', values.events, 100_000, { min: 1 })
  const inFlight = wholeNumber('--in-flight', values['in-flight'], 3_000, { min: 1 })
  const rounds = wholeNumber('--rounds', values.rounds, 3, { min: 1 })
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const place = { dataDir, port: await freePort(), controllerPort: await freePort(), progress: console.log }
  const broker = await startBroker(place)
  try {
    const kafka = { brokers: broker.bootstrap, clientId: 'bench', log }
    const run = { kafka, inFlight, dataDir }
    for (const [name, direct, bridged] of [
      ['out', produce, publish],
      ['in', consume, subscribe],
    ] as const) {
      const ratios: number[] = []
      // The first one is slower: what it runs is not compiled yet.
      await compare([direct, bridged], { ...run, events: Math.ceil(events / 10) })
      for (let round = 1; round <= rounds; round++) {
        const [theirs = 0, ours = 0] = await compare([direct, bridged], { ...run, events })
        ratios.push(ours / theirs)
        const figures = `packages/kafka ${theirs.toFixed(0)}/s, event bus ${ours.toFixed(0)}/s, ratio ${(ours / theirs).toFixed(2)}`
        console.log(`${name}, round ${round}: ${figures}`)
      }
      console.log(`${name}: ratio, median of ${rounds}: ${percentile(ratios, 50).toFixed(2)}`)
    }
  } finally {
    await broker.kill()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** One after another, each with a topic of its own; those that read find it filled. */
async function compare(measures: readonly Measure[], run: Run): Promise<number[]> {
  const results: number[] = []
  for (const measure of measures) {
    // As on the bus, but for the `::`: without a `-` that would have to be told apart from one that stands for that.
    const topic = `bench-${randomUUID().replaceAll('-', '')}`
    const specs = [topic, `${topic}.dead-letters`].map(name => ({ name, partitions, config: {} }))
    await createTopics(run.kafka, specs)
    if (measure === consume || measure === subscribe) await produce(topic, run)
    results.push(await measure(topic, run))
  }
  return results
}

/** Has so many under way at once. */
async function sendAll({ events, inFlight }: Run, send: (key: string) => Promise<void>): Promise<number> {
  let next = 0
  const startedAt = performance.now()
  const sendSome = async () => {
    while (next < events) await send(String(next++ % keys))
  }
  await Promise.all(Array.from({ length: inFlight }, sendSome))
  return events / ((performance.now() - startedAt) / 1000)
}

const produce: Measure = async (topic, run) => {
  const producer = batchingProducer(run.kafka, { idempotent: true, timeoutMs: 30_000 })
  const perSecond = await sendAll(run, key => producer.send({ topic, key, value: JSON.stringify(payload) }))
  await producer.stop()
  return perSecond
}

const publish: Measure = (topic, run) => {
  const bus = eventBus()
  const spool = { file: join(run.dataDir, `${topic}.sqlite`) }
  const busTopic = busTopicOf(topic)
  const outbound = { patterns: [busTopic], spool, producer: { timeoutMs: 30_000 } }
  return withBridge(bus, run, { outbound }, () =>
    sendAll(run, key => bus.publish(busTopic, payload, { key })),
  )
}

const consume: Measure = async (topic, { kafka, events }) => {
  const counted = countTo(events)
  const worker = atLeastOnceWorker({
    kafka,
    group: randomUUID(),
    inputs: [topic],
    metrics: createContext('bench', 'silent').metrics,
    handle: async record => {
      parseRecord(record, z.unknown(), { what: 'event', maxBytes: 1_000_000 })
      counted.count()
      return []
    },
  })
  await worker.start()
  const perSecond = await counted.perSecond
  await worker.stop()
  return perSecond
}

const subscribe: Measure = (topic, run) => {
  const inbound = { patterns: [topic], group: randomUUID(), consumer: { fromBeginning: true } }
  const bus = eventBus()
  const counted = countTo(run.events)
  bus.subscribe('', counted.count)
  return withBridge(bus, run, { inbound }, () => counted.perSecond)
}

async function withBridge(
  bus: EventBus,
  { kafka }: Run,
  options: Pick<BridgeOptions, 'inbound' | 'outbound'>,
  measure: () => Promise<number>,
): Promise<number> {
  const bridge = kafkaBridge(bus, { kafka, metrics: createContext('bench', 'silent').metrics, ...options })
  await bridge.start()
  const perSecond = await measure()
  await bridge.close()
  return perSecond
}

/** From the first to the last: to join the group is not counted. */
function countTo(events: number) {
  const all = Promise.withResolvers<number>()
  let [seen, firstAt] = [0, 0]
  const count = () => {
    seen += 1
    if (seen === 1) firstAt = performance.now()
    if (seen === events) all.resolve((events - 1) / ((performance.now() - firstAt) / 1000))
  }
  return { count, perSecond: all.promise }
}
