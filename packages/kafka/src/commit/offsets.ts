import type { Admin, Consumer } from 'kafkajs'
import type { Store } from './store.ts'
import { byTopic } from './store.ts'
import { committed } from './transaction.ts'

/**
 * For handlers whose effect is elsewhere, such as a mail: a plain commit, as there is mostly nothing to write. What there
 * is (dead letters) goes into a transaction with the commit, as it should be there once.
 */
export function offsetStore(
  { consumer, admin, group }: { consumer: Consumer; admin: Admin; group: string },
  withOutputs: Store,
): Store {
  return {
    positions: partitions => committed(admin, group, partitions),
    commit: async (outputs, done, member) => {
      if (outputs.length > 0) return withOutputs.commit(outputs, done, member)
      await consumer.commitOffsets(
        byTopic(done).flatMap(({ topic, partitions }) => partitions.map(each => ({ topic, ...each }))),
      )
    },
    close: withOutputs.close,
  }
}
