import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { didYouMean, file, fileOr, strict, text, truth, whole, word } from 'kafka-restaurants-config-file'
import { readPem } from 'kafka-restaurants-service'
import { z } from 'zod'
import { type Compression, compressions } from '../codecs.ts'
import { whyRefused, withoutEffect } from './librdkafka.ts'

const address = /^(?:(\w+):\/\/)?([^\s:,/]+)(?::(\d{1,5}))?$/
const listed = (servers: string) =>
  servers
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')

const servers = text.refine(
  value => listed(value).length > 0 && listed(value).every(each => address.test(each)),
  'must be a list of host:port, joined by commas',
)

/** The brokers as `host:port`, joined by commas. */
export const brokersOf = (config: Connection): string =>
  listed(config['bootstrap.servers'] ?? config['metadata.broker.list'] ?? '')
    .map(each => address.exec(each) ?? [])
    .map(([, , host, port = '9092']) => `${host}:${port}`)
    .join(',')

/** A property of librdkafka that has but one value here. */
const only = (value: string | boolean, why: string) =>
  z.union([z.literal(value), z.literal(String(value))], { error: `can only be ${value}: ${why}` }).optional()

const mechanism = word(['plain', 'scram-sha-256', 'scram-sha-512']).optional()
const slip = 'a slip in a name would make a topic'
const connection = {
  'bootstrap.servers': servers
    .optional()
    .describe('the brokers: `host:port` joined by commas; the port is 9092 where none is given'),
  'metadata.broker.list': servers.optional().describe('the same as `bootstrap.servers`'),
  'allow.auto.create.topics': only(false, slip).meta({ default: false, description: slip }),
  'client.id': text.optional().describe("the name in Kafka's logs; unless given, that of the program"),
  'security.protocol': word(['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'])
    .default('plaintext')
    .describe('in upper or lower case'),
  'sasl.mechanism': mechanism.describe('with `sasl_…`; in upper or lower case'),
  'sasl.mechanisms': mechanism.describe('the same as `sasl.mechanism`'),
  'sasl.username': text.optional().describe('with `sasl_…`'),
  'sasl.password': text.optional().describe('with `sasl_…`; better from the environment'),
  'ssl.ca.location': fileOr('probe').optional().meta({
    description: "PEM file: who may have signed the broker's certificate",
    default: 'probe',
  }),
  'ssl.ca.pem': text.optional().describe('the same as text'),
  'ssl.certificate.location': file.optional().describe('PEM file: the certificate to show'),
  'ssl.certificate.pem': text.optional().describe('the same as text'),
  'ssl.key.location': file.optional().describe('PEM file: its private key'),
  'ssl.key.pem': text.optional().describe('the same as text'),
  'ssl.key.password': text.optional().describe('what the private key is encrypted with'),
  'ssl.keystore.location': file.optional().describe('PKCS#12 file: certificate and key in one'),
  'ssl.keystore.password': text.optional().describe('what it is encrypted with'),
  'ssl.crl.location': file.optional().describe('PEM file: certificates that are revoked'),
  'ssl.cipher.suites': text.optional().describe('as OpenSSL names them'),
  'ssl.curves.list': text.optional().describe('as OpenSSL names them'),
  'ssl.sigalgs.list': text.optional().describe('as OpenSSL names them'),
  'ssl.endpoint.identification.algorithm': word(['https', 'none'])
    .default('https')
    .describe("whether the certificate must be for the broker's host name"),
  'enable.ssl.certificate.verification': truth
    .default(true)
    .describe("whether the broker's certificate is looked at at all"),
}

type Connection = z.output<z.ZodObject<typeof connection>>

const brokerKeys = ['bootstrap.servers', 'metadata.broker.list', 'client.id']
/** A property by which the two would connect to the same brokers as somebody else, or in another way. */
export const differingKey = (one: Connection, other: Connection): string | undefined =>
  (Object.keys(connection) as (keyof Connection)[]).find(
    key => !brokerKeys.includes(key) && one[key] !== other[key],
  )

const compressionOf = (config: ProducerConfig): Compression =>
  config['compression.type'] ?? config['compression.codec'] ?? 'none'
