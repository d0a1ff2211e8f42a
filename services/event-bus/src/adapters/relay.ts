import { batchingProducer, type KafkaConnection, knownTopics } from 'kafka-restaurants-kafka'

/** Writes to topics that bridges read. */
export interface Relay {
  /**
   * Resolves when Kafka has it. A topic that is not there is made.
   * @throws RecordTooLargeError, and other errors where Kafka can't be reached or does not take it
   */
  send: (topic: string, value: Buffer, key: string | null) => Promise<void>
  stop: () => Promise<void>
}

export function relayTo(connection: KafkaConnection): Relay {
  const topics = knownTopics(connection)
  const producer = batchingProducer(connection, { idempotent: true })
  return {
    send: async (topic, value, key) => {
      await topics.ensure(topic)
      await producer.send({ topic, key, value })
    },
    stop: async () => {
      await Promise.all([producer.stop(), topics.stop()])
    },
  }
}
