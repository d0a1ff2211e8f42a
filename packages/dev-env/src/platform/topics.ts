import { topicSpecs } from 'kafka-restaurants-contracts'
import { createTopics, type KafkaConnection, withAdmin } from 'kafka-restaurants-kafka'
import { Trouble } from 'kafka-restaurants-service/command'
import { waitUntil } from '../wait-until.ts'

type Log = Parameters<typeof createTopics>[0]['log']

/** The two levels that packages/kafka writes on; what matters here comes back as an error. */
export const silent = { warn: () => {}, debug: () => {} } as unknown as Log

/** Resolves when so many brokers can have replicas: those that answer may not be registered yet. */
export const allRegistered = (bootstrap: string, count: number, deadlineMs = 30_000) =>
  waitUntil(
    `${count} brokers`,
    deadlineMs,
    () =>
      withAdmin({ brokers: bootstrap, log: silent }, admin => admin.describeCluster()).then(
        ({ brokers }) => brokers.length === count,
        () => false,
      ),
    250,
  )

/**
 * Makes the topics that are missing.
 * @throws Trouble when no Kafka answers there or it refuses
 */
export async function makeTopics(kafka: KafkaConnection, deadlineMs = 30_000): Promise<string[]> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`no answer within ${deadlineMs / 1000} s`)),
    deadlineMs,
  )
  try {
    return await Promise.race([createTopics(kafka, topicSpecs()), late.promise])
  } catch (error) {
    const why = error instanceof Error ? error.message : error
    throw new Trouble(`Kafka at ${kafka.brokers} can't be used: the topics could not be made (${why}).`)
  } finally {
    clearTimeout(timer)
  }
}
