import { randomUUID } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import {
  connect as connectNats,
  type NatsConnection,
  nanos,
  headers as natsHeaders,
} from '@nats-io/transport-node'
import { type Channel, connect as connectRabbitmq, type GetMessage } from 'amqplib'
import { deadLetterTopic as kafkaDeadLetters } from 'kafka-restaurants-contracts'
import type { TestServer } from 'kafka-restaurants-dev-env/testing/server'
import { createTopics, type InputRecord } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { natsListener, natsProcessor } from '../src/adapters/nats/nats.ts'
import { rabbitmqListener, rabbitmqProcessor } from '../src/adapters/rabbitmq/rabbitmq.ts'
import type { HandleEvent, Listener, Processor } from '../src/event.ts'
import { rabbitmqctl, startNats, startRabbitmq } from './servers.ts'

/** `key` becomes Kafka's key, the last part of the subject, or the routing key. */
export interface Written {
  key: string
  value: string | Buffer
  headers?: Record<string, string>
}

interface Message {
  key: string
  value: Buffer
  headers: Record<string, string>
}

/** A topic, stream or queue of one test, with its dead letters and a place for results. */
export interface Place {
  name: string
  /** As a file says it: the eventListener, and errorHandling's deadLetterTopic. */
  spec: { config: object; deadLetterTopic: string }
  /** As a file says it: the eventResultProcessor, for the place for results. */
  resultsTo: object
  make: () => Promise<void>
  write: (...events: Written[]) => Promise<void>
  /** How many events are not acknowledged, those in hand included. Of RabbitMQ, what was so 200 ms ago. */
  left: () => Promise<number>
  deadLetters: () => Promise<Message[]>
  makeResults: () => Promise<void>
  results: () => Promise<Message[]>
}

/** One at a server that can be killed, with a listener and a processor in the test's own process. */
export interface Source extends Place {
  /** What a process of its own needs to listen to it. */
  spec: ListenerSpec
  /** `queueType` is `quorum` unless given. */
  make: (queueType?: string) => Promise<void>
  remove: () => Promise<void>
  /** Whether all that a listener makes for itself would survive a kill -9 of the server. */
  isOnDisk: () => Promise<boolean>
  /** A processor to the place for results, or to where a template says. */
  processor: (destination?: string) => Processor
}

export interface ListenerSpec {
  type: 'nats' | 'rabbitmq'
  config: object
  deadLetterTopic: string
}

export interface TestBroker {
  server: TestServer
  source: () => Source
}

const { log } = createContext('test', 'silent')

export function listenerOf(
  { type, config, deadLetterTopic }: ListenerSpec,
  handle: HandleEvent,
  options: { concurrency?: number; onOutcome?: (outcome: string) => void } = {},
): Listener {
  const create = type === 'nats' ? natsListener : rabbitmqListener
  return create(config as never, handle, { concurrency: 1, deadLetterTopic, log, ...options })
}

/** A topic of one partition. */
export function kafkaPlace(brokers: string): Place {
  const kafka = testKafka(brokers, log)
  const topic = `test-${randomUUID().slice(0, 8)}`
  const [deadLetterTopic, results] = [kafkaDeadLetters(topic), `${topic}.results`]
  const make = async (...names: string[]) => {
    await createTopics(
      { brokers, log },
      names.map(name => ({ name, partitions: 1, config: {} })),
    )
  }
  const readAll = async (name: string) => (await kafka.readAll(name)).map(messageOf)
  const consumerConfig = {
    'bootstrap.servers': brokers,
    'group.id': topic,
    'auto.offset.reset': 'earliest',
    'session.timeout.ms': 6_000,
  }
  return {
    name: topic,
    spec: { config: { type: 'kafka', topic, consumerConfig }, deadLetterTopic },
    resultsTo: { type: 'kafka', topic: results, producerConfig: { 'bootstrap.servers': brokers } },
    make: () => make(topic, deadLetterTopic),
    write: (...events) => kafka.write(...events.map(event => ({ topic, ...event }))),
    left: () => kafka.lag(topic, topic),
    deadLetters: () => readAll(deadLetterTopic),
    makeResults: () => make(results),
    results: () => readAll(results),
  }
}

const messageOf = ({ key, value, headers }: InputRecord): Message => ({ key: String(key), value, headers })

