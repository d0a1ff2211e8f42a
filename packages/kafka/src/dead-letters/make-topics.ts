import { asideTopicSpec, deadLetterTopic } from 'kafka-restaurants-contracts'
import { retrying } from 'kafka-restaurants-delivery'
import { createTopics, withAdmin } from '../admin.ts'
import { hasCause, type KafkaConnection } from '../client.ts'
import type { WorkerOptions } from '../consume/options.ts'
import type { Worker } from '../consume/worker.ts'

/**
 * Has a worker make the topics of its dead letters where they are missing, as soon as Kafka can be reached: each with as
 * many partitions as what is read. Who may not make topics makes them beforehand.
 */
export function withDeadLetterTopics(
  worker: Worker,
  { kafka, inputs, deadLetterTopic: only }: Pick<WorkerOptions, 'kafka' | 'inputs' | 'deadLetterTopic'>,
): Worker {
  return withTopics(worker, kafka, () =>
    withAdmin(kafka, async admin => {
      const { topics } = await admin.fetchTopicMetadata({ topics: inputs })
      const specs = topics.map(({ name, partitions }) =>
        asideTopicSpec(only ?? deadLetterTopic(name), partitions.length),
      )
      await createTopics(kafka, only === undefined ? specs : specs.slice(0, 1))
    }),
  )
}

/** Has a worker make topics as soon as Kafka can be reached, while it starts: until they are made, or Kafka refuses. */
export function withTopics(worker: Worker, { log }: KafkaConnection, make: () => Promise<void>): Worker {
  const stopping = new AbortController()
  return {
    ...worker,
    start: async () => {
      void retrying(make, {
        signal: stopping.signal,
        isPassing: error => !isRefused(error),
        onFailure: err => log.warn({ err }, 'topics can not be made yet'),
      }).catch(err => {
        if (!stopping.signal.aborted) log.warn({ err }, 'topics can not be made')
      })
      await worker.start()
    },
    stop: async () => {
      stopping.abort()
      await worker.stop()
    },
  }
}

const isRefused = (error: unknown): boolean =>
  hasCause(error, ({ type }) => /AUTHORIZATION_FAILED$/.test(String(type)))
