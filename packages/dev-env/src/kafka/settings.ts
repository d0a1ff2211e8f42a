export interface BrokerPlace {
  /** Where the broker keeps everything of its own. */
  dataDir: string
  port: number
  controllerPort: number
  /** Which one of several brokers it is; the only one unless given. */
  member?: Membership | undefined
  /**
   * A second port, for who logs in (SASL PLAIN) and may do just what ACLs allow. Who comes by the first may do all. It
   * talks TLS with `pemFile`: the broker's private key, and its certificate for localhost.
   */
  login?: { port: number; passwords: Record<string, string>; pemFile?: string }
}

/** One of several brokers that are a cluster. Each of them is broker and controller. */
interface Membership {
  /** From 1. */
  nodeId: number
  /** The same for all of them: 22 characters of base64url. */
  clusterId: string
  /** Those of all of them, by node. */
  controllerPorts: number[]
}

/** The largest record batch that the broker takes: 16 MiB and room for what wraps a record. */
const largestBatch = String(17 * 1024 * 1024)

/** The settings of a KRaft node that is broker and controller, reachable from this machine only. */
export function brokerSettings({ port, controllerPort, member, login }: BrokerPlace, logDir: string): string {
  const controllers = member?.controllerPorts ?? [controllerPort]
  const replicas = String(Math.min(3, controllers.length))
  // With three of them, what is acknowledged outlives any one, and nothing stands still without it.
  const inSync = String(Math.max(1, Number(replicas) - 1))
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': String(member?.nodeId ?? 1),
    'controller.quorum.voters': controllers
      .map((controller, index) => `${index + 1}@127.0.0.1:${controller}`)
      .join(),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://localhost:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': logDir.replaceAll('\\', '/'),
    // After kill -9 the controller takes the broker back only when its former self has timed out (9 s by default).
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    // A broker that is back leads again what it led before: every 5 minutes by default.
    'leader.imbalance.check.interval.seconds': '5',
    'offsets.topic.num.partitions': '4',
    'offsets.topic.replication.factor': replicas,
    // A group without members keeps its progress: by default Kafka forgets it after 7 days.
    'offsets.retention.minutes': String(2 ** 31 - 1),
    'transaction.state.log.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    // What a dead process left open ends as soon as its time is up: by default Kafka looks every 10 s.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
    'share.coordinator.state.topic.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': '0',
    // For a few cores: by default 8 and 3 threads take turns, which costs a tenth of the broker's CPU.
    'num.io.threads': '2',
    'num.network.threads': '1',
    'message.max.bytes': largestBatch,
    'replica.fetch.max.bytes': largestBatch,
  }
  return Object.entries(login ? { ...settings, ...loginSettings(settings, login) } : settings)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('')
}

/** Java reads such a file as ISO 8859-1. */
const escaped = (value: string) =>
  value.replaceAll(/[^ -~]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

function loginSettings(
  settings: Record<'listeners' | 'advertised.listeners' | 'listener.security.protocol.map', string>,
  { port, passwords, pemFile }: NonNullable<BrokerPlace['login']>,
): Record<string, string> {
  const users = Object.entries(passwords).map(([name, password]) => `user_${name}="${password}"`)
  const tls = pemFile && {
    'listener.name.login.ssl.keystore.type': 'PEM',
    'listener.name.login.ssl.keystore.location': pemFile.replaceAll('\\', '/'),
  }
  return {
    ...tls,
    listeners: `${settings.listeners},LOGIN://127.0.0.1:${port}`,
    'advertised.listeners': `${settings['advertised.listeners']},LOGIN://localhost:${port}`,
    'listener.security.protocol.map': `${settings['listener.security.protocol.map']},LOGIN:${tls ? 'SASL_SSL' : 'SASL_PLAINTEXT'}`,
    'listener.name.login.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.login.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${users.join(' ')};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  }
}
