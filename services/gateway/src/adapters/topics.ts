import { createTopics, type KafkaConnection, withAdmin } from 'kafka-restaurants-kafka'

/**
 * Sees to it that there are the topics that the gateway needs.
 * @param calls the gateway's own, which is made where it is missing, to keep its records so long; in ms
 * @param make whether others are made, too, with the settings of the cluster
 * @throws Error that names those that are missing
 */
export async function needTopics(
  kafka: KafkaConnection,
  { topics, make, calls }: { topics: string[]; make: boolean; calls: { name: string; retainMs: number } },
): Promise<void> {
  const own = {
    name: calls.name,
    partitions: 3,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(calls.retainMs + 2 * 3_600_000),
    },
  }
  const others = make ? topics.map(name => ({ name, partitions: -1, config: {} })) : []
  await createTopics(kafka, [own, ...others])
  const there = new Set(await withAdmin(kafka, admin => admin.listTopics()))
  const missing = topics.filter(name => !there.has(name))
  if (missing.length > 0)
    throw new Error(`there is no topic ${missing.join(', ')}: make it, or set createTopics: true`)
}
