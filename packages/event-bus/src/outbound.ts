import type { KafkaConnection, ProducerSettings } from 'kafka-restaurants-kafka'
import { counter, Gauge, type Metrics } from 'kafka-restaurants-service'
import type { BusEvent, EventBus } from './bus.ts'
import {
  busTopicOf,
  headerNames,
  sentSuffix,
  type TopicMap,
  topicNaming,
  UnsendableEventError,
} from './names.ts'
import { createOutbox } from './outbox.ts'
import { topicPattern } from './pattern.ts'
import { kafkaSender } from './sender.ts'
import { type Outgoing, openSpool } from './spool.ts'

export interface Outbound {
  /** Regular expressions of topics on the bus, from their beginning. What a topic map matches goes out as well. */
  patterns: readonly string[]
  /** How topics are called in Kafka: the first that matches counts; all others have `-` for `::`. */
  topicMaps?: readonly TopicMap[] | undefined
  /** The file for what Kafka does not take now, and how many bytes of events it may hold: 64 MiB unless given. */
  spool: { file: string; maxBytes?: number | undefined }
  producer?: ProducerSettings
  /** The largest payload, in bytes of its JSON: 1 MiB unless given. */
  maxPayloadBytes?: number | undefined
  /** How long to wait before the second try, in ms; then longer, up to 5 s. 200 unless given. */
  backoffMs?: number | undefined
}

const [usualSpoolBytes, usualPayloadBytes] = [64 * 1024 * 1024, 1024 * 1024]

/** Sends events of a bus to Kafka. `publish` is done when Kafka has the event, or the spool. */
export function outboundSide(
  bus: EventBus,
  {
    patterns,
    topicMaps = [],
    spool: { file, maxBytes = usualSpoolBytes },
    producer,
    maxPayloadBytes = usualPayloadBytes,
    backoffMs,
  }: Outbound,
  { kafka, metrics, self }: { kafka: KafkaConnection; metrics: Metrics; self: string },
) {
  const all = [...new Set([...patterns, ...topicMaps.map(([pattern]) => pattern)])]
  const matchers = all.map(pattern => ({ pattern, ...topicPattern(pattern) }))
  const topicOf = topicNaming(topicMaps)
  const states = new Map(all.map(pattern => [pattern, false]))
  const spool = openSpool(file, maxBytes)
  const sent = counter(metrics, { name: 'event_bus_outbound_total', help: 'Events that Kafka has taken' })
  new Gauge({
    name: 'event_bus_spooled',
    help: 'Events that wait for Kafka, or for the bridge to be started',
    registers: [metrics],
    collect() {
      this.set(spool.status().events)
    },
  })

  const onSent = ({ busTopic, key, value, headers }: Outgoing) => {
    sent.inc()
    const topic = `${busTopic}${sentSuffix}`
    if (!bus.listens(topic)) return
    bus
      .publish(topic, JSON.parse(value), { key: key ?? undefined, headers })
      .catch(err => kafka.log.warn({ err, topic }, 'a handler of what was sent failed'))
  }
  const outbox = createOutbox({
    spool,
    sender: kafkaSender(kafka, producer),
    held: all,
    onSent,
    log: kafka.log,
    backoff: { firstMs: backoffMs },
    maxBatchBytes: producer?.maxBatchBytes,
  })
  let count = 0
  bus.subscribe(`(?![^]*${sentSuffix}$)`, event => {
    const isFromHere = event.headers[headerNames.origin] === undefined
    const match = isFromHere ? matchers.find(({ matches }) => matches(event.topic)) : undefined
    if (!match) return undefined
    const topic = topicOf(event)
    const hidesTopic = busTopicOf(topic) !== event.topic
    return outbox.put({
      pattern: match.pattern,
      topic,
      busTopic: event.topic,
      key: event.key ?? null,
      value: jsonOf(event, maxPayloadBytes),
      headers: {
        ...event.headers,
        [headerNames.origin]: `${self}/${++count}`,
        ...(hidesTopic && { [headerNames.topic]: event.topic }),
      },
    })
  })

  return {
    states,
    changed: async () => {
      await Promise.all(
        [...states].map(([pattern, isStarted]) =>
          isStarted ? outbox.release(pattern) : outbox.hold(pattern),
        ),
      )
    },
    troubles: outbox.outages,
    outages: outbox.outages,
    spooled: spool.status,
    close: outbox.close,
  }
}

/** @throws UnsendableEventError for what JSON has no form of, and for what is too large */
function jsonOf({ topic, payload }: BusEvent, maxBytes: number): string {
  const json = asJson(payload)
  if (json === undefined) throw new UnsendableEventError(`${topic} can't be sent: its payload is no JSON`)
  const bytes = Buffer.byteLength(json)
  if (bytes <= maxBytes) return json
  throw new UnsendableEventError(
    `${topic} can't be sent: its payload has ${bytes} bytes, ${maxBytes} is the most`,
  )
}

function asJson(payload: unknown): string | undefined {
  try {
    return JSON.stringify(payload)
  } catch {
    return undefined
  }
}
