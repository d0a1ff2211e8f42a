import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTopics, withAdmin } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { onTestFinished, vi } from 'vitest'
import { type BridgeOptions, type BusEvent, eventBus, kafkaBridge } from '../src/index.ts'

const { log } = createContext('test', process.env.TEST_LOG_LEVEL ?? 'silent')

/** Names that no other test has: a prefix of topics as the agent's `acapy` is. */
export const ownPrefix = () => `t${randomUUID().slice(0, 8)}`

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'event-bus-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

type Over = {
  inbound?: Partial<NonNullable<BridgeOptions['inbound']>>
  outbound?: Partial<NonNullable<BridgeOptions['outbound']>>
}

/** A bus with a bridge as the plugin's is, but for its prefix, and all that comes by on it. It is closed after the test. */
export function bridged(brokers: string, prefix: string, { inbound, outbound }: Over = {}) {
  const bus = eventBus()
  const seen: BusEvent[] = []
  bus.subscribe('', event => void seen.push(event))
  const bridge = kafkaBridge(bus, {
    kafka: { brokers, clientId: `event-bus-${prefix}`, log },
    metrics: createContext('test', 'silent').metrics,
    inbound: { patterns: [`${prefix}-inbound-.*`], group: randomUUID(), lookMs: 300, ...inbound },
    outbound: {
      patterns: [`${prefix}::outbound::.*`],
      spool: { file: join(newFolder(), 'spool.sqlite') },
      backoffMs: 20,
      ...outbound,
    },
  })
  const crashes: unknown[] = []
  bridge.crashed.catch(error => crashes.push(error))
  let isOpen = true
  const close = async () => {
    if (isOpen) await bridge.close()
    isOpen = false
  }
  onTestFinished(close)
  return {
    bus,
    bridge,
    seen,
    crashes,
    close,
    topics: () => seen.map(({ topic }) => topic),
    payloads: (topic: string) => seen.filter(each => each.topic === topic).map(({ payload }) => payload),
    /** Resolves when the bridge is started and reads these topics of Kafka. */
    reads: (...topics: string[]) =>
      vi.waitFor(
        () => {
          const { inbound } = bridge.status()
          if (inbound.topics.join() !== topics.sort().join() || inbound.troubles.length > 0)
            throw new Error(JSON.stringify(inbound))
        },
        { timeout: 20_000, interval: 50 },
      ),
  }
}

export function kafkaAt(brokers: string) {
  const kafka = testKafka(brokers, log)
  return {
    ...kafka,
    makeTopic: (name: string, partitions = 1, config = {}) =>
      createTopics({ brokers, log }, [{ name, partitions, config }]),
    /** The values of a topic as soon as there are so many. */
    values: async (topic: string, count: number) =>
      (await kafka.read(topic, count)).map(({ value }) => JSON.parse(value.toString())),
    write: (topic: string, ...values: unknown[]) =>
      kafka.write(...values.map(value => ({ topic, key: null, value: JSON.stringify(value) }))),
    writeRaw: kafka.write,
    deleteTopic: (topic: string) =>
      withAdmin({ brokers, log }, admin => admin.deleteTopics({ topics: [topic] })),
    groups: async () => {
      const { groups } = await withAdmin({ brokers, log }, admin => admin.listGroups())
      return groups.map(({ groupId }) => groupId)
    },
    topics: () => withAdmin({ brokers, log }, admin => admin.listTopics()),
  }
}
