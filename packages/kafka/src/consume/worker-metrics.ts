import { counter, gauge, histogram, whenRead } from 'kafka-restaurants-service'
import type { Lane } from './lane.ts'
import type { AnyOptions } from './options.ts'

/** What a worker tells of itself: the same of every one. */
export interface WorkerMetrics {
  /** A record was handled, or not. */
  counted: (outcome: 'handled' | 'dead-letter' | 'failed', topic: string) => void
  /** A commit is done, which had so many records. */
  committed: (records: number) => void
  /** What it does not tell any more. */
  close: () => void
}

/** What is asked of a worker when its metrics are read. */
interface Seen {
  lanes: () => Lane[]
  /** Why a lane's commits wait, if they do. */
  commitOutage: (lane: Lane) => string | undefined
}

/** What a group waits for: what its handlers call, such as the bank, or to commit: Kafka, or a database. */
const awaited = ['handling', 'commit'] as const

export function workerMetrics(
  { group, inputs, metrics }: Pick<AnyOptions, 'group' | 'inputs' | 'metrics'>,
  { lanes, commitOutage }: Seen,
): WorkerMetrics {
  const records = counter(metrics, {
    name: 'kafka_records_total',
    help: 'Records, by what became of them: handled, dead-letter, failed (and tried again)',
    labelNames: ['group', 'topic', 'outcome'],
  })
  const sizes = histogram(metrics, {
    name: 'kafka_transaction_records',
    help: 'Input records in one commit: a Kafka transaction, or one of the database that keeps the offsets',
    labelNames: ['group'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000],
  }).labels({ group })
  const paused = gauge(metrics, {
    name: 'kafka_partitions_paused',
    help: 'Partitions that wait for an outage to end',
    labelNames: ['group'],
  })
  const putOff = gauge(metrics, {
    name: 'kafka_records_put_off',
    help: 'Records that are to be tried again, each by itself',
    labelNames: ['group'],
  })
  const outage = gauge(metrics, {
    name: 'kafka_group_outage',
    help: '1 while records wait for what handling calls to be back (of="handling"), or to be committed (of="commit"); else 0',
    labelNames: ['group', 'of'],
  })
  const oldest = gauge(metrics, {
    name: 'kafka_oldest_waiting_seconds',
    help: 'Seconds since the oldest record was written that this worker has read and not committed; 0 where none waits',
    labelNames: ['group', 'topic'],
  })
  const setOutage = (of: (typeof awaited)[number], isOne: (lane: Lane) => unknown) =>
    outage.set({ group, of }, lanes().some(isOne) ? 1 : 0)
  const ends = [
    whenRead(paused, () =>
      paused.set({ group }, lanes().filter(lane => lane.outage() ?? commitOutage(lane)).length),
    ),
    whenRead(putOff, () =>
      putOff.set(
        { group },
        lanes().reduce((sum, lane) => sum + lane.waiting(), 0),
      ),
    ),
    whenRead(outage, () => {
      setOutage('handling', lane => lane.outage())
      setOutage('commit', commitOutage)
    }),
    whenRead(oldest, () => {
      for (const topic of inputs) oldest.set({ group, topic }, ageOfOldest(lanes(), topic))
    }),
  ]
  return {
    counted: (outcome, topic) => records.inc({ group, topic, outcome }),
    committed: count => {
      if (count > 0) sizes.observe(count)
    },
    close: () => {
      for (const end of ends) end()
      for (const each of [paused, putOff]) each.remove({ group })
      for (const what of awaited) outage.remove({ group, of: what })
      for (const topic of inputs) oldest.remove({ group, topic })
    },
  }
}

/** In seconds. The clock of whoever wrote it may be ahead. */
function ageOfOldest(lanes: Lane[], topic: string): number {
  const written = lanes
    .flatMap(({ parts }) => parts.filter(part => part.topic === topic))
    .flatMap(part => part.oldestWaiting() ?? [])
  return written.length === 0 ? 0 : Math.max(0, Date.now() - Math.min(...written)) / 1_000
}
