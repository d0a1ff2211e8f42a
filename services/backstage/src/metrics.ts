import type { Pipeline } from 'kafka-restaurants-contracts'
import { Gauge, type Metrics } from 'kafka-restaurants-service'

/** A scrape does not wait longer for Kafka, in ms. */
const longestLookMs = 3_000

/**
 * Members and lag of the groups, looked at when they are asked for: where no worker is left to tell, too. What can't be seen
 * now is not told.
 */
export function clusterMetrics(metrics: Metrics, look: () => Promise<Pipeline>): void {
  let looking: Promise<Pipeline['groups']> | undefined
  /** One look for both. */
  const groups = () => {
    looking ??= inTime(look())
      .then(
        ({ groups }) => groups,
        () => [],
      )
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  const registers = [metrics]
  new Gauge({
    name: 'kafka_group_members',
    help: 'Members of a consumer group of the platform, as Kafka sees them; without any while Kafka does not answer',
    labelNames: ['group'],
    registers,
    async collect() {
      const seen = await groups()
      this.reset()
      for (const { name: group, members } of seen) this.set({ group }, members)
    },
  })
  new Gauge({
    name: 'kafka_group_lag',
    help: 'Records of a topic that a consumer group of the platform has not committed, as Kafka sees them; without any while Kafka does not answer',
    labelNames: ['group', 'topic'],
    registers,
    async collect() {
      const seen = await groups()
      this.reset()
      for (const { name: group, lag } of seen)
        for (const { topic, records } of lag) this.set({ group, topic }, records)
    },
  })
}

async function inTime<Found>(work: Promise<Found>): Promise<Found> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('Kafka does not answer in time')), longestLookMs)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