export const isCompressed = (config: ProducerConfig): boolean => compressionOf(config) !== 'none'

const consumer = {
  'group.id': text.describe('the consumer group, whose commits say what is done'),
  'auto.offset.reset': word(['earliest', 'beginning', 'smallest', 'latest', 'end', 'largest'])
    .default('latest')
    .describe(
      'where a group without a commit begins. `latest` skips what is there, and all until the first commit',
    ),
  'isolation.level': word(['read_committed', 'read_uncommitted'])
    .default('read_committed')
    .describe('whether records of transactions are read before these are committed'),
  'session.timeout.ms': whole(1)
    .default(10_000)
    .describe('after how long without a heartbeat the group takes eventor for dead'),
  'heartbeat.interval.ms': whole(1).default(1_000).describe('must be less than `session.timeout.ms`'),
  'max.poll.interval.ms': whole(1)
    .default(20_000)
    .describe('how long a rebalance waits for eventor to finish what is in hand'),
  'fetch.wait.max.ms': whole(0).default(500).describe('how long a fetch waits for `fetch.min.bytes`'),
  'fetch.min.bytes': whole(1).default(1).describe('what a fetch waits for'),
  'fetch.max.bytes': whole(1).default(10_485_760).describe('the most of one fetch'),
  'fetch.message.max.bytes': whole(1).optional().meta({
    default: 524_288,
    description: 'the most of one partition in one fetch; a larger record comes alone',
  }),
  'max.partition.fetch.bytes': whole(1).optional().describe('the same as `fetch.message.max.bytes`'),
  'client.rack': text.optional().describe('where eventor runs, to read from the nearest replica'),
  'enable.auto.commit': only(false, 'eventor itself commits each event when it is done').meta({
    default: false,
    description: 'eventor itself commits each event when it is done',
  }),
  'partition.assignment.strategy': only('roundrobin', 'kafkajs assigns partitions so').meta({
    default: 'roundrobin',
  }),
  'group.protocol': only('classic', 'kafkajs does not know the newer one').meta({ default: 'classic' }),
}

const compression = word(compressions).optional()
const acks = z.enum(['all', '-1', '1'], {
  error: 'must be all or 1: eventor commits only what Kafka has acknowledged',
})
const anyAcks = z.preprocess(value => (typeof value === 'number' ? String(value) : value), acks).optional()
const producer = {
  acks: anyAcks.meta({
    default: 'all',
    description: 'how many replicas must have a result. With `1`, it is lost with the leader',
  }),
  'request.required.acks': anyAcks.describe('the same as `acks`'),
  'linger.ms': whole(0).optional().meta({ default: 2, description: 'how long a result waits for company' }),
  'queue.buffering.max.ms': whole(0).optional().describe('the same as `linger.ms`'),
  'batch.num.messages': whole(1).default(1_000).describe('the most results of one batch'),
  'queue.buffering.max.messages': whole(1).default(10_000).describe('the most results that wait'),
  'message.timeout.ms': whole(1).optional().meta({
    default: 2_500,
    description: 'how long the acknowledgement may take; then the event is tried again',
  }),
  'delivery.timeout.ms': whole(1).optional().describe('the same as `message.timeout.ms`'),
  'compression.type': compression.meta({
    default: 'none',
    description: 'how batches are packed',
  }),
  'compression.codec': compression.meta({
    description: 'the same as `compression.type`',
  }),
  'enable.idempotence': only(false, 'use delivery: exactly-once, which does more').meta({
    default: false,
    description: '`delivery: exactly-once` does more',
  }),
  'queuing.strategy': only('fifo', 'results go out in the order in which they come').meta({
    default: 'fifo',
  }),
  partitioner: only('murmur2_random', 'results are placed as by the Java client').meta({
    default: 'murmur2_random',
    description: 'as in the Java client',
  }),
}

/** What is honoured: of both, and of each side alone. */
export const honoured = { connection, consumer, producer }

const shapes = {
  consumerConfig: { ...connection, ...consumer },
  producerConfig: { ...connection, ...producer },
}

