import { randomUUID } from 'node:crypto'
import { deadLetterTopic } from 'kafka-restaurants-contracts'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { ownCluster, type TestCluster } from 'kafka-restaurants-dev-env/testing/own-cluster'
import { createContext } from 'kafka-restaurants-service'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { withDeadLetters } from '../src/dead-letters/dead-letters.ts'
import {
  atLeastOnceWorker,
  batchingProducer,
  exactlyOnceWorker,
  type InputRecord,
  type WorkerOptions,
} from '../src/index.ts'
import { type TestKafka, testKafka } from '../src/testing.ts'

const { log } = createContext('test', process.env.TEST_LOG_LEVEL ?? 'silent')
const timeout = 300_000
let cluster: TestCluster
let kafka: TestKafka

beforeAll(async () => {
  cluster = await ownCluster()
  kafka = testKafka(cluster.bootstrap, log)
}, 120_000)
afterAll(() => cluster?.remove())

const connection = () => ({ brokers: cluster.bootstrap, clientId: 'three-brokers-test', log })
const textOf = ({ value }: InputRecord) => value.toString()

type Node = TestCluster['nodes'][number]

/** Takes each broker away until others lead all that it led, and brings it back. The active controller is among them. */
async function eachInTurn(away: (node: Node) => unknown, back: (node: Node) => unknown): Promise<void> {
  for (const node of cluster.nodes) {
    await away(node)
    await cluster.admin.leadsNothing(node.nodeId)
    await back(node)
    await cluster.admin.inSync(3)
  }
}

const killed = () =>
  eachInTurn(
    node => node.kill(),
    node => node.start(),
  )

/** What happens to the brokers while they are used. Afterwards they are as before. */
const faults: [string, (topics: string[]) => Promise<void>][] = [
  ['each broker is killed and comes back', killed],
  [
    'each broker stops in order and comes back',
    () =>
      eachInTurn(
        node => node.stop(),
        node => node.start(),
      ),
  ],
  [
    'each broker is cut off and comes back',
    () =>
      eachInTurn(
        node => node.freeze(),
        node => node.thaw(),
      ),
  ],
  ['every partition gets another leader, twice', topics => moved([...topics, ...topics])],
  [
    'groups and transactions get other coordinators',
    () => moved(['__consumer_offsets', '__transaction_state']),
  ],
]

async function moved(topics: string[]): Promise<void> {
  for (const topic of topics) await cluster.admin.moveLeaders(topic)
}

describe.each(faults)('while %s', (_name, bringAbout) => {
  it('a producer loses no record, and workers neither lose nor repeat one', { timeout }, async () => {
    const [input, output] = [await kafka.topic('in', 12), await kafka.topic('out', 12)]
    const mails: string[] = []
    const copying = await begin(exactlyOnceWorker, input, async ({ key, reference }) => [
      { topic: output, key, value: reference },
    ])
    const mailing = await begin(atLeastOnceWorker, output, async record => {
      mails.push(textOf(record))
      return []
    })
    const load = startLoad(input)
    await vi.waitFor(() => expect(mails.length).toBeGreaterThan(10), 30_000)
    await bringAbout([input, output])
    await vi.waitFor(() => expect(load.taken.length).toBeGreaterThan(50), 30_000)
    const taken = await load.stop()
    await copying.drained()
    await mailing.drained()
    await Promise.all([copying.end(), mailing.end()])

    const written = await kafka.readAll(input)
    const texts = new Set(written.map(textOf))
    expect(taken.filter(value => !texts.has(value))).toEqual([])
    const outputs = (await kafka.readAll(output)).map(textOf)
    expect(outputs.toSorted()).toEqual(written.map(({ reference }) => reference).toSorted())
    expect(mails.toSorted()).toEqual(outputs.toSorted())
  })
})

