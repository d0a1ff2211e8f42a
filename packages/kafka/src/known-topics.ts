import { createTopics } from './admin.ts'
import { type KafkaConnection, kafkaClient, quickRetry } from './client.ts'
import { within } from './consume/within.ts'

/** The topics of a cluster, as far as they are known here. */
export interface KnownTopics {
  /**
   * Has a topic made where it is missing, with the cluster's own settings.
   * @throws Error where Kafka can't be asked, or does not make it
   */
  ensure: (topic: string) => Promise<void>
  /** Whether Kafka can be asked; which topics there are is known anew then. */
  answers: () => Promise<boolean>
  stop: () => Promise<void>
}

const [longestAnswerMs, longestMakingMs] = [2_500, 5_000]

export function knownTopics(connection: KafkaConnection): KnownTopics {
  const admin = kafkaClient(connection, quickRetry).admin()
  let known = new Set<string>()
  const list = async () => {
    await admin.connect()
    known = new Set(await admin.listTopics())
  }
  return {
    ensure: async topic => {
      if (!known.has(topic)) await within(longestAnswerMs, list())
      if (known.has(topic)) return
      await within(longestMakingMs, createTopics(connection, [{ name: topic, partitions: -1, config: {} }]))
      known.add(topic)
    },
    answers: () =>
      within(longestAnswerMs, list()).then(
        () => true,
        () => false,
      ),
    stop: () => admin.disconnect(),
  }
}
