import type { ConnectionOptions } from 'node:tls'
import { ConfigError, type Logger, readPem, TextError } from 'kafka-restaurants-service'
import { Kafka, type logCreator, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs'
import { z } from 'zod'
import { useAllCodecs } from './codecs.ts'

/** The environment of every process that talks to Kafka. */
export const kafkaEnv = {
  BOOTSTRAP_SVR: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'must be host:port, or several joined by commas')
    .default('localhost:9092')
    .describe('Kafka bootstrap servers, host:port joined by commas'),
  KAFKA_TLS: z.stringbool().default(false).describe('whether to talk TLS'),
  KAFKA_CA_FILE: z.string().optional().describe("the cluster's CA, PEM; that of Node unless given"),
  KAFKA_CERT_FILE: z.string().optional().describe('our certificate, PEM, where Kafka asks for one'),
  KAFKA_KEY_FILE: z.string().optional().describe("the certificate's private key, PEM"),
  KAFKA_SASL: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional().describe('how to log in'),
  KAFKA_USERNAME: z.string().optional(),
  KAFKA_PASSWORD: z.string().optional(),
}
type KafkaEnv = z.infer<z.ZodObject<typeof kafkaEnv>>

/** How to reach Kafka. */
export interface KafkaConnection {
  /** host:port, joined by commas. */
  brokers: string
  clientId: string
  log: Logger
  /** TLS as Node's `tls.connect` takes it; plain text unless given. */
  ssl?: ConnectionOptions
  /** How to log in; not at all unless given. */
  sasl?: SASLOptions
  /** How long a request may take, in ms: 5,000 unless given. */
  requestTimeoutMs?: number
}

/**
 * How to reach Kafka, as the environment says.
 * @throws ConfigError for files that can't be read, and settings that need others
 */
export function kafkaConnection(env: KafkaEnv, clientId: string, log: Logger): KafkaConnection {
  return { brokers: env.BOOTSTRAP_SVR, clientId, log, ssl: tlsOf(env), sasl: saslOf(env) }
}

function tlsOf(env: KafkaEnv): ConnectionOptions | undefined {
  if (!env.KAFKA_TLS) {
    refuse(env, ['KAFKA_CA_FILE', 'KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'], 'needs KAFKA_TLS=true')
    return undefined
  }
  if (!env.KAFKA_CERT_FILE) refuse(env, ['KAFKA_KEY_FILE'], 'needs KAFKA_CERT_FILE')
  if (!env.KAFKA_KEY_FILE) refuse(env, ['KAFKA_CERT_FILE'], 'needs KAFKA_KEY_FILE')
  return {
    ca: contentOf(env, 'KAFKA_CA_FILE'),
    cert: contentOf(env, 'KAFKA_CERT_FILE'),
    key: contentOf(env, 'KAFKA_KEY_FILE'),
  }
}

function saslOf(env: KafkaEnv): SASLOptions | undefined {
  const { KAFKA_SASL: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = env
  if (!mechanism) {
    refuse(env, ['KAFKA_USERNAME', 'KAFKA_PASSWORD'], 'needs KAFKA_SASL')
    return undefined
  }
  if (!username || !password) throw new ConfigError('KAFKA_SASL needs KAFKA_USERNAME and KAFKA_PASSWORD')
  return { mechanism, username, password } as SASLOptions // a union by mechanism, all of one shape
}

function refuse(env: KafkaEnv, names: (keyof KafkaEnv)[], why: string): void {
  for (const name of names) if (env[name] !== undefined) throw new ConfigError(`${name} ${why}`)
}

function contentOf(env: KafkaEnv, name: 'KAFKA_CA_FILE' | 'KAFKA_CERT_FILE' | 'KAFKA_KEY_FILE') {
  const file = env[name]
  if (!file) return undefined
  try {
    return readPem(file).toString('latin1')
  } catch (cause) {
    const why = cause instanceof TextError ? `: ${cause.message}` : ''
    throw new ConfigError(`${name} ${file} can't be read${why}`, { cause })
  }
}

useAllCodecs()

/**
 * kafkajs waits `initialRetryTime` before it asks again after CONCURRENT_TRANSACTIONS, the broker's usual answer to a
 * producer that begins while it aborts what its predecessor left open: 5 ms keeps a take-over quick.
 */
export const patientRetry: RetryOptions = { initialRetryTime: 5, maxRetryTime: 1_000, retries: 12 }
/** For who tries again by himself, or has to say soon that it does not work. */
export const quickRetry: RetryOptions = { initialRetryTime: 50, maxRetryTime: 500, retries: 3 }

export function kafkaClient(
  { brokers, clientId, log, ssl, sasl, requestTimeoutMs = 5_000 }: KafkaConnection,
  retry = patientRetry,
): Kafka {
  // We choose kafkajs's default partitioner (murmur2, as the Java client does) knowingly.
  process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'
  return new Kafka({
    brokers: brokers.split(','),
    clientId,
    ssl,
    sasl,
    connectionTimeout: 2_000,
    requestTimeout: requestTimeoutMs,
    retry,
    logLevel: logLevel.INFO,
    logCreator: quietLog(log),
  })
}

/**
 * Passes kafkajs's log on, a level lower than it thinks: it logs at ERROR what it then heals by itself. What does
 * not heal reaches our own log through the worker's crash or a rejected send.
 */
function quietLog(log: Logger): logCreator {
  return () =>
    ({ level, namespace, log: { message, error } }) => {
      const entry = { kafkajs: namespace, reason: typeof error === 'string' ? error : undefined }
      if (level === logLevel.ERROR) log.warn(entry, message)
      else log.debug(entry, message)
    }
}

/** Whether an error, or one that caused it, is of a kind. `type` is what Kafka calls its own errors. */
export const hasCause = (error: unknown, is: (error: Error & { type?: unknown }) => boolean): boolean =>
  error instanceof Error && (is(error) || hasCause(error.cause, is))
