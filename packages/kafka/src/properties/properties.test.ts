import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inWords } from 'kafka-restaurants-config-file'
import { afterAll, describe, expect, it } from 'vitest'
import { ConsumerConfig, consumerSettings, ProducerConfig, producerSettings } from './properties.ts'

const folder = mkdtempSync(join(tmpdir(), 'eventor-'))
afterAll(() => rmSync(folder, { recursive: true }))
const pem = (name: string) => {
  writeFileSync(join(folder, name), `the ${name}`)
  return join(folder, name)
}

const least = { 'bootstrap.servers': 'localhost', 'group.id': 'g' }
const consumer = (config: object) => consumerSettings(ConsumerConfig.parse({ ...least, ...config }), 'test')
const producer = (config: object) =>
  producerSettings(ProducerConfig.parse({ 'bootstrap.servers': 'localhost', ...config }), 'test')
const faults = (schema: typeof ConsumerConfig | typeof ProducerConfig, config: object) =>
  schema
    .safeParse(config, { error: inWords })
    .error?.issues.map(({ path, message }) => [path.join(), message].join(': '))

describe('bootstrap.servers', () => {
  it.each([
    ['localhost, 127.0.0.1', 'localhost:9092,127.0.0.1:9092'],
    ['a:1,b:2,', 'a:1,b:2'],
    ['PLAINTEXT://a:9093, plaintext://b', 'a:9093,b:9092'],
  ])('%s: %s', (servers, brokers) => {
    expect(consumer({ 'bootstrap.servers': servers }).brokers).toBe(brokers)
  })

  it.each([
    ['SSL://a', 'plaintext'],
    ['a, SASL_SSL://b:9093', 'plaintext'],
    ['PLAINTEXT://a', 'ssl'],
    ['ws://a', 'plaintext'],
  ])('%s is refused with %s: what asks for TLS gets it', (servers, protocol) => {
    const config = { 'bootstrap.servers': servers, 'security.protocol': protocol }
    expect(faults(ProducerConfig, config)).toEqual([
      'bootstrap.servers: names another protocol than security.protocol, which is plaintext unless given',
    ])
    expect(
      faults(ProducerConfig, { 'bootstrap.servers': 'SSL://a', 'security.protocol': 'SSL' }),
    ).toBeUndefined()
  })

  it.each(['', ' , ', 'a b', 'a:b', 'a:1:2'])('"%s" is refused', servers => {
    expect(ProducerConfig.safeParse({ 'bootstrap.servers': servers }).success).toBe(false)
  })

  it('may be called metadata.broker.list', () => {
    expect(
      consumerSettings(ConsumerConfig.parse({ 'metadata.broker.list': 'a', 'group.id': 'g' }), 'test')
        .brokers,
    ).toBe('a:9092')
  })
})

it('a consumer gets what its properties say', () => {
  const config = {
    'client.id': 'me',
    'auto.offset.reset': 'Earliest',
    'enable.auto.commit': false,
    'isolation.level': 'read_uncommitted',
    'session.timeout.ms': '30000',
    'heartbeat.interval.ms': 3000,
    'max.poll.interval.ms': 60000,
    'fetch.min.bytes': 2,
    'fetch.max.bytes': 1_000_000,
    'max.partition.fetch.bytes': 3,
    'fetch.wait.max.ms': 4,
    'client.rack': 'r',
  }
  expect(consumer(config)).toEqual({
    brokers: 'localhost:9092',
    clientId: 'me',
    consumer: {
      groupId: 'g',
      fromBeginning: true,
      readUncommitted: true,
      sessionTimeoutMs: 30_000,
      heartbeatMs: 3_000,
      rebalanceTimeoutMs: 60_000,
      minBytes: 2,
      maxBytes: 1_000_000,
      maxBytesPerPartition: 3,
      maxWaitMs: 4,
      rackId: 'r',
    },
  })
})

it('a producer gets what its properties say', () => {
  expect(
    producer({
      acks: 1,
      'linger.ms': 5,
      'compression.codec': 'snappy',
      'batch.num.messages': 10,
      'queue.buffering.max.messages': 20,
      'delivery.timeout.ms': 30,
    }).producer,
  ).toEqual({ acks: 1, compression: 'snappy', lingerMs: 5, maxBatch: 10, maxQueued: 20, timeoutMs: 30 })
})

it.each([
  ['all', -1],
  [-1, -1],
  ['-1', -1],
  [1, 1],
])('acks: %s', (acks, expected) => {
  expect(producer({ 'request.required.acks': acks }).producer.acks).toBe(expected)
})

