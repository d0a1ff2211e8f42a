import { queueTopicSpecs } from 'kafka-restaurants-contracts'
import { createTopics, type KafkaConnection, withAdmin } from 'kafka-restaurants-kafka'

/** Makes the topics of the queue that are missing, with as many partitions as those that are there. */
export async function makeOwnTopics(
  kafka: KafkaConnection,
  names: Parameters<typeof queueTopicSpecs>[0],
): Promise<void> {
  const partitions = await withAdmin(kafka, async admin => {
    const there = new Set(await admin.listTopics())
    const [first] = Object.values(names).filter(name => there.has(name))
    if (first === undefined) return undefined
    const { topics } = await admin.fetchTopicMetadata({ topics: [first] })
    return topics[0]?.partitions.length
  })
  await createTopics(kafka, queueTopicSpecs(names, partitions))
}
