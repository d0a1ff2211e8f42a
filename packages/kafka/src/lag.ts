import { gauge, type Logger, type Metrics } from 'kafka-restaurants-service'
import type { Admin } from 'kafkajs'
import { fetchCommitted } from './admin.ts'
import { nameOf, type TopicPartition } from './commit/store.ts'

interface LagOptions {
  admin: Admin
  group: string
  inputs: string[]
  metrics: Metrics
  log: Logger
  everyMs: number
  /** Told after each look what was seen; nothing where Kafka did not answer. */
  looked: (lags: PartitionLag[] | undefined) => void
}

interface PartitionLag extends TopicPartition {
  /** How many records the group has not committed yet. */
  lag: number
  /** What it has committed; -1 where it has nothing. */
  committed: number
  /** The offset of the oldest record. */
  low: string
}

/** Keeps the gauge `kafka_consumer_lag` (records not yet committed by the group, by topic and partition) up to date. */
export function watchLag({ admin, group, inputs, metrics, log, everyMs, looked }: LagOptions): {
  stop: () => void
} {
  const lagOf = gauge(metrics, {
    name: 'kafka_consumer_lag',
    help: 'Records that the group has not committed yet',
    labelNames: ['group', 'topic', 'partition'],
  })
  const timer = setInterval(() => {
    consumerLag(admin, group, inputs)
      .then(lags => {
        for (const { topic, partition, lag } of lags) lagOf.set({ group, topic, partition }, lag)
        looked(lags)
      })
      .catch(err => {
        log.debug({ err }, 'the lag can not be read now')
        looked(undefined)
      })
  }, everyMs)
  return { stop: () => clearInterval(timer) }
}

/**
 * How many records of each partition a group has not committed yet, be they of transactions that are not decided: these, and
 * all behind them, wait as well. What lies in between and is no record, as the marker of a transaction, counts until the
 * group has passed it, which is about a second.
 */
export async function consumerLag(admin: Admin, groupId: string, topics: string[]): Promise<PartitionLag[]> {
  const committed = await fetchCommitted(admin, groupId, topics)
  const perTopic = await Promise.all(
    topics.map(async topic => {
      const own = committed.find(each => each.topic === topic)?.partitions ?? []
      const offsets = await admin.fetchTopicOffsets(topic, { readUncommitted: true })
      return offsets.map(({ partition, low, high }) => {
        const committed = Number(own.find(each => each.partition === partition)?.offset ?? -1)
        const lag = Math.max(0, Number(high) - Math.max(committed, Number(low)))
        return { topic, partition, lag, committed, low }
      })
    }),
  )
  return perTopic.flat()
}

/** Where the partitions of topics end now, by their names. */
export async function endsOf(admin: Admin, topics: string[]): Promise<Map<string, bigint>> {
  const ends = topics.map(async topic =>
    (await admin.fetchTopicOffsets(topic)).map(
      ({ partition, high }) => [nameOf({ topic, partition }), BigInt(high)] as const,
    ),
  )
  return new Map((await Promise.all(ends)).flat())
}
