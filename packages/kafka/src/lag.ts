import { gauge, type Logger, type Metrics } from 'kafka-restaurants-service'
import type { Admin } from 'kafkajs'

interface LagOptions {
  admin: Admin
  group: string
  inputs: string[]
  metrics: Metrics
  log: Logger
  everyMs: number
  /** Told after each look whether Kafka answered. */
  looked: (answered: boolean) => void
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
        looked(true)
      })
      .catch(err => {
        log.debug({ err }, 'the lag can not be read now')
        looked(false)
      })
  }, everyMs)
  return { stop: () => clearInterval(timer) }
}

/** How many records of each partition a group has not committed yet. */
export async function consumerLag(admin: Admin, groupId: string, topics: string[]) {
  const committed = await admin.fetchOffsets({ groupId, topics })
  const perTopic = await Promise.all(
    topics.map(async topic => {
      const own = committed.find(each => each.topic === topic)?.partitions ?? []
      return (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => {
        const offset = Number(own.find(each => each.partition === partition)?.offset ?? -1)
        return { topic, partition, lag: Math.max(0, Number(high) - Math.max(offset, Number(low))) }
      })
    }),
  )
  return perTopic.flat()
}