/** What may be set where a program reads and writes as it needs itself. */
const client = {
  ...connection,
  'linger.ms': producer['linger.ms'],
  'batch.num.messages': producer['batch.num.messages'],
  'message.timeout.ms': producer['message.timeout.ms'],
  'compression.type': producer['compression.type'],
}

/** Accepts properties without saying so in the type, as nobody reads them. */
const accepted = (names: string[]): Record<never, z.ZodType> =>
  Object.fromEntries(names.map(name => [name, z.unknown().optional()]))

const whyNot = (side: keyof typeof shapes) => {
  const other = side === 'consumerConfig' ? 'producerConfig' : 'consumerConfig'
  const ofOther = [
    ...Object.keys(shapes[other]),
    ...(side === 'consumerConfig' ? withoutEffect.producer : withoutEffect.consumer),
  ]
  const known = [...Object.keys(shapes[side]), ...withoutEffect.both]
  return (key: string) => {
    if (ofOther.includes(key)) return `belongs into ${other}`
    const why = whyRefused(key)
    return why ? `can not be honoured: ${why}` : `no property of librdkafka${didYouMean(key, known)}`
  }
}

const coherent = (config: Partial<Connection>, context: z.core.$RefinementCtx) => {
  const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
  if (!config['bootstrap.servers'] && !config['metadata.broker.list'])
    fault('bootstrap.servers', 'must be given')
  for (const key of ['bootstrap.servers', 'metadata.broker.list'] as const) {
    const protocols = listed(config[key] ?? '').flatMap(each => address.exec(each)?.[1]?.toLowerCase() ?? [])
    if (protocols.some(protocol => protocol !== config['security.protocol']))
      fault(key, 'names another protocol than security.protocol, which is plaintext unless given')
  }
  if (!config['security.protocol']?.startsWith('sasl')) return
  if (!config['sasl.mechanism'] && !config['sasl.mechanisms'])
    fault('sasl.mechanism', 'must be given: plain, scram-sha-256 or scram-sha-512')
  if (!config['sasl.username']) fault('sasl.username', 'must be given')
  if (!config['sasl.password']) fault('sasl.password', 'must be given')
}

/** librdkafka's properties of a consumer, as far as they can be honoured. */
export const ConsumerConfig = strict(
  { ...shapes.consumerConfig, ...accepted([...withoutEffect.both, ...withoutEffect.consumer]) },
  whyNot('consumerConfig'),
)
  .superRefine(coherent)
  .refine(config => config['heartbeat.interval.ms'] < config['session.timeout.ms'], {
    path: ['heartbeat.interval.ms'],
    error: 'must be less than session.timeout.ms',
  })
export type ConsumerConfig = z.output<typeof ConsumerConfig>

/** librdkafka's properties of a producer, as far as they can be honoured. */
export const ProducerConfig = strict(
  { ...shapes.producerConfig, ...accepted([...withoutEffect.both, ...withoutEffect.producer]) },
  whyNot('producerConfig'),
)
  .superRefine(coherent)
  .refine(config => lingerOf(config) < (timeoutOf(config) ?? usualTimeoutMs), {
    path: ['linger.ms'],
    error: 'must be less than message.timeout.ms',
  })
export type ProducerConfig = z.output<typeof ProducerConfig>

/** librdkafka's properties for a program that both reads and writes: how to reach Kafka, and how records are gathered. */
export const ClientConfig = strict({ ...client, ...accepted(Object.values(withoutEffect).flat()) }, key =>
  key in shapes.consumerConfig || key in shapes.producerConfig
    ? 'can not be set here: the program itself decides it'
    : whyNot('producerConfig')(key),
)
  .superRefine(coherent)
  .refine(config => lingerOf(config) < (timeoutOf(config) ?? usualTimeoutMs), {
    path: ['linger.ms'],
    error: 'must be less than message.timeout.ms',
  })
export type ClientConfig = z.output<typeof ClientConfig>

/** The same as packages/kafka takes it. @param clientId where the file names none @throws as `producerSettings` */
export const clientSettings = (config: ClientConfig, clientId: string) => ({
  ...connectionOf(config, clientId),
  producer: {
    compression: config['compression.type'] ?? 'none',
    lingerMs: lingerOf(config),
    maxBatch: config['batch.num.messages'],
    timeoutMs: timeoutOf(config),
  },
})

