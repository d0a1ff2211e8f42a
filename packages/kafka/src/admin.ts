import type { TopicSpec } from 'kafka-restaurants-contracts'
import type { Logger } from 'kafka-restaurants-service'
import type { Admin } from 'kafkajs'
import { kafkaClient } from './client.ts'

/** Runs something with an admin client that is let go of afterwards. */
export async function withAdmin<T>(
  connection: { brokers: string; log: Logger },
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = kafkaClient({ ...connection, clientId: 'admin' }).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/**
 * Makes the topics that are not there yet, each with the cluster's default replication.
 * @returns the names of those that it made; existing topics keep their settings
 */
export async function createTopics(
  connection: { brokers: string; log: Logger },
  specs: TopicSpec[],
): Promise<string[]> {
  return withAdmin(connection, async admin => {
    const existing = new Set(await admin.listTopics())
    const missing = specs.filter(({ name }) => !existing.has(name))
    if (missing.length === 0) return []
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map(({ name, partitions, config }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: -1,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    })
    return missing.map(({ name }) => name)
  })
}
