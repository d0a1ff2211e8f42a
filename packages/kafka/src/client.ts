import type { ConnectionOptions } from 'node:tls'
import type { Logger } from 'kafka-restaurants-service'
import { Kafka, type logCreator, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs'
import { z } from 'zod'

/** The environment of every process that talks to Kafka. */
export const kafkaEnv = {
  BOOTSTRAP_SVR: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'must be host:port, or several joined by commas')
    .default('localhost:9092')
    .describe('Kafka bootstrap servers, host:port joined by commas'),
}

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
}

/**
 * kafkajs waits `initialRetryTime` before it asks again after CONCURRENT_TRANSACTIONS, the broker's usual answer
 * while the last transaction is being completed: 5 ms keeps transactions quick.
 */
export const patientRetry: RetryOptions = { initialRetryTime: 5, maxRetryTime: 1_000, retries: 12 }

export function kafkaClient(
  { brokers, clientId, log, ssl, sasl }: KafkaConnection,
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
    requestTimeout: 10_000,
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