describe('dead letters', () => {
  it('are sent back once each, while each broker is killed and comes back', { timeout }, async () => {
    const input = await kafka.topic('in', 12)
    const handled: string[] = []
    const values = Array.from({ length: 60 }, (_, index) => `bad ${index}`)
    await kafka.write(...values.map(value => ({ topic: input, key: value, value })))
    const worker = await begin(exactlyOnceWorker, input, async record => {
      if (!record.headers.dead_letter_redriven) throw new UnreadableRecordError('it is bad')
      handled.push(textOf(record))
      return []
    })
    const openIds = () =>
      withDeadLetters(connection(), async ({ open }) => (await open(input)).map(({ id }) => id))
    await vi.waitFor(async () => expect(await openIds()).toHaveLength(60), {
      timeout: 60_000,
      interval: 500,
    })

    let isBreaking = true
    const breaking = killed().finally(() => {
      isBreaking = false
    })
    let open = await openIds()
    while (open.length > 0) {
      // A few at a time, so that there are some left for each broker.
      const some = isBreaking ? open.slice(0, 3) : open
      await withDeadLetters(connection(), ({ redrive }) => redrive(some, 5)).catch(() => {})
      open = await openIds().catch(() => open)
    }
    await breaking
    await worker.drained()
    await worker.end()
    expect(handled.toSorted()).toEqual(values.toSorted())
    expect(await kafka.readAll(deadLetterTopic(input))).toHaveLength(60)
  })
})

describe('a worker', () => {
  it('goes on within 30 s when the coordinator of its group is gone for good', { timeout }, async () => {
    const input = await kafka.topic('in', 12)
    const handled: string[] = []
    const worker = await begin(atLeastOnceWorker, input, async record => {
      handled.push(textOf(record))
      return []
    })
    const load = startLoad(input)
    await vi.waitFor(() => expect(handled.length).toBeGreaterThan(10), 30_000)
    const leader = await cluster.admin.leaderOf('__consumer_offsets', partitionOf(worker.group, 4))
    const coordinator = cluster.nodes.find(({ nodeId }) => nodeId === leader)
    await coordinator?.kill()
    try {
      const taken = load.taken.length
      await vi.waitFor(() => expect(load.taken.length).toBeGreaterThan(taken + 10), 30_000)
      await load.stop()
      await worker.drained(30_000)
    } finally {
      await coordinator?.start()
      await cluster.admin.inSync(3)
    }
    await worker.end()
    const written = (await kafka.readAll(input)).map(textOf)
    expect(handled.toSorted()).toEqual(written.toSorted())
    expect(load.taken.filter(value => !written.includes(value))).toEqual([])
  })
})

/** The partition of Kafka's own topic whose leader coordinates a group: by `String.hashCode` of the group's name. */
function partitionOf(group: string, partitions: number): number {
  let hash = 0
  for (const char of group) hash = (31 * hash + char.charCodeAt(0)) | 0
  return (hash & 0x7fffffff) % partitions
}

async function begin(kind: typeof exactlyOnceWorker, input: string, handle: WorkerOptions['handle']) {
  const group = randomUUID()
  const { metrics } = createContext('test', 'silent')
  const worker = kind({ kafka: connection(), group, inputs: [input], handle, metrics })
  const crashes: unknown[] = []
  worker.crashed.catch(error => crashes.push(error))
  await worker.start()
  return {
    group,
    /** Resolves when all of its input is committed. */
    drained: (withinMs = 90_000) =>
      vi.waitFor(
        async () => {
          const lag = await kafka.lag(group, input)
          expect(lag, `what ${input} lags behind (${worker.notReady().join() || 'ready'})`).toBe(0)
        },
        { timeout: withinMs, interval: 500 },
      ),
    end: async () => {
      await worker.stop()
      expect(crashes).toEqual([])
    },
  }
}

/** Sends a record every 40 ms. Those that were acknowledged are `taken`. */
function startLoad(topic: string) {
  const producer = batchingProducer(connection())
  const taken: string[] = []
  const underWay = new Set<Promise<void>>()
  let count = 0
  const timer = setInterval(() => {
    const value = String(count++)
    const sent = producer
      .send({ topic, key: value, value })
      .then(() => void taken.push(value))
      .catch(() => {}) // answered with 503
      .finally(() => underWay.delete(sent))
    underWay.add(sent)
  }, 40)
  return {
    taken,
    stop: async () => {
      clearInterval(timer)
      await Promise.all(underWay)
      await producer.stop()
      return taken
    },
  }
}
