import { Gauge, type Logger, type Metrics } from 'kafka-restaurants-service'
import type { Admin } from 'kafkajs'

const everyMs = 5_000

interface LagOptions {
  admin: Admin
  group: string
  inputs: string[]
  metrics: Metrics
  log: Logger
}

/** Keeps the gauge `kafka_consumer_lag` (records not yet committed by the group, by topic and partition) up to date. */
export function watchLag({ admin, group, inputs, metrics, log }: LagOptions): { stop: () => void } {
  const gauge = new Gauge({
    name: 'kafka_consumer_lag',
    help: 'Records that the group has not committed yet',
    labelNames: ['topic', 'partition'],
    registers: [metrics],
  })
  const timer = setInterval(() => {
    consumerLag(admin, group, inputs)
      .then(lags => {
        for (const { topic, partition, lag } of lags) gauge.set({ topic, partition }, lag)
      })
      .catch(err => log.debug({ err }, 'the lag can not be read now'))
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
