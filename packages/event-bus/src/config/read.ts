import {
  check,
  didYouMean,
  type Fault,
  faultsOf,
  parseFile,
  watchedFile,
} from 'kafka-restaurants-config-file'
import type { KafkaConnection } from 'kafka-restaurants-kafka'
import { readPem } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { BridgeOptions } from '../bridge.ts'
import { type General, KafkaEvents } from './keys.ts'

/** What a file says of a bridge: `kafkaBridge` takes it, with a log and metrics. */
export interface BridgeConfig extends Required<Pick<BridgeOptions, 'inbound' | 'outbound'>> {
  kafka: Omit<KafkaConnection, 'log'>
}

const hint = 'begin with "kafka_events:"'

/**
 * Reads the part `kafka_events` of a YAML file; other parts are other programs'. `${NAME}` is replaced from `env`.
 * @returns the configuration, or everything that is wrong, in the order of the lines
 */
export function readBridgeConfig(
  yaml: string,
  env: NodeJS.ProcessEnv,
): { config: BridgeConfig; faults?: never } | { faults: Fault[]; config?: never } {
  const parsed = parseFile(yaml, { env, hint })
  if ('faults' in parsed) return parsed
  const parts = Object.keys(Object(parsed.value))
  if (!parts.includes('kafka_events')) {
    const [near] = parts.filter(part => didYouMean(part, ['kafka_events']) !== '')
    const message = near ? 'unknown key; did you mean kafka_events?' : `kafka_events must be given: ${hint}`
    return { faults: [parsed.faultAt(near ? [near] : [], message)] }
  }
  const { data, told = [] } = check(z.object({ kafka_events: KafkaEvents }), parsed.value)
  const faults = faultsOf(parsed, told)
  return data && faults.length === 0 ? { config: configOf(data.kafka_events) } : { faults }
}

/** Reads the files that it names. */
function configOf({
  'consumer-config': consumer,
  'producer-config': producer,
  ...general
}: KafkaEvents): BridgeConfig {
  const { request_timeout_ms: requestTimeoutMs } = general
  return {
    kafka: {
      brokers: general.bootstrap_servers.map(each => (each.includes(':') ? each : `${each}:9092`)).join(),
      clientId: general.client_id,
      requestTimeoutMs,
      ssl: sslOf(general),
      sasl: saslOf(general),
    },
    inbound: {
      patterns: general.inbound_patterns,
      group: consumer.group_id,
      lookMs: consumer.metadata_max_age_ms,
      stallMs: consumer.max_poll_interval_ms,
      consumer: {
        fromBeginning: consumer.auto_offset_reset === 'earliest',
        maxWaitMs: consumer.fetch_max_wait_ms,
        minBytes: consumer.fetch_min_bytes,
        maxBytes: consumer.fetch_max_bytes,
        maxBytesPerPartition: consumer.max_partition_fetch_bytes,
        commitMs: consumer.auto_commit_interval_ms,
        rebalanceTimeoutMs: consumer.rebalance_timeout_ms,
        sessionTimeoutMs: consumer.session_timeout_ms,
        heartbeatMs: consumer.heartbeat_interval_ms,
      },
    },
    outbound: {
      patterns: general.outbound_patterns,
      topicMaps: Object.entries(general.topic_maps),
      spool: { file: general.spool_file, maxBytes: general.spool_max_bytes },
      producer: {
        lingerMs: producer.linger_ms,
        compression: producer.compression_type,
        maxBatchBytes: producer.max_batch_size,
        timeoutMs: requestTimeoutMs,
      },
      maxPayloadBytes: producer.max_request_size,
      backoffMs: producer.send_backoff_ms,
    },
  }
}

function sslOf({ security_protocol, ssl_context: { ca, cert, key } = {} }: General): KafkaConnection['ssl'] {
  if (!security_protocol.endsWith('ssl')) return undefined
  return { ca: ca && readPem(ca), cert: cert && readPem(cert), key: key && readPem(key) }
}

function saslOf(general: General): KafkaConnection['sasl'] {
  const {
    security_protocol: protocol,
    sasl_mechanism: mechanism,
    sasl_oauth_token_provider: tokenFile,
  } = general
  if (!protocol.startsWith('sasl') || !mechanism) return undefined
  if (mechanism !== 'oauthbearer') {
    const { sasl_plain_username: username = '', sasl_plain_password: password = '' } = general
    return { mechanism, username, password } as KafkaConnection['sasl'] // a union by mechanism, all of one shape
  }
  const token = watchedFile(tokenFile ?? '')
  return { mechanism, oauthBearerProvider: async () => ({ value: token().trim() }) }
}
