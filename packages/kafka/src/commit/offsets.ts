import kafkajs, { type Admin, type Consumer } from 'kafkajs'
import { byTopic, type Store } from './store.ts'
import { committed, isUndecided } from './transaction.ts'

/**
 * For handlers whose effect is elsewhere, such as a mail: a plain commit, as there is mostly nothing to write. What there
 * is (dead letters) goes into a transaction with the commit, as it should be there once.
 */
export function offsetStore(
  { consumer, admin, group }: { consumer: Consumer; admin: Admin; group: string },
  withOutputs: Store,
): Store {
  return {
    positions: async (partitions, member) => {
      try {
        return await committed(admin, group, partitions, 0)
      } catch (error) {
        // A transaction for a dead letter may be what is not decided.
        if (!isUndecided(error)) throw error
        return withOutputs.positions(partitions, member)
      }
    },
    commit: async (outputs, done, member) => {
      if (outputs.length > 0) return withOutputs.commit(outputs, done, member)
      try {
        await consumer.commitOffsets(
          byTopic(done).flatMap(({ topic, partitions }) => partitions.map(each => ({ topic, ...each }))),
        )
      } catch (error) {
        // While kafkajs starts the consumer anew it commits nothing, though the group still knows the member.
        if (!isNotRunning(error)) throw error
        await withOutputs.commit([], done, member)
      }
    },
    close: withOutputs.close,
  }
}

const isNotRunning = (error: unknown) =>
  error instanceof kafkajs.KafkaJSNonRetriableError && error.message === 'The consumer is not running'
