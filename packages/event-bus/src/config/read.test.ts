import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readBridgeConfig } from './read.ts'

const folder = mkdtempSync(join(tmpdir(), 'event-bus-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const pem = (name: string, content = `the ${name}`) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const read = (yaml: string, env: NodeJS.ProcessEnv = {}) => readBridgeConfig(yaml, env)
const faults = (yaml: string, env?: NodeJS.ProcessEnv) =>
  read(yaml, env).faults?.map(({ line, path, message }) => `${line} ${path}: ${message}`)
/** Keys below `kafka_events`. */
const of = (...lines: string[]) => `kafka_events:\n${lines.map(line => `  ${line}\n`).join('')}`

it.each([
  'kafka_events:',
  'kafka_events: {}',
  of('consumer-config:', 'producer-config:'),
  'other: {a: 1}\nkafka_events: {}\n',
])('defaults are those of the plugin: %j', yaml => {
  expect(read(yaml).config).toEqual({
    kafka: {
      brokers: 'localhost:9092',
      clientId: 'event-bus',
      requestTimeoutMs: undefined,
      ssl: undefined,
      sasl: undefined,
    },
    inbound: {
      patterns: ['acapy-inbound-.*'],
      group: 'kafka_events',
      lookMs: undefined,
      consumer: { fromBeginning: false },
    },
    outbound: {
      patterns: ['acapy::outbound::.*'],
      topicMaps: [],
      spool: { file: '.data/event-bus/spool.sqlite', maxBytes: 67_108_864 },
      producer: { lingerMs: 0, compression: 'none' },
      backoffMs: 100,
    },
  })
})

it('every key has its meaning, and numbers may come as text, as from the environment', () => {
  const yaml = of(
    'bootstrap_servers: [a, "b:9093"]',
    'client_id: me',
    'request_timeout_ms: 40000',
    'inbound_patterns: [restaurants-outbound-.*]',
    'outbound_patterns: [restaurants::outbound::.*, audit]',
    'topic_maps:',
    '  ^acapy::webhook::(.*)$: webhook-$wallet_id',
    '  acapy::record: record',
    'spool_file: /tmp/s.sqlite',
    `spool_max_bytes: "\${MOST}"`,
    'consumer-config:',
    '  group_id: g',
    '  auto_offset_reset: earliest',
    '  fetch_max_wait_ms: 1',
    '  fetch_min_bytes: 2',
    '  fetch_max_bytes: 3',
    '  max_partition_fetch_bytes: 4',
    '  enable_auto_commit: true',
    '  auto_commit_interval_ms: 5000',
    '  metadata_max_age_ms: 300000',
    '  max_poll_interval_ms: 120000',
    '  rebalance_timeout_ms: 30000',
    '  session_timeout_ms: 12000',
    '  heartbeat_interval_ms: 3000',
    'producer-config:',
    '  compression_type: GZIP',
    '  max_batch_size: 16384',
    '  max_request_size: 2000',
    '  linger_ms: 7',
    '  send_backoff_ms: 50',
  )
  expect(read(yaml, { MOST: '1000' }).config).toEqual({
    kafka: {
      brokers: 'a:9092,b:9093',
      clientId: 'me',
      requestTimeoutMs: 40_000,
      ssl: undefined,
      sasl: undefined,
    },
    inbound: {
      patterns: ['restaurants-outbound-.*'],
      group: 'g',
      lookMs: 300_000,
      stallMs: 120_000,
      consumer: {
        fromBeginning: true,
        maxWaitMs: 1,
        minBytes: 2,
        maxBytes: 3,
        maxBytesPerPartition: 4,
        commitMs: 5_000,
        rebalanceTimeoutMs: 30_000,
        sessionTimeoutMs: 12_000,
        heartbeatMs: 3_000,
      },
    },
    outbound: {
      patterns: ['restaurants::outbound::.*', 'audit'],
      topicMaps: [
        ['^acapy::webhook::(.*)$', 'webhook-$wallet_id'],
        ['acapy::record', 'record'],
      ],
      spool: { file: '/tmp/s.sqlite', maxBytes: 1_000 },
      producer: { lingerMs: 7, compression: 'gzip', maxBatchBytes: 16_384, timeoutMs: 40_000 },
      maxPayloadBytes: 2_000,
      backoffMs: 50,
    },
  })
})

describe('security', () => {
  it('is TLS with files', () => {
    const context = `ssl_context: {ca: ${pem('ca')}, cert: ${pem('cert')}, key: ${pem('key')}}`
    expect(read(of('security_protocol: SSL', context)).config?.kafka.ssl).toEqual({
      ca: Buffer.from('the ca'),
      cert: Buffer.from('the cert'),
      key: Buffer.from('the key'),
    })
    expect(read(of('security_protocol: ssl')).config?.kafka.ssl).toEqual({})
  })

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('is a login by %s', mechanism => {
    const yaml = of(
      'security_protocol: SASL_SSL',
      `sasl_mechanism: ${mechanism}`,
      'sasl_plain_username: u',
      `sasl_plain_password: "\${PASSWORD}"`,
    )
    const { ssl, sasl } = read(yaml, { PASSWORD: 'hush' }).config?.kafka ?? {}
    expect(ssl).toEqual({})
    expect(sasl).toEqual({ mechanism: mechanism.toLowerCase(), username: 'u', password: 'hush' })
  })

  it('is a token from a file, and the new one when that changes', async () => {
    const file = pem('token', 'first\n')
    const yaml = of(
      'security_protocol: SASL_PLAINTEXT',
      'sasl_mechanism: OAUTHBEARER',
      `sasl_oauth_token_provider: ${file}`,
    )
    const sasl = read(yaml).config?.kafka.sasl
    if (sasl?.mechanism !== 'oauthbearer') throw new Error(`${sasl?.mechanism}`)
    expect(await sasl.oauthBearerProvider()).toEqual({ value: 'first' })
    await new Promise(resolve => setTimeout(resolve, 20)) // file times are that coarse
    pem('token', 'second')
    expect(await sasl.oauthBearerProvider()).toEqual({ value: 'second' })
  })
})

describe('what is wrong is told by line and key', () => {
  it.each<[string, ...string[]]>([
    ['', '1 : the file is empty: begin with "kafka_events:"'],
    ['other: 1', '1 : kafka_events must be given: begin with "kafka_events:"'],
    ['kafka-events: {}', '1 kafka-events: unknown key; did you mean kafka_events?'],
    ['kafka_events: [a]', '1 kafka_events: must be a mapping of keys to values'],
    [
      of('bootstrap_server: a'),
      '2 kafka_events.bootstrap_server: unknown key; did you mean bootstrap_servers?',
    ],
    [
      of('bootstrap_servers: "a b"'),
      '2 kafka_events.bootstrap_servers: must be host:port, or several of them, as a list or joined by commas',
    ],
    [
      of('bootstrap_servers: []'),
      '2 kafka_events.bootstrap_servers: must be host:port, or several of them, as a list or joined by commas',
    ],
    [of('group_id: g'), '2 kafka_events.group_id: belongs into consumer-config'],
    [
      of('consumer-config:', '  linger_ms: 1'),
      '3 kafka_events.consumer-config.linger_ms: belongs into producer-config',
    ],
    [
      of('producer-config:', '  client_id: a'),
      '3 kafka_events.producer-config.client_id: belongs into kafka_events itself',
    ],
    [
      of('consumer-config:', '  grop_id: a'),
      '3 kafka_events.consumer-config.grop_id: unknown key; did you mean group_id?',
    ],
    [of('consumer_config: {}'), '2 kafka_events.consumer_config: unknown key; did you mean consumer-config?'],
    [
      of('connections_max_idle_ms: 540000'),
      '2 kafka_events.connections_max_idle_ms: can not be honoured: kafkajs closes no idle connections; brokers do, after their connections.max.idle.ms',
    ],
    [
      of('sasl_kerberos_domain_name: a'),
      '2 kafka_events.sasl_kerberos_domain_name: can not be honoured: there is no Kerberos here: use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER',
    ],
    [
      of('consumer-config: {max_poll_records: 1}'),
      '2 kafka_events.consumer-config.max_poll_records: can not be honoured: events are handed over one by one',
    ],
    [
      of('consumer-config: {enable_auto_commit: false}'),
      '2 kafka_events.consumer-config.enable_auto_commit: can only be true: nobody else would commit, once the handlers are done',
    ],
    [
      of('consumer-config: {auto_offset_reset: none}'),
      '2 kafka_events.consumer-config.auto_offset_reset: must be latest or earliest',
    ],
    [
      of('consumer-config: {session_timeout_ms: soon}'),
      '2 kafka_events.consumer-config.session_timeout_ms: must be a number',
    ],
    [
      of('consumer-config: {session_timeout_ms: 3000, heartbeat_interval_ms: 3000}'),
      '2 kafka_events.consumer-config.heartbeat_interval_ms: must be less than session_timeout_ms',
    ],
    [
      of('producer-config: {compression_type: gzp}'),
      '2 kafka_events.producer-config.compression_type: must be none, gzip, snappy, lz4 or zstd; did you mean gzip?',
    ],
    [of('producer-config: {linger_ms: -1}'), '2 kafka_events.producer-config.linger_ms: must be at least 0'],
    [
      of('security_protocol: TLS'),
      '2 kafka_events.security_protocol: must be plaintext, ssl, sasl_plaintext or sasl_ssl',
    ],
    [of('security_protocol: SASL_SSL'), '1 kafka_events.sasl_mechanism: must be given with SASL_SSL'],
    [
      of('security_protocol: SASL_SSL', 'sasl_mechanism: PLAIN'),
      '1 kafka_events.sasl_plain_username: must be given with PLAIN',
      '1 kafka_events.sasl_plain_password: must be given with PLAIN',
    ],
    [
      of('security_protocol: SASL_SSL', 'sasl_mechanism: OAUTHBEARER'),
      '1 kafka_events.sasl_oauth_token_provider: must be given with OAUTHBEARER',
    ],
    [
      of('sasl_mechanism: PLAIN'),
      '2 kafka_events.sasl_mechanism: needs security_protocol: SASL_PLAINTEXT or SASL_SSL',
    ],
    [of('ssl_context: {}'), '2 kafka_events.ssl_context: needs security_protocol: SSL or SASL_SSL'],
    [
      of('security_protocol: SSL', 'ssl_context: {ca: /no/such/file}'),
      '3 kafka_events.ssl_context.ca: there is no such file',
    ],
    [
      of('inbound_patterns: ["("]'),
      '2 kafka_events.inbound_patterns[0]: is no regular expression: Unterminated group',
    ],
    [of('outbound_patterns: acapy'), '2 kafka_events.outbound_patterns: must be a list'],
    [of('topic_maps:', '  a: $1'), '3 kafka_events.topic_maps.a: asks for $1, and the pattern has 0 groups'],
    [
      of('topic_maps:', '  "(a": b'),
      '3 kafka_events.topic_maps.(a: is no regular expression: Unterminated group',
    ],
    [of('topic_maps: {a: 1}'), '2 kafka_events.topic_maps.a: must be text: put it in quotes'],
    [of('spool_max_bytes: 0'), '2 kafka_events.spool_max_bytes: must be at least 1'],
    [
      of(`sasl_plain_password: \${PASSWORD}`),
      '2 kafka_events.sasl_plain_password: the environment has no PASSWORD',
    ],
    [of('client_id: a', 'client_id: b'), '3 : this key is there twice'],
  ])('%j', (yaml, ...expected) => {
    expect(faults(yaml)).toEqual(expected)
  })

  it('all of it at once', () => {
    const yaml = of(
      'clent_id: a',
      'request_timeout_ms: 1',
      'security_protocol: SASL_SSL',
      'consumer-config:',
      '  group_id:',
      '  check_crcs: true',
      'producer-config: {acks: all}',
    )
    expect(faults(yaml)).toEqual([
      '1 kafka_events.sasl_mechanism: must be given with SASL_SSL',
      '2 kafka_events.clent_id: unknown key; did you mean client_id?',
      '3 kafka_events.request_timeout_ms: must be at least 500',
      '6 kafka_events.consumer-config.group_id: has no value',
      '7 kafka_events.consumer-config.check_crcs: can not be honoured: kafkajs does not check them; TCP and the brokers do',
      '8 kafka_events.producer-config.acks: unknown key; there are: compression_type, max_batch_size, max_request_size, linger_ms, send_backoff_ms',
    ])
  })
})
