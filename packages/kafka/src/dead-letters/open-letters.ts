import type { Admin } from 'kafkajs'
import { groupProgress } from '../admin.ts'
import type { TopicPartition } from '../commit/store.ts'
import type { Cluster } from '../commit/transaction.ts'
import { isDone, nextOffset, type Progress } from '../progress.ts'
import { later, readTopics } from '../read/read-topics.ts'
import type { InputRecord } from '../record.ts'

interface OpenOptions<Letter> {
  /** So many are kept at most; the rest is counted by its offsets, and read when there is room again. */
  most: number
  /** What is kept of a record: little, as there may be very many. */
  keep: (record: InputRecord) => Letter
  /** How often Kafka was asked for records, for tests. */
  onRead?: () => void
}

/** What is open, brought up to date by reading what is new alone. */
export interface OpenLetters<Letter> {
  /** By topic, partition and offset. */
  all: () => Letter[]
  /** By the topic that they are in: how many are known, and how many offsets nobody has read here yet. */
  counts: () => { topic: string; known: number; unread: number }[]
  /** @throws KafkaJSError; what was known stays */
  update: (cluster: Cluster, at: { group: string; topics: string[] }) => Promise<void>
}

interface Part<Letter> extends TopicPartition {
  /** All below was read. */
  readTo: bigint
  unread: bigint
  letters: Map<bigint, Letter>
}

const nothing: Progress = { seenTo: 0n, open: [] }
const nameOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`

export function openLetters<Letter>({ most, keep, onRead }: OpenOptions<Letter>): OpenLetters<Letter> {
  let parts = new Map<string, Part<Letter>>()

  const update: OpenLetters<Letter>['update'] = async (cluster, { group, topics }) => {
    const progress = topics.length > 0 ? await groupProgress(cluster.admin, group, topics) : () => undefined
    const ends = await Promise.all(topics.map(topic => endsOf(cluster.admin, topic)))
    const now = new Map<string, Part<Letter>>()
    for (const { low, high, ...at } of ends.flat()) {
      const before = parts.get(nameOf(at))
      // A topic that was made anew begins anew.
      const part =
        before && before.readTo <= high ? before : { ...at, readTo: 0n, unread: 0n, letters: new Map() }
      const done = progress(at) ?? nothing
      for (const offset of part.letters.keys())
        if (offset < low || isDone(done, offset)) part.letters.delete(offset)
      part.readTo = later(part.readTo, later(low, nextOffset(done)))
      part.unread = high > part.readTo ? high - part.readTo : 0n
      now.set(nameOf(at), part)
    }
    parts = now
    await readOn(cluster, progress)
  }

  async function readOn(cluster: Cluster, done: (at: TopicPartition) => Progress | undefined): Promise<void> {
    let room = most - sum([...parts.values()].map(({ letters }) => letters.size))
    const reading = new Map<Part<Letter>, bigint>()
    for (const part of parts.values()) {
      const count = Math.min(room, Number(part.unread))
      if (count <= 0) continue
      room -= count
      reading.set(part, part.readTo + BigInt(count))
    }
    if (reading.size === 0) return
    onRead?.()
    const topics = [...new Set([...reading.keys()].map(({ topic }) => topic))]
    const see = (record: InputRecord) =>
      void parts.get(nameOf(record))?.letters.set(BigInt(record.offset), keep(record))
    await readTopics(cluster, topics, see, {
      done,
      part: at => {
        const part = parts.get(nameOf(at))
        const to = part && reading.get(part)
        return to === undefined ? undefined : [part?.readTo ?? 0n, to]
      },
    })
    for (const [part, to] of reading) {
      part.unread -= to - part.readTo
      part.readTo = to
    }
  }

  return {
    all: () =>
      [...parts.values()].flatMap(({ letters }) =>
        [...letters].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, letter]) => letter),
      ),
    counts: () =>
      [...Map.groupBy(parts.values(), ({ topic }) => topic)].map(([topic, own]) => ({
        topic,
        known: sum(own.map(({ letters }) => letters.size)),
        unread: sum(own.map(({ unread }) => Number(unread))),
      })),
    update,
  }
}

async function endsOf(admin: Admin, topic: string) {
  // What kafkajs calls `high` is the last stable offset: its admin asks with isolation level "read committed".
  const found = await admin.fetchTopicOffsets(topic)
  return found
    .map(({ partition, low, high }) => ({ topic, partition, low: BigInt(low), high: BigInt(high) }))
    .toSorted((a, b) => a.partition - b.partition)
}

const sum = (numbers: number[]) => numbers.reduce((all, each) => all + each, 0)