type Times = Record<
  'linger.ms' | 'queue.buffering.max.ms' | 'message.timeout.ms' | 'delivery.timeout.ms',
  number | undefined
>
const usualTimeoutMs = 2_500
const lingerOf = (config: Partial<Times>) => config['linger.ms'] ?? config['queue.buffering.max.ms'] ?? 2
const timeoutOf = (config: Partial<Times>) => config['message.timeout.ms'] ?? config['delivery.timeout.ms']

/** What packages/kafka takes to reach the brokers. Reads the files that are named. */
const connectionOf = (config: Connection, clientId: string) => ({
  brokers: brokersOf(config),
  clientId: config['client.id'] ?? clientId,
  ssl: sslOf(config),
  sasl: saslOf(config),
})

/** What packages/kafka takes to consume. @param clientId where the file names none @throws Error when a file of a certificate can't be read */
export const consumerSettings = (config: ConsumerConfig, clientId: string) => ({
  ...connectionOf(config, clientId),
  consumer: {
    groupId: config['group.id'],
    fromBeginning: ['earliest', 'beginning', 'smallest'].includes(config['auto.offset.reset']),
    readUncommitted: config['isolation.level'] === 'read_uncommitted',
    sessionTimeoutMs: config['session.timeout.ms'],
    heartbeatMs: config['heartbeat.interval.ms'],
    rebalanceTimeoutMs: config['max.poll.interval.ms'],
    minBytes: config['fetch.min.bytes'],
    maxBytes: config['fetch.max.bytes'],
    maxBytesPerPartition: config['fetch.message.max.bytes'] ?? config['max.partition.fetch.bytes'],
    maxWaitMs: config['fetch.wait.max.ms'],
    rackId: config['client.rack'],
  },
})

/** What packages/kafka takes to produce. @param clientId where the file names none @throws Error when a file of a certificate can't be read */
export const producerSettings = (config: ProducerConfig, clientId: string) => ({
  ...connectionOf(config, clientId),
  producer: {
    acks: acksOf(config),
    compression: compressionOf(config),
    lingerMs: lingerOf(config),
    maxBatch: config['batch.num.messages'],
    maxQueued: config['queue.buffering.max.messages'],
    timeoutMs: timeoutOf(config),
  },
})

/** How many replicas must have a result: all in-sync ones (-1), or its leader alone. */
export const acksOf = (config: ProducerConfig): -1 | 1 =>
  (config.acks ?? config['request.required.acks']) === '1' ? 1 : -1

function sslOf(config: Connection): ConnectionOptions | undefined {
  if (!config['security.protocol'].endsWith('ssl')) return undefined
  const ca = config['ssl.ca.location'] === 'probe' ? undefined : config['ssl.ca.location']
  const { 'ssl.certificate.location': certificate, 'ssl.key.location': key } = config
  const { 'ssl.keystore.location': keystore, 'ssl.crl.location': crl } = config
  const named = {
    ca: config['ssl.ca.pem'] ?? (ca && readPem(ca)),
    cert: config['ssl.certificate.pem'] ?? (certificate && readPem(certificate)),
    key: config['ssl.key.pem'] ?? (key && readPem(key)),
    pfx: keystore && readFileSync(keystore),
    passphrase: config['ssl.key.password'] ?? config['ssl.keystore.password'],
    crl: crl && readPem(crl),
    ciphers: config['ssl.cipher.suites'],
    ecdhCurve: config['ssl.curves.list'],
    sigalgs: config['ssl.sigalgs.list'],
  }
  return {
    // Node takes some of these for given when they are there and undefined.
    ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
    rejectUnauthorized: config['enable.ssl.certificate.verification'],
    ...(config['ssl.endpoint.identification.algorithm'] === 'none' && {
      checkServerIdentity: () => undefined,
    }),
  }
}

function saslOf(config: Connection) {
  const mechanism = config['sasl.mechanism'] ?? config['sasl.mechanisms']
  const { 'sasl.username': username, 'sasl.password': password } = config
  if (!config['security.protocol'].startsWith('sasl') || !mechanism || !username || !password)
    return undefined
  return { mechanism, username, password }
}
