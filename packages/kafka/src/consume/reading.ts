import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'kafka-restaurants-service'
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs'
import type { Committer } from '../commit/committer.ts'
import type { TopicPartition } from '../commit/store.ts'
import { inputRecord } from '../record.ts'
import type { Lane } from './lane.ts'
import type { createLanes } from './lanes.ts'
import { within } from './within.ts'

/** What is read next is asked for so long after what was read last, in ms: a record that comes alone does not wait. */
const usualRestMs = 30
/** It gathers for as long as a commit takes where that is longer, as Kafka is busy then; but no longer than this, in ms. */
const longestRestMs = 150
/** How often the group hears of a consumer, in ms. */
export const heartbeatMs = 1_000

/** From where a consumer fetches, and whether it does. */
export interface Position {
  seek: (at: TopicPartition, offset: bigint) => void
  /** All of a lane: what is read of one part has room in it no more than what is read of another. */
  pause: (lane: Lane) => void
  resume: (at: TopicPartition) => void
  /** Of a topic that was made anew. */
  readFromBeginning: (at: TopicPartition) => Promise<void>
}

export function positionOf({
  consumer,
  admin,
  log,
}: {
  consumer: Consumer
  admin: Admin
  log: Logger
}): Position {
  const partitionOf = ({ topic, partition }: TopicPartition) => [{ topic, partitions: [partition] }]
  return {
    seek: ({ topic, partition }, offset) => consumer.seek({ topic, partition, offset: String(offset) }),
    pause: ({ parts }) => void consumer.pause(parts.flatMap(partitionOf)),
    /** kafkajs knows no partitions while it starts anew; it pauses none then. */
    resume: at => {
      try {
        consumer.resume(partitionOf(at))
      } catch (err) {
        log.debug({ err }, 'nothing to resume')
      }
    },
    readFromBeginning: async ({ topic, partition }) => {
      try {
        const offsets = await admin.fetchTopicOffsets(topic)
        const low = offsets.find(each => each.partition === partition)?.low ?? '0'
        consumer.seek({ topic, partition, offset: low })
      } catch (err) {
        // kafkajs starts the consumer anew, or joins again: it begins with what is not committed then.
        log.debug({ err }, 'no seek now')
      }
    },
  }
}

/** Hands what was fetched to its lane. */
export const batchHandler =
  ({
    lanes,
    committer,
    position: { seek, pause },
    restMs = usualRestMs,
    stopping,
  }: {
    lanes: ReturnType<typeof createLanes>
    committer: Committer
    position: Position
    restMs?: number | undefined
    stopping: AbortSignal
  }) =>
  async ({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> => {
    const part = lanes.get(batch)
    if (!part) return
    const { lane } = part
    const isOurs = () => isRunning() && lanes.get(batch)?.lane === lane
    // That may take long, and kafkajs fetches nothing else meanwhile from the same broker.
    if (!lane.isRestored()) return pause(lane)
    while (isOurs() && !lane.hasBegun()) {
      await within(heartbeatMs, lane.whenBegun()).catch(() => {})
      await heartbeat()
    }
    // It would be fetched again at once.
    if (stopping.aborted) return pause(lane)
    if (!isOurs() || isStale()) return
    const records = batch.messages.map(message => inputRecord(batch.topic, batch.partition, message))
    const from = BigInt(String(fetchedFrom(batch)))
    const end = BigInt(batch.lastOffset()) + 1n
    const taken = part.take(records, from, end)
    if (taken === 'before') {
      void lane.pause()
      return committer.lookAgain()
    }
    // Kafka may know less of it than we do: of a group that has not committed yet, or whose commits are elsewhere.
    if (taken === 'behind') return seek(part, part.toRead() ?? from)
    resolveOffset(batch.lastOffset())
    // Kafka has one offset of it: where a record waits, all that was done behind that would be read again.
    const skipTo = part.skipTo(end)
    if (skipTo !== undefined) seek(part, skipTo)
    if (lane.isFull()) pause(lane)
    // Each fetch costs as much as many records: where all has been read, what comes next gathers for a moment.
    if (BigInt(batch.highWatermark) <= end)
      await wait(Math.max(restMs, Math.min(committer.lastedMs(), longestRestMs)))
  }

/** kafkajs knows from where it fetched, though its types don't: what lies between that and the first record is none. */
const fetchedFrom = (batch: EachBatchPayload['batch'] & { fetchedOffset?: string }) =>
  batch.fetchedOffset ?? batch.firstOffset() ?? 0
