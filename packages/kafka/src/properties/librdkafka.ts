/** They steer librdkafka's own machinery, log and statistics: no record goes another way for them. */
export const withoutEffect = {
  both: `api.version.fallback.ms api.version.request api.version.request.timeout.ms broker.address.family broker.address.ttl
    broker.version.fallback builtin.features client.dns.lookup connections.max.idle.ms debug enable.metrics.push
    enable.random.seed enabled_events internal.termination.signal log.connection.close log.queue log.thread.name log_level
    max.in.flight max.in.flight.requests.per.connection message.copy.max.bytes message.max.bytes metadata.max.age.ms
    metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy receive.message.max.bytes
    reconnect.backoff.jitter.ms reconnect.backoff.max.ms reconnect.backoff.ms retry.backoff.max.ms retry.backoff.ms
    socket.blocking.max.ms socket.connection.setup.timeout.ms socket.keepalive.enable socket.max.fails socket.nagle.disable
    socket.receive.buffer.bytes socket.send.buffer.bytes socket.timeout.ms statistics.interval.ms
    topic.metadata.propagation.max.ms topic.metadata.refresh.fast.cnt topic.metadata.refresh.fast.interval.ms
    topic.metadata.refresh.interval.ms topic.metadata.refresh.sparse`.split(/\s+/),
  consumer: `auto.commit.enable auto.commit.interval.ms check.crcs consume.callback.max.messages
    coordinator.query.interval.ms enable.auto.offset.store enable.partition.eof fetch.error.backoff.ms
    fetch.queue.backoff.ms group.protocol.type queued.max.messages.kbytes queued.min.messages`.split(/\s+/),
  producer:
    `batch.size compression.level delivery.report.only.error message.send.max.retries produce.offset.report
    queue.buffering.backpressure.threshold queue.buffering.max.kbytes request.timeout.ms retries
    sticky.partitioning.linger.ms`.split(/\s+/),
}

const noKerberos = 'there is no Kerberos here: use plain, scram-sha-256 or scram-sha-512'
const noOAuth = 'there is no OAuth for Kafka here: use plain, scram-sha-256 or scram-sha-512'

/** What would change what is delivered, in which order, or to whom, and can't be done with kafkajs. `*` is any ending. */
export const refused: { names: string[]; why: string }[] = [
  { names: ['group.instance.id'], why: 'kafkajs has no static members' },
  { names: ['group.remote.assignor'], why: 'kafkajs does not know the newer group protocol' },
  {
    names: ['transactional.id', 'transaction.timeout.ms'],
    why: 'use delivery: exactly-once, which names its transactions itself',
  },
  { names: ['enable.gapless.guarantee'], why: 'results go out in the order in which they come' },
  { names: ['offset.store.*'], why: 'what is done stands in Kafka, with the consumer group' },
  { names: ['topic.blacklist'], why: 'eventor reads one topic' },
  { names: ['sasl.kerberos.*'], why: noKerberos },
  { names: ['sasl.oauthbearer.*', 'enable.sasl.oauthbearer.*', 'https.ca.*'], why: noOAuth },
  {
    names: ['ssl.engine.*', 'ssl.providers', 'ssl.ca.certificate.stores'],
    why: 'give certificates in PEM or PKCS#12',
  },
  { names: ['plugin.library.paths', 'interceptors'], why: 'eventor loads no libraries of librdkafka' },
  {
    names: ['ssl.certificate.verify_cb', 'ssl_*', 'opaque', 'default_topic_conf', 'msg_order_cmp'],
    why: 'is for programs, and not for a file',
  },
]

/** @returns why a property that librdkafka knows can't be honoured; undefined for any other */
export const whyRefused = (property: string): string | undefined =>
  refused.find(({ names }) => names.some(name => matches(property, name)))?.why

const matches = (property: string, name: string) =>
  name.endsWith('*') ? property.startsWith(name.slice(0, -1)) : property === name
