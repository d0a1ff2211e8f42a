import type { TopicSpec } from 'kafka-restaurants-contracts'
import { retrying } from 'kafka-restaurants-delivery'
import type { Admin } from 'kafkajs'
import { hasCause, type KafkaConnection, kafkaClient } from './client.ts'
import type { TopicPartition } from './commit/store.ts'
import { type Progress, progressOf } from './progress.ts'

/** Runs something with an admin client that is let go of afterwards. */
export async function withAdmin<T>(
  connection: Omit<KafkaConnection, 'clientId'>,
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

/** The cluster's own id: 122 random bits (KIP-78), the same for as long as its data live, that nobody outside is told. */
export const clusterId = (connection: Omit<KafkaConnection, 'clientId'>): Promise<string> =>
  withAdmin(connection, async admin => (await patiently(() => admin.describeCluster())).clusterId)

/**
 * Makes the topics that are not there yet, each with the cluster's default replication.
 * @returns the names of those that it made; existing topics keep their settings
 */
export async function createTopics(
  connection: Omit<KafkaConnection, 'clientId'>,
  specs: TopicSpec[],
): Promise<string[]> {
  const create = async (admin: Admin) => {
    const existing = new Set(await admin.listTopics())
    const missing = specs.filter(({ name }) => !existing.has(name))
    if (missing.length === 0) return []
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map(({ name, partitions, config }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: -1,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    })
    const made = missing.map(({ name }) => name)
    await waitForLeaders(admin, made)
    return made
  }
  return withAdmin(connection, admin => patiently(() => create(admin)))
}

/** For questions that may be asked twice: one broker of several may have gone, and for a while nobody takes its place. */
export const patiently = <T>(ask: () => Promise<T>): Promise<T> =>
  retrying(ask, { until: Date.now() + 15_000, isPassing: error => hasCause(error, isRetriable) })

const isRetriable = (error: Error & { retriable?: unknown }) => error.retriable === true

/** kafkajs's own wait gives up when the broker does not know a new topic at once (UNKNOWN_TOPIC_OR_PARTITION). */
const waitForLeaders = (admin: Admin, topics: string[]): Promise<void> =>
  retrying(
    async () => {
      const { topics: found } = await admin.fetchTopicMetadata({ topics })
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return
      throw new Error(`no leader yet for some partition of ${topics.join(', ')}`)
    },
    { until: Date.now() + 30_000 },
  )

const withoutCoordinator = [
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
]

/** Whether no broker coordinates the group now, which passes: Kafka makes its internal topics, or moves or loads them. */
export const isWithoutCoordinator = (error: unknown): boolean =>
  hasCause(
    error,
    ({ name, type }) =>
      name === 'KafkaJSGroupCoordinatorNotFound' || withoutCoordinator.includes(String(type)),
  )

/**
 * How far a group is with partitions of topics, as soon as it has a coordinator.
 * @returns tells it of each; undefined where the group has committed nothing
 * @throws Error after 10 s without a coordinator
 */
export async function groupProgress(
  admin: Admin,
  groupId: string,
  topics: string[],
): Promise<(at: TopicPartition) => Progress | undefined> {
  const found = await retrying(() => fetchCommitted(admin, groupId, topics), {
    until: Date.now() + 10_000,
    isPassing: isWithoutCoordinator,
  })
  const all = new Map(
    found.map(({ topic, partitions }) => [
      topic,
      new Map(partitions.map(commit => [commit.partition, progressOf(commit)])),
    ]),
  )
  return ({ topic, partition }) => all.get(topic)?.get(partition)
}

/**
 * What a group has committed of topics now.
 * @param requireStable whether to wait until no transaction is open that could change it
 * @throws Error also where it is not known, which is no offset -1
 */
export async function fetchCommitted(
  admin: Admin,
  groupId: string,
  topics: string[],
  { requireStable = false } = {},
) {
  const found = await admin.fetchOffsets({ groupId, topics, requireStable })
  for (const topic of topics) {
    const partitions = found.find(each => each.topic === topic)?.partitions ?? []
    if (partitions.length === 0) throw new Error(`it is not known what ${groupId} has committed of ${topic}`)
  }
  return found
}
