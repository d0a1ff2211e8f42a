import { backoffMs, OutageError, PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { cutLetter, deadLetter, isDeadLetter } from './dead-letter.ts'
import { type Handled, handleInKeyOrder } from './in-key-order.ts'
import { RecordTooLargeError } from './producer.ts'
import { afterwards, isDone, nextOffset, offsetsIn, type Progress, rangesOf, withDone } from './progress.ts'
import { causalHeaders, type InputRecord, type OutputRecord } from './record.ts'
import type { CommitOffsets, Sink } from './sink.ts'

/**
 * What to do with a record: its outputs, or an error. An `UnreadableRecordError` makes it a dead letter; a `PutOffError`
 * has this record tried again and no other wait for it; anything else may be an outage.
 * @param attempt which try of this record this is, from 1; those in an outage are not counted
 * @param release to be called when all that `concurrency` limits is over, though the record is not done: another one may
 *   begin then, but none of its key. In an outage, and where one is in hand at once, none does.
 */
export type Handle = (record: InputRecord, attempt: number, release: () => void) => Promise<OutputRecord[]>

/** One partition on its way: what of it is done, and what is to be tried again. Lives as long as its worker. */
export interface Lane {
  /** Begins a new term: takes the partition over from whoever had it last. Records wait until that is done. */
  takeOver: () => Promise<void>
  /** Handles a chunk of records, and commits what is done of it. */
  advance: (chunk: Chunk) => Promise<Advance>
  /** Whether the group had a commit for the partition when that was last known. */
  wasCommitted: () => boolean
  /** Where to read on to meet all that is open; undefined before anything was seen. */
  next: () => bigint | undefined
  /**
   * Which commit or, without one, which take-over it waits for, under way or refused when it was tried last: the same for
   * as long as none succeeds. Undefined where it waits for none.
   */
  waitsFor: () => string | undefined
  /** How many records are to be tried again one by one. */
  waiting: () => number
  /** Commits what was handled, but could not be committed before: nobody must handle it again. */
  settle: () => Promise<void>
  /** Forgets what is open below the partition's oldest record: it is gone. */
  dropExpired: () => Promise<void>
  /** Ends the term. */
  release: () => Promise<void>
  /** Ends the term, as the partition is another's now, and forgets what could not be committed. */
  abandon: () => Promise<void>
}

interface Chunk {
  records: InputRecord[]
  /** The offset that the chunk was read from. Between it and `end` there are no other records. */
  from: bigint
  /** The offset behind the chunk: past its last record, and past the control records that follow. */
  end: bigint
  commitOffsets: CommitOffsets
  /** Whether to begin nothing new: the worker stops, or the group rebalances. */
  isOver: () => boolean
}

export interface Advance {
  /** Why it makes no sense to go on with this partition now: an outage, or too much that waits. */
  stopped?: unknown
  /** When the first record that was passed is to be tried again, in ms since the epoch. */
  retryAt?: number
}

export interface LaneOptions {
  group: string
  handle: Handle
  concurrency: number
  deadLetterTopic?: string | undefined
  maskCards?: boolean | undefined
  keyOf: (record: InputRecord) => string | undefined
  log: Logger
  onOutcome: (outcome: 'handled' | 'dead-letter' | 'failed') => void
}

interface Failed {
  /** The tries that count, for who gives up after so many. */
  attempts: number
  failures: number
  dueAt: number
  key: string | undefined
}

/** How much may wait in a partition until it goes no further: the commit's metadata is limited (4096 bytes by default). */
const mostOpen = 150n
const furthestAhead = 10_000n
const longestWaitMs = 60_000
/** A single record that fails must not look like an outage, even where one is in hand at once. */
const fewestFailures = 3

export function createLane(openSink: () => Sink, options: LaneOptions): Lane {
  const { concurrency, keyOf, log } = options
  const mostFailures = Math.max(concurrency, fewestFailures)
  let term: Promise<Sink> | undefined
  let progress: Progress | undefined
  let firstSeen: Progress | undefined
  /** The progress with all records open that were met since the last commit. */
  let unsettled: Progress | undefined
  /** Whether the group had a commit for the partition when that was last known: a topic takes its own with it. */
  let wasCommitted = false
  let commits = 0
  let terms = 0
  const waits = { term: false, commit: false }
  let wasStopped = false
  let wasBefore = false
  /** Handled but not committed: a commit that fails must not have them handled again. */
  const handled = new Map<bigint, { reference: string; outputs: OutputRecord[] }>()
  const failed = new Map<bigint, Failed>()
  const failedSinceSuccess = new Set<string>()

  const beginTerm = async (last: Promise<Sink> | undefined) => {
    await last?.then(sink => sink.close()).catch(() => {})
    const sink = openSink()
    try {
      const committed = await committedNow(sink)
      if (committed || wasCommitted) {
        progress = committed
        firstSeen = undefined
      }
      if (!committed && wasCommitted) failed.clear() // the topic is another one, by the same name
      wasCommitted = committed !== undefined
      for (const [offset, attempts] of committed?.tries ?? []) {
        if (!failed.has(offset))
          failed.set(offset, { attempts, failures: attempts, dueAt: 0, key: undefined })
      }
      forgetDone()
      return sink
    } catch (error) {
      await sink.close().catch(() => {})
      throw error
    }
  }
  /** What is read while a commit of the last term comes through may not have that in it. */
  const committedNow = async (sink: Sink) => {
    for (;;) {
      const before = commits
      const committed = await sink.takeOver()
      if (commits === before) return committed
    }
  }
  const takeOver = (): Promise<Sink> => {
    const begun = beginTerm(term)
    waits.term = true
    begun.then(
      () => {
        waits.term = false
        terms += 1
      },
      () => {
        if (term === begun) term = undefined
      },
    )
    term = begun
    return begun
  }
  const release = async () => {
    const last = term
    term = undefined
    await last?.then(sink => sink.close()).catch(() => {})
  }

  const forgetDone = () => {
    const offsets = [...handled.keys(), ...failed.keys()]
    for (const offset of offsets.filter(each => progress && isDone(progress, each))) {
      handled.delete(offset)
      failed.delete(offset)
    }
  }

  const handleOnce = async (record: InputRecord, release: () => void): Promise<OutputRecord[]> => {
    const offset = BigInt(record.offset)
    const known = handled.get(offset)
    if (known?.reference === record.reference) return known.outputs
    const attempt = (failed.get(offset)?.attempts ?? 0) + 1
    const outputs = await handleOrSetAside(record, { attempt, release }, options)
    handled.set(offset, { reference: record.reference, outputs })
    return outputs
  }

  /** The keys of records in earlier chunks that are still to be tried again: the rest of them waits. */
  const keysHeld = (before: bigint) =>
    new Set<string | undefined>(
      [...failed].flatMap(([offset, { key }]) => (offset < before && key !== undefined ? [key] : [])),
    )

  /** Takes note of what failed. Where nothing succeeds, a failure that is news, or of several records, is an outage. */
  const takeStock = (records: InputRecord[], results: Handled[]): unknown => {
    const failures = results.flatMap((result, index) => {
      const record = records[index]
      return result.state === 'failed' && record ? [{ record, error: result.error }] : []
    })
    const unexplained = failures.filter(({ error }) => !(error instanceof PutOffError))
    const news = unexplained.filter(({ record }) => !failed.has(BigInt(record.offset)))
    if (results.some(({ state }) => state === 'done')) failedSinceSuccess.clear()
    else for (const { record } of unexplained) failedSinceSuccess.add(record.offset)
    const nothingWorks = failedSinceSuccess.size > 0 && (news.length > 0 || failedSinceSuccess.size > 1)
    if (nothingWorks || unexplained.length >= mostFailures) return unexplained[0]?.error
    for (const { record, error } of failures) {
      const last = failed.get(BigInt(record.offset)) ?? { attempts: 0, failures: 0 }
      const failures = last.failures + 1
      // Who knows of an outage does not count it, though others pass.
      const attempts = last.attempts + (error instanceof OutageError ? 0 : 1)
      const ownMs = backoffMs(failures, { longestMs: longestWaitMs })
      const putOffMs = error instanceof PutOffError ? error.waitMs : undefined
      const waitMs = putOffMs ?? Math.max(ownMs, error instanceof OutageError ? error.waitMs : 0)
      const dueAt = Date.now() + waitMs
      failed.set(BigInt(record.offset), { attempts, failures, dueAt, key: keyOf(record) })
      log.warn({ record: record.reference, failures, waitMs, err: error }, 'record waits, and is tried again')
    }
    return undefined
  }

  /**
   * A record whose output its topic does not take is not handled again, and is a dead letter when it is met next; a dead
   * letter that is not taken is a shorter one then.
   */
  const setAsideCauses = (outputs: OutputRecord[], todo: InputRecord[], results: Handled[]) => {
    const refused = new Set(outputs)
    results.forEach((result, index) => {
      const record = todo[index]
      const output = result.state === 'done' && result.outputs.find(each => refused.has(each))
      if (!record || !output) return
      const letter = isDeadLetter(output) ? cutLetter(output) : setAsideFor(record, output.topic)
      if (letter) handled.set(BigInt(record.offset), { reference: record.reference, outputs: [letter] })
    })
  }
  const setAsideFor = (record: InputRecord, topic: string) => {
    const error = new UnreadableRecordError(`its result is larger than topic ${topic} takes`)
    const attempt = (failed.get(BigInt(record.offset))?.attempts ?? 0) + 1
    return setAside(record, error, attempt, options)
  }

  /** Who reads before what is done may have another topic before him, by the same name: that has no commits yet. */
  const lookAgain = async (from: bigint) => {
    const isBefore = progress !== undefined && from < nextOffset(progress)
    if (isBefore && !wasBefore) await takeOver()
    wasBefore = isBefore
    if (!isBefore || wasCommitted) return
    progress = undefined
    firstSeen = undefined
    failed.clear()
  }

  const advance = async ({ records, from, end, commitOffsets, isOver }: Chunk): Promise<Advance> => {
    await lookAgain(from)
    const sink = await (term ?? takeOver())
    const first = BigInt(records[0]?.offset ?? from)
    firstSeen ??= { seenTo: first, open: [] }
    const before = progress ?? firstSeen
    const todo = records.filter(({ offset }) => !isDone(before, BigInt(offset)))
    const met = { from, end, records: records.map(offsetOf), todo: todo.map(offsetOf) }
    unsettled = afterwards(before, met, new Set())
    const now = Date.now()
    const held = keysHeld(first)
    // In an outage, no more are begun than may be in vain; one at once is in the order of the offsets.
    const keepsPlace = wasStopped || concurrency === 1
    const results = await handleInKeyOrder(todo, {
      concurrency,
      mostFailures,
      keyOf,
      isDue: record =>
        !isOver() && !held.has(keyOf(record)) && (failed.get(BigInt(record.offset))?.dueAt ?? 0) <= now,
      handle: (record, release) => handleOnce(record, keepsPlace ? () => {} : release),
    })
    const trouble = takeStock(todo, results)
    const done = new Set(met.todo.filter((_, index) => results[index]?.state === 'done'))
    const after = { ...afterwards(before, met, done), tries: triesLeft(failed, done) }
    const outputs = results.flatMap(result => (result.state === 'done' ? result.outputs : []))
    // Where there are no records, the group would lag behind for ever if that were not committed, too.
    const isNews = results.some(
      ({ state }) => state === 'done' || (state === 'failed' && trouble === undefined),
    )
    if (isNews || records.length === 0) {
      waits.commit = true
      try {
        await sink.commit(outputs, after, commitOffsets)
      } catch (error) {
        // The sink may be fenced, or its transaction undecided: the next term begins by taking over.
        await release()
        if (error instanceof RecordTooLargeError) setAsideCauses(error.records, todo, results)
        throw error
      }
      waits.commit = false
      wasCommitted = true
      commits += 1
      unsettled = undefined
    }
    progress = after
    forgetDone()
    const stopped = trouble ?? tooMuchWaits(after)
    wasStopped = stopped !== undefined
    return { stopped, retryAt: earliest(failed, end) }
  }

  const settle = async () => {
    const met = unsettled
    if (handled.size === 0 || !met) return
    const sink = await takeOver()
    if (handled.size === 0) return
    const offsets = [...handled.keys()].sort((a, b) => (a < b ? -1 : 1))
    const outputs = offsets.flatMap(offset => handled.get(offset)?.outputs ?? [])
    await sink.commit(outputs, withDone(progress, met, offsets))
    handled.clear()
    unsettled = undefined
  }

  const dropExpired = async () => {
    const sink = await term
    if (!sink || !progress || progress.open.length === 0) return
    const low = await sink.lowest()
    progress = { ...progress, open: rangesOf(offsetsIn(progress.open).filter(offset => offset >= low)) }
    for (const offset of failed.keys()) if (offset < low) failed.delete(offset)
  }

  return {
    takeOver: async () => {
      await takeOver()
    },
    advance,
    settle,
    dropExpired,
    wasCommitted: () => wasCommitted,
    next: () => progress && nextOffset(progress),
    waitsFor: () => {
      if (waits.commit) return `commit ${commits}`
      return waits.term ? `term ${terms}` : undefined
    },
    waiting: () => failed.size,
    release,
    abandon: async () => {
      handled.clear()
      failed.clear()
      unsettled = undefined
      waits.term = waits.commit = false
      await release()
    },
  }
}

/** What every handler needs and none should repeat: dead letters, causal headers, counting. */
async function handleOrSetAside(
  record: InputRecord,
  { attempt, release }: { attempt: number; release: () => void },
  options: LaneOptions,
): Promise<OutputRecord[]> {
  try {
    if (record.undecodable) throw new UnreadableRecordError(record.undecodable.reason)
    const outputs = await options.handle(record, attempt, release)
    options.onOutcome('handled')
    const cause = causalHeaders(record.headers)
    return outputs.map(output => ({ ...output, headers: { ...cause, ...output.headers } }))
  } catch (error) {
    if (error instanceof UnreadableRecordError) return [setAside(record, error, attempt, options)]
    options.onOutcome('failed')
    throw error
  }
}

function setAside(
  record: InputRecord,
  error: UnreadableRecordError,
  attempts: number,
  { group, deadLetterTopic, maskCards, log, onOutcome }: LaneOptions,
): OutputRecord {
  onOutcome('dead-letter')
  log.warn({ record: record.reference, reason: error.message, attempts }, 'dead letter')
  return deadLetter(record, { error, group, attempts, at: new Date(), topic: deadLetterTopic, maskCards })
}

const offsetOf = ({ offset }: InputRecord): bigint => BigInt(offset)

const triesLeft = (failed: Map<bigint, Failed>, done: Set<bigint>) =>
  new Map([...failed].flatMap(([offset, { attempts }]) => (done.has(offset) ? [] : [[offset, attempts]])))

function tooMuchWaits(progress: Progress): Error | undefined {
  const open = progress.open.reduce((sum, [from, to]) => sum + to - from, 0n)
  const far = progress.seenTo - nextOffset(progress) > furthestAhead
  return open > mostOpen || far ? new Error(`${open} records wait to be tried again`) : undefined
}

/** Only what was passed: those further on are met on the way. */
function earliest(failed: Map<bigint, Failed>, passed: bigint): number | undefined {
  const due = [...failed].flatMap(([offset, { dueAt }]) => (offset < passed ? [dueAt] : []))
  return due.length > 0 ? Math.min(...due) : undefined
}
