import { retrying } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import type { Admin, ITopicMetadata } from 'kafkajs'
import { patiently } from './admin.ts'
import { kafkaClient } from './client.ts'

/** What tests and chaos ask of a cluster of several brokers, and do to it, while some of them are away. */
export interface ClusterAdmin {
  /** Resolves when so many brokers are there, and every partition, Kafka's own too, has all its replicas in sync. */
  inSync: (brokers: number) => Promise<void>
  /** Resolves when other brokers lead all that this one led. */
  leadsNothing: (nodeId: number) => Promise<void>
  /** Gives each partition of a topic another leader: takes its replica away from the one that it has, and gives it back. */
  moveLeaders: (topic: string) => Promise<void>
  /** The broker that leads a partition; -1 where none does. */
  leaderOf: (topic: string, partition: number) => Promise<number>
  close: () => Promise<void>
}

const deadlineMs = 90_000

/** @throws Error from each of its functions, when what it waits for does not come about within 90 s */
export async function clusterAdmin(brokers: string, log: Logger): Promise<ClusterAdmin> {
  const admin = kafkaClient({ brokers, clientId: 'cluster-admin', log }).admin()
  const until = Date.now() + deadlineMs
  await retrying(() => admin.connect(), { until })
  return {
    inSync: count =>
      eventually(`${count} brokers with all replicas in sync`, async () => {
        const { brokers } = await admin.describeCluster()
        return brokers.length === count && (await allOf(admin)).every(isInSync)
      }),
    leadsNothing: nodeId =>
      eventually(`nothing led by broker ${nodeId}`, async () =>
        (await allOf(admin)).every(({ leader }) => leader !== nodeId),
      ),
    moveLeaders: async topic => {
      await reassign(admin, topic, ({ replicas, leader }) => replicas.filter(each => each !== leader))
      const { brokers } = await patiently(() => admin.describeCluster())
      const all = brokers.map(({ nodeId }) => nodeId)
      await reassign(admin, topic, ({ replicas }) => [...new Set([...replicas, ...all])])
    },
    leaderOf: async (topic, partition) => {
      const found = await partitionsOf(admin, [topic])
      return found.find(({ partitionId }) => partitionId === partition)?.leader ?? -1
    },
    close: () => admin.disconnect(),
  }
}

type Partition = ITopicMetadata['partitions'][number]

const isInSync = ({ isr, replicas, leader }: Partition) => leader >= 0 && isr.length === replicas.length

/** Kafka's own topics, too. */
const allOf = (admin: Admin) => partitionsOf(admin, [])

const partitionsOf = async (admin: Admin, topics: string[]): Promise<Partition[]> => {
  const found = await patiently(() => admin.fetchTopicMetadata({ topics }))
  return found.topics.flatMap(({ partitions }) => partitions)
}

async function reassign(admin: Admin, topic: string, replicasOf: (partition: Partition) => number[]) {
  const assignment = (await partitionsOf(admin, [topic])).map(partition => ({
    partition: partition.partitionId,
    replicas: replicasOf(partition),
  }))
  await retrying(
    () => admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: assignment }] }),
    { until: Date.now() + deadlineMs },
  )
  await eventually(`${topic} reassigned`, async () => {
    const now = await partitionsOf(admin, [topic])
    return assignment.every(({ partition, replicas }) => {
      const at = now.find(({ partitionId }) => partitionId === partition)
      return at?.isr.length === replicas.length && replicas.includes(at.leader)
    })
  })
}

/** Asks again, also after an error: whoever was asked may be away. */
const eventually = (what: string, condition: () => Promise<boolean>): Promise<void> =>
  retrying(
    async () => {
      if (!(await condition())) throw new Error(`not yet: ${what}`)
    },
    { until: Date.now() + deadlineMs, longestMs: 500 },
  )