/** @param ackWaitMs of consumers that are there beforehand; the listener makes its own unless given */
export async function natsBroker({ ackWaitMs }: { ackWaitMs?: number } = {}): Promise<TestBroker> {
  const server = await startNats()
  const servers = [server.url]
  return {
    server,
    source: () => {
      const name = `test-${randomUUID().slice(0, 8)}`
      const place = { stream: name, subject: `${name}.>`, durable: 'eventor' }
      const [deadLetterTopic, results] = [`dead-letters.${name}`, `results-${name}`]
      const resultsTo = { type: 'nats' as const, servers, subject: results }
      const onServer = async <Result>(work: (connection: NatsConnection) => Promise<Result>) => {
        const connection = await connectNats({ servers })
        try {
          return await work(connection)
        } finally {
          await connection.close()
        }
      }
      const managing = <Result>(
        work: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<Result>,
      ) => onServer(async connection => work(await jetstreamManager(connection)))
      const addStream = (stream: string, subject: string) =>
        managing(manager => manager.streams.add({ name: stream, subjects: [subject] }))
      const readAll = (subject: string) =>
        managing(async manager => {
          const stream = await manager.streams.find(subject)
          const { state } = await manager.streams.info(stream)
          const messages: Message[] = []
          for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
            const stored = await manager.streams.getMessage(stream, { seq })
            if (stored) messages.push(withKey(Buffer.from(stored.data), textOf(stored.header)))
          }
          return messages
        })
      return {
        name,
        spec: { type: 'nats', config: { type: 'nats', servers, ...place }, deadLetterTopic },
        resultsTo,
        make: async () => {
          await addStream(name, place.subject)
          if (ackWaitMs === undefined) return
          const consumer = { durable_name: place.durable, filter_subject: place.subject }
          const acks = { ack_policy: AckPolicy.Explicit, ack_wait: nanos(ackWaitMs) }
          await managing(manager => manager.consumers.add(name, { ...consumer, ...acks }))
        },
        remove: () => managing(async manager => void (await manager.streams.delete(name))),
        write: (...events) =>
          onServer(async connection => {
            for (const { key, value, headers = {} } of events) {
              const written = natsHeaders()
              for (const [header, text] of Object.entries(headers)) written.set(header, text)
              await jetstream(connection).publish(`${name}.${key}`, value, { headers: written })
            }
          }),
        left: () =>
          managing(async manager => {
            const consumer = await manager.consumers.info(name, place.durable).catch(() => undefined)
            if (consumer) return consumer.num_pending + consumer.num_ack_pending
            return (await manager.streams.info(name)).state.messages
          }),
        deadLetters: () => readAll(deadLetterTopic),
        makeResults: async () => {
          await addStream(results, results)
        },
        isOnDisk: async () => true,
        results: () => readAll(results),
        processor: (subject = results) => natsProcessor({ ...resultsTo, subject, ...ofProcessors }, log),
      }
    },
  }
}

const ofProcessors = { when: ['onSuccess' as const], passHeaders: [] }
const withKey = (value: Buffer, headers: Record<string, string>): Message => ({
  key: headers.key ?? '',
  value,
  headers,
})
const textOf = (headers: Iterable<[string, string[]]>) =>
  Object.fromEntries([...headers].map(([name, values]) => [name, values.join()]))

export async function rabbitmqBroker(): Promise<TestBroker> {
  const server = await startRabbitmq()
  const { url } = server
  const onServer = async <Result>(work: (channel: Channel) => Promise<Result>) => {
    const connection = await connectRabbitmq(url)
    connection.on('error', () => {})
    try {
      const channel = await connection.createConfirmChannel()
      channel.on('error', () => {})
      const result = await work(channel)
      await channel.waitForConfirms()
      return result
    } finally {
      await connection.close().catch(() => {})
    }
  }
  const makeQueue = (queue: string, queueType = 'quorum') =>
    onServer(async channel => {
      await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': queueType } })
      await channel.assertExchange(`${queue}.in`, 'topic', { durable: true })
      await channel.bindQueue(queue, `${queue}.in`, '#')
    })
  /** Closing the channel gives them back. */
  const readAll = (queue: string) =>
    onServer(async channel => {
      const messages: GetMessage[] = []
      for (let next = await channel.get(queue); next; next = await channel.get(queue)) messages.push(next)
      return messages.map(({ content, properties }) => withKey(content, properties.headers ?? {}))
    })
  return {
    server,
    source: () => {
      const queue = `test-${randomUUID().slice(0, 8)}`
      const [deadLetterTopic, results] = [`${queue}.dead-letters`, `${queue}.results`]
      const resultsTo = { type: 'rabbitmq' as const, url, exchange: '', routingKey: results }
      return {
        name: queue,
        resultsTo,
        spec: { type: 'rabbitmq', config: { type: 'rabbitmq', url, queue }, deadLetterTopic },
        make: type => makeQueue(queue, type),
        remove: () => onServer(async channel => void (await channel.deleteQueue(queue))),
        write: (...events) =>
          onServer(async channel => {
            for (const { key, value, headers } of events) {
              channel.publish(`${queue}.in`, key, Buffer.from(value), { persistent: true, headers })
            }
          }),
        left: async () => {
          const listed = await rabbitmqctl(server, 'list_queues', 'name', 'messages')
          return Number(new RegExp(`^${queue}\t(\\d+)$`, 'm').exec(listed)?.[1])
        },
        deadLetters: () => readAll(deadLetterTopic),
        makeResults: () => makeQueue(results),
        // A quorum queue that RabbitMQ 3.10 has not noted here yet never gets a leader again.
        isOnDisk: async () =>
          globSync(`${server.dataDir}/**/names.dets`).some(file =>
            readFileSync(file, 'latin1').includes(`${queue}.retries`),
          ),
        results: () => readAll(results),
        processor: (routingKey = results) =>
          rabbitmqProcessor({ ...resultsTo, routingKey, ...ofProcessors }, log),
      }
    },
  }
}
