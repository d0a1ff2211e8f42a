import {
  batchingProducer,
  type KafkaConnection,
  knownTopics,
  type ProducerSettings,
} from 'kafka-restaurants-kafka'
import type { Sender } from './outbox.ts'

/** Sends to Kafka; all in-sync replicas have what it says that Kafka took. Topics are made where they are missing. */
export function kafkaSender(connection: KafkaConnection, settings: ProducerSettings = {}): Sender {
  const topics = knownTopics(connection)
  const producer = batchingProducer(connection, {
    lingerMs: 0,
    ...settings,
    idempotent: true,
    keepOrder: true,
  })
  return {
    send: async (topic, events) => {
      await topics.ensure(topic)
      const results = await Promise.allSettled(
        events.map(({ key, value, headers }) => producer.send({ topic, key, value, headers })),
      )
      const failed = events.flatMap((event, index) => {
        const result = results[index]
        return result?.status === 'rejected' ? [[event, result.reason] as const] : []
      })
      return new Map(failed)
    },
    answers: topics.answers,
    stop: async () => {
      await Promise.all([producer.stop(), topics.stop()])
    },
  }
}
