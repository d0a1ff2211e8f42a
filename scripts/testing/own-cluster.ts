import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { withAdmin } from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'
import { type BrokerCluster, startCluster } from '../kafka/cluster.ts'
import { cacheDir } from '../paths.ts'
import { startGuardian } from '../platform/guardian.ts'
import { waitUntil } from '../wait-until.ts'

const { log } = createContext('test', 'silent')
const deadlineMs = 90_000

/** Three brokers for the tests of one file, gone when it has ended. Topics have three replicas. */
export async function ownCluster(): Promise<TestCluster> {
  mkdirSync(cacheDir, { recursive: true })
  const dataDir = mkdtempSync(join(cacheDir, 'test-cluster-'))
  const guardian = startGuardian(join(dataDir, 'processes.txt'))
  const cluster = await startCluster({ dataDir, count: 3, watch: guardian.watch })
  const remove = async () => {
    await cluster.kill()
    guardian.dismiss()
    rmSync(dataDir, { recursive: true, force: true })
  }
  const connection = { brokers: cluster.bootstrap, log }
  await waitUntil('three brokers', deadlineMs, () =>
    withAdmin(connection, admin => admin.describeCluster()).then(
      ({ brokers }) => brokers.length === 3,
      () => false,
    ),
  )
  return { ...cluster, ...movable(connection), remove }
}

export type TestCluster = BrokerCluster & ReturnType<typeof movable> & { remove: () => Promise<void> }

function movable(connection: { brokers: string; log: typeof log }) {
  const partitionsOf = async (topics: string[]) =>
    withAdmin(connection, async admin => (await admin.fetchTopicMetadata({ topics })).topics)

  /** Resolves when every partition of every topic, Kafka's own too, has all its replicas in sync. */
  const inSync = () =>
    waitUntil('all replicas in sync', deadlineMs, () =>
      partitionsOf([]).then(
        topics =>
          topics.every(({ partitions }) =>
            partitions.every(({ isr, replicas, leader }) => leader >= 0 && isr.length === replicas.length),
          ),
        () => false,
      ),
    )

  const reassign = async (topic: string, replicasOf: (replicas: number[], leader: number) => number[]) => {
    const [found] = await partitionsOf([topic])
    const assignment = (found?.partitions ?? []).map(({ partitionId, replicas, leader }) => ({
      partition: partitionId,
      replicas: replicasOf(replicas, leader),
    }))
    await withAdmin(connection, admin =>
      admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: assignment }] }),
    )
    const done = async () => {
      const [now] = await partitionsOf([topic]).catch(() => [])
      return assignment.every(({ partition, replicas }) => {
        const at = now?.partitions.find(({ partitionId }) => partitionId === partition)
        return at?.isr.length === replicas.length && replicas.includes(at.leader)
      })
    }
    await waitUntil(`${topic} reassigned`, deadlineMs, done)
  }

  return {
    inSync,
    /** Resolves when other brokers lead all that this one led. */
    leadsNothing: async ({ nodeId }: { nodeId: number }) => {
      await waitUntil(`no leader on broker ${nodeId}`, deadlineMs, () =>
        partitionsOf([]).then(
          topics => topics.every(({ partitions }) => partitions.every(({ leader }) => leader !== nodeId)),
          () => false,
        ),
      )
    },
    /** Gives each partition of a topic another leader, by taking its replica away from the one that it has, and back. */
    moveLeaders: async (topic: string) => {
      await reassign(topic, (replicas, leader) => replicas.filter(replica => replica !== leader))
      await reassign(topic, replicas => [...replicas, ...[1, 2, 3].filter(each => !replicas.includes(each))])
    },
    /** The broker that leads a partition. */
    leaderOf: async (topic: string, partition: number) => {
      const [found] = await partitionsOf([topic])
      return found?.partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? -1
    },
  }
}
