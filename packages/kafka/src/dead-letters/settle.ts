import type { Store, TopicPartition } from '../commit/store.ts'
import { type Cluster, transactionStore } from '../commit/transaction.ts'
import { sizeOf } from '../producer.ts'
import { commitOf, isDone, nextOffset, type OffsetRange, type Progress } from '../progress.ts'
import { later, readTopics, type Stretch } from '../read/read-topics.ts'
import type { InputRecord, OutputRecord } from '../record.ts'

/** What became of some records, by id. */
export interface Settled {
  done: string[]
  refused: { id: string; why: string }[]
}

/** What to write for a record, or why nothing. */
export type Decide = (record: InputRecord) => OutputRecord | { refused: string }

/** A partition in the hands of this process. */
interface Term extends TopicPartition {
  progress: Progress
  wanted: ReadonlySet<bigint>
  /** What is beyond is not looked at, as none of that is wanted or done. */
  end: bigint
  /** Of all records from the first open one on. */
  offsets: bigint[]
  /** Those that are wanted. */
  records: Map<bigint, InputRecord>
}

interface Settling {
  offset: bigint
  output: OutputRecord
}

/** A transaction has no more than these; the bytes fit into a batch of a topic that has Kafka's own settings. */
const mostRecords = 200
const mostBytes = 512 * 1024
/** Kafka's default of `offset.metadata.max.bytes`. */
const mostMetadata = 4_096

/**
 * Deals with some records of a topic for a consumer group that has no members. For some hundred records at a time, one
 * Kafka transaction holds what is written for them, and that they are done. The topic is taken over first, which ends the
 * work of whoever was at it, and only then is read what is open.
 * @param wanted offsets by partition
 */
export async function settleRecords(
  cluster: Cluster,
  { topic, group }: { topic: string; group: string },
  wanted: ReadonlyMap<number, ReadonlySet<bigint>>,
  decide: Decide,
): Promise<Settled> {
  const settled: Settled = { done: [], refused: [] }
  const there = new Set((await cluster.admin.fetchTopicOffsets(topic)).map(({ partition }) => partition))
  for (const [partition, offsets] of wanted)
    if (!there.has(partition)) refuse(settled, { topic, partition }, offsets, noSuchRecord)
  const found = [...wanted].filter(([partition]) => there.has(partition))
  const store = transactionStore(cluster, { group, transactionalId: `${group}-${topic}` })
  try {
    const positions = await store.positions(found.map(([partition]) => ({ topic, partition })))
    const terms = found.map(([partition, offsets], index): Term => {
      const progress = positions[index] ?? { seenTo: 0n, open: [] }
      return { topic, partition, progress, wanted: offsets, end: 0n, offsets: [], records: new Map() }
    })
    await readOpen(cluster, topic, terms)
    for (const term of terms) await settlePartition(store, term, decide, settled)
  } finally {
    await store.close().catch(() => {})
  }
  return settled
}

const noSuchRecord = 'there is no such record'

/** How people write where a record is: `order-3@17`. */
export const recordId = (at: TopicPartition & { offset: bigint | string }) =>
  `${at.topic}-${at.partition}@${at.offset}`

async function readOpen(cluster: Cluster, topic: string, terms: Term[]): Promise<void> {
  const termOf = new Map(terms.map(term => [term.partition, term]))
  const part = ({ partition, to }: Stretch): OffsetRange | undefined => {
    const term = termOf.get(partition)
    if (!term) return undefined
    const wantedTo = [...term.wanted].reduce((last, offset) => (offset < last ? last : offset + 1n), 0n)
    const last = wantedTo < to ? wantedTo : to
    // Whoever had it before may have read beyond what a new leader takes for its end.
    term.end = later(last, term.progress.seenTo)
    return [nextOffset(term.progress), term.end]
  }
  const see = (record: InputRecord) => {
    const offset = BigInt(record.offset)
    const term = termOf.get(record.partition)
    term?.offsets.push(offset)
    if (term?.wanted.has(offset)) term.records.set(offset, record)
  }
  await readTopics(cluster, [topic], see, { part })
}

async function settlePartition(store: Store, term: Term, decide: Decide, settled: Settled): Promise<void> {
  const done = new Set(term.offsets.filter(offset => isDone(term.progress, offset)))
  const settling: Settling[] = []
  for (const offset of [...term.wanted].toSorted(ascending)) {
    const decision = decideOn(offset, term, decide)
    if ('refused' in decision) refuse(settled, term, [offset], decision.refused)
    else settling.push({ offset, output: decision })
  }
  const chunks = chunked(settling).map(chunk => ({ chunk, offsets: chunk.map(({ offset }) => offset) }))
  for (const [index, { chunk, offsets }] of chunks.entries()) {
    const progress = progressOver(term.offsets, term.end, new Set([...done, ...offsets]))
    if (commitOf(progress).metadata.length > mostMetadata) {
      refuse(
        settled,
        term,
        offsets,
        'too many older ones are still open in between: redrive or park those first',
      )
      continue
    }
    try {
      await store.commit(
        chunk.map(({ output }) => output),
        [{ topic: term.topic, partition: term.partition, progress }],
        undefined,
      )
    } catch (error) {
      const rest = chunks.slice(index).flatMap(each => each.offsets)
      return refuse(settled, term, rest, failure(error))
    }
    for (const offset of offsets) {
      done.add(offset)
      settled.done.push(recordId({ ...term, offset }))
    }
  }
}

function decideOn(offset: bigint, { progress, records, end }: Term, decide: Decide): ReturnType<Decide> {
  if (offset < end && isDone(progress, offset)) return { refused: 'it was redriven or parked before' }
  const record = records.get(offset)
  return record ? decide(record) : { refused: noSuchRecord }
}

/**
 * The progress of a group by the offsets of a partition's records. Offsets without one (the control records that end
 * transactions) go with the record before them: each would be a range of its own otherwise.
 */
export function progressOver(offsets: bigint[], end: bigint, done: ReadonlySet<bigint>): Progress {
  const open: OffsetRange[] = []
  let seenTo = offsets[0] ?? end
  for (const [index, offset] of offsets.entries()) {
    const next = offsets[index + 1] ?? end
    const last = open.at(-1)
    if (done.has(offset)) seenTo = next
    else if (last?.[1] === offset) last[1] = next
    else open.push([offset, next])
  }
  return { seenTo, open: open.filter(([from]) => from < seenTo) }
}

function chunked(settling: Settling[]): Settling[][] {
  const chunks: Settling[][] = []
  let bytes = 0
  for (const each of settling) {
    const size = sizeOf(each.output)
    const last = chunks.at(-1)
    if (last && last.length < mostRecords && bytes + size <= mostBytes) {
      last.push(each)
      bytes += size
    } else {
      chunks.push([each])
      bytes = size
    }
  }
  return chunks
}

function refuse(settled: Settled, at: TopicPartition, offsets: Iterable<bigint>, why: string): void {
  for (const offset of offsets) settled.refused.push({ id: recordId({ ...at, offset }), why })
}

const failure = (error: unknown) =>
  `Kafka did not take it (${error instanceof Error ? error.message : error}): somebody else may be at it. List again, and try again`

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : 1)