describe('security', () => {
  it('is none unless security.protocol says so', () => {
    expect(consumer({ 'sasl.mechanism': 'PLAIN', 'sasl.username': 'u', 'sasl.password': 'p' })).toMatchObject(
      {
        ssl: undefined,
        sasl: undefined,
      },
    )
  })

  it('is SASL over TLS', () => {
    const config = {
      'security.protocol': 'SASL_SSL',
      'sasl.mechanisms': 'SCRAM-SHA-512',
      'sasl.username': 'u',
      'sasl.password': 'p',
    }
    expect(producer(config)).toMatchObject({
      ssl: { rejectUnauthorized: true },
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
    })
  })

  it('reads certificates from their files', () => {
    const { ssl } = consumer({
      'security.protocol': 'ssl',
      'ssl.ca.location': pem('ca'),
      'ssl.certificate.location': pem('certificate'),
      'ssl.key.location': pem('key'),
      'ssl.key.password': 'secret',
      'enable.ssl.certificate.verification': 'false',
    })
    expect(ssl).toEqual({
      ca: Buffer.from('the ca'),
      cert: Buffer.from('the certificate'),
      key: Buffer.from('the key'),
      passphrase: 'secret',
      rejectUnauthorized: false,
    })
  })

  it('accepts any host name of a broker only where it is told to', () => {
    const ssl = { 'security.protocol': 'ssl', 'ssl.ca.location': 'probe' }
    expect(consumer(ssl).ssl).toEqual({ rejectUnauthorized: true })
    const lax = consumer({ ...ssl, 'ssl.endpoint.identification.algorithm': 'none' }).ssl
    expect(lax?.checkServerIdentity?.('host', {} as never)).toBeUndefined()
    expect(lax).toHaveProperty('checkServerIdentity')
  })

  it.each([
    [{}, ['sasl.mechanism', 'sasl.username', 'sasl.password']],
    [{ 'sasl.mechanism': 'PLAIN', 'sasl.username': 'u' }, ['sasl.password']],
  ])('of SASL needs all of its properties: %j lacks %j', (config, lacking) => {
    const found = faults(ConsumerConfig, { ...least, 'security.protocol': 'sasl_plaintext', ...config })
    expect(found?.map(fault => fault.split(':')[0])).toEqual(lacking)
  })
})

it.each([
  [{ 'enable.auto.commit': true }, 'can only be false: eventor itself commits each event when it is done'],
  [{ 'group.instance.id': 'a' }, 'can not be honoured: kafkajs has no static members'],
  [{ 'sasl.kerberos.keytab': 'a' }, 'can not be honoured: there is no Kerberos here'],
  [{ 'sasl.mechanism': 'GSSAPI' }, 'must be plain, scram-sha-256 or scram-sha-512'],
  [{ 'sesion.timeout.ms': 1 }, 'no property of librdkafka; did you mean session.timeout.ms?'],
  [{ xyz: 1 }, 'no property of librdkafka'],
  [{ 'linger.ms': 5 }, 'belongs into producerConfig'],
  [{ 'session.timeout.ms': 900 }, 'must be less than session.timeout.ms'],
  [{ 'session.timeout.ms': 'long' }, 'must be a number'],
  [{ 'ssl.ca.location': '/no/such/ca.pem' }, 'there is no such file'],
  [{ 'ssl.ca.location': tmpdir() }, 'is no file'],
])('a consumer with %j is refused: %s', (config, message) => {
  expect(faults(ConsumerConfig, { ...least, ...config })).toEqual([expect.stringContaining(message)])
})

it.each([
  [{ acks: 0 }, 'must be all or 1: eventor commits only what Kafka has acknowledged'],
  [{ 'compression.type': 'brotli' }, 'must be none, gzip, snappy, lz4 or zstd'],
  [{ 'enable.idempotence': true }, 'can only be false: use delivery: exactly-once, which does more'],
  [{ 'group.id': 'g' }, 'belongs into consumerConfig'],
  [{ partitioner: 'random' }, 'can only be murmur2_random'],
])('a producer with %j is refused: %s', (config, message) => {
  expect(faults(ProducerConfig, { 'bootstrap.servers': 'a', ...config })).toEqual([
    expect.stringContaining(message),
  ])
})

it('what only steers librdkafka itself may stay', () => {
  const harmless = {
    log_level: 7,
    'statistics.interval.ms': 1000,
    debug: 'all',
    'enable.auto.offset.store': 'false',
  }
  expect(faults(ConsumerConfig, { ...least, ...harmless })).toBeUndefined()
})
