import {
  type InputRecord,
  type KafkaConnection,
  type PatternWorkerOptions,
  parseRecord,
  patternWorker,
} from 'kafka-restaurants-kafka'
import { counter, type Metrics } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { EventBus } from './bus.ts'
import { busTopicOf, headerNames } from './names.ts'
import { topicPattern } from './pattern.ts'

export interface Inbound {
  /** Regular expressions of Kafka's topics, from their beginning. Topics that are made later are among them. */
  patterns: readonly string[]
  /** Processes of one group share the records. Unless given, this one sees them all, in a group that ends with it. */
  group?: string | undefined
  /** A group that is new begins with what comes next, unless `fromBeginning` is true. */
  consumer?: PatternWorkerOptions['consumer']
  /** How often Kafka is asked for new topics, in ms: 5,000 unless given. */
  lookMs?: number | undefined
  /** How long a handler may take, in ms: then `crashed` rejects. 60,000 unless given. */
  stallMs?: number | undefined
}

/** The largest value that is read, in bytes. */
const mostBytes = 16 * 1024 * 1024

/**
 * Publishes records on a bus, those of a partition in their order. Each is committed when its handlers are done, and
 * tried again where one throws; what is no JSON becomes a dead letter.
 * @param self which bridge this is. What it sent is none of its events: all have seen that when it was published.
 */
export function inboundSide(
  bus: EventBus,
  { patterns, group, consumer, lookMs, stallMs }: Inbound,
  { kafka, metrics, self }: { kafka: KafkaConnection; metrics: Metrics; self: string },
) {
  const states = new Map(patterns.map(pattern => [pattern, false]))
  const matchers = patterns.map(pattern => ({ pattern, ...topicPattern(pattern) }))
  const came = counter(metrics, { name: 'event_bus_inbound_total', help: 'Events that came from Kafka' })

  const isMatched = (topic: string, isRead: (pattern: string) => boolean | undefined = () => true) =>
    matchers.some(({ pattern, matches }) => isRead(pattern) && matches(topic))
  const worker = patternWorker({
    kafka,
    group,
    matches: topic => isMatched(topic),
    consumer: { fromBeginning: false, ...consumer },
    lookMs,
    stallMs,
    metrics,
    // One at once keeps the order of records without a key, too.
    concurrency: 1,
    handle: async record => {
      const { [headerNames.origin]: origin = 'kafka', [headerNames.topic]: topic } = record.headers
      if (origin.startsWith(`${self}/`)) return []
      await bus.publish(busTopicOf(record.topic, topic), payloadOf(record), {
        key: record.key?.toString(),
        headers: { ...record.headers, [headerNames.origin]: origin },
      })
      came.inc()
      return []
    },
  })
  return {
    states,
    changed: () => worker.read(topic => isMatched(topic, pattern => states.get(pattern))),
    troubles: () => [...worker.notReady(), ...worker.outages()],
    topics: worker.topics,
    notReady: worker.notReady,
    outages: worker.outages,
    crashed: worker.crashed,
    close: worker.stop,
  }
}

/** null for a tombstone. */
const payloadOf = (record: InputRecord): unknown =>
  record.isTombstone ? null : parseRecord(record, z.unknown(), { what: 'event', maxBytes: mostBytes })
