import { consumerLag, type KafkaConnection, kafkaClient } from 'kafka-restaurants-kafka'
import type { ReadingGroup } from '../groups.ts'
import type { Look } from '../pipeline.ts'

/** Looks at topics and groups, and changes nothing. */
export interface ClusterEyes {
  /** @throws KafkaJSError while Kafka is away */
  look: () => Promise<Look>
  close: () => Promise<void>
}

/** Keeps one connection, which begins with the first look. */
export function clusterEyes(connection: KafkaConnection, groups: ReadingGroup[]): ClusterEyes {
  const admin = kafkaClient(connection).admin()
  const topics = [...new Set(groups.flatMap(({ reads }) => reads))]
  const connected = connectedOnce(() => admin.connect())
  return {
    look: async () => {
      await connected()
      const [ends, lags, { groups: described }] = await Promise.all([
        Promise.all(topics.map(async topic => [topic, await endOf(topic)] as const)),
        Promise.all(groups.map(({ group, reads }) => consumerLag(admin, group, reads))),
        admin.describeGroups(groups.map(({ group }) => group)),
      ])
      return {
        at: performance.now(),
        ends: Object.fromEntries(ends),
        groups: groups.map(({ group, reads }, index) => ({
          name: group,
          members: described.find(({ groupId }) => groupId === group)?.members.length ?? 0,
          lag: reads.map(topic => ({
            topic,
            records: sum((lags[index] ?? []).filter(each => each.topic === topic).map(({ lag }) => lag)),
          })),
        })),
      }
    },
    close: () => admin.disconnect(),
  }

  async function endOf(topic: string) {
    return sum((await admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high)))
  }
}

const sum = (numbers: number[]) => numbers.reduce((all, each) => all + each, 0)

/** Connects with the first call that succeeds. */
function connectedOnce(connect: () => Promise<void>): () => Promise<void> {
  let connecting: Promise<void> | undefined
  return () => {
    connecting ??= connect().catch(error => {
      connecting = undefined
      throw error
    })
    return connecting
  }
}
