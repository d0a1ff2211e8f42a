import type { Pipeline } from 'kafka-restaurants-contracts'
import { Gauge, type Metrics } from 'kafka-restaurants-service'

/** A scrape does not wait longer for Kafka, in ms. */
const longestLookMs = 3_000

type Groups = Pipeline['groups']

/**
 * Members and lag of the groups, looked at when they are asked for: where no worker is left to tell, too. What can't be seen
 * now is not told.
 */
export function clusterMetrics(metrics: Metrics, look: () => Promise<Pipeline>): void {
  let looking: Promise<Groups> | undefined
  /** One look for both, and none beside one that goes on: while Kafka is away they would gather. */
  const groups = () => {
    looking ??= look()
      .then(
        ({ groups }) => groups,
        () => [],
      )
      .finally(() => {
        looking = undefined
      })
    return inTime(looking)
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

/** What was seen, or nothing where that takes too long. */
async function inTime(work: Promise<Groups>): Promise<Groups> {
  const late = Promise.withResolvers<Groups>()
  const timer = setTimeout(() => late.resolve([]), longestLookMs)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
