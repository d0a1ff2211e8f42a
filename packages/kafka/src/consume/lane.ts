import { createKeyedQueue, UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import type { TopicPartition } from '../commit/store.ts'
import { cutLetter, deadLetter, isDeadLetter } from '../dead-letters/dead-letter.ts'
import { sizeOf } from '../producer.ts'
import type { Progress } from '../progress.ts'
import { causalHeaders, type InputRecord, type OutputRecord } from '../record.ts'
import { createLedger, type Gathered, type Ledger } from './ledger.ts'

/**
 * What to do with a record: its outputs, or an error. An `UnreadableRecordError` makes it a dead letter; a `PutOffError`
 * has this record tried again and no other wait for it; anything else may be an outage.
 * @param attempt which try of this record this is, from 1; those in an outage are not counted
 * @param release to be called when all that `concurrency` limits is over, though the record is not done: another one may
 *   begin then, but none of its key. In an outage, and where one is in hand at once, none does.
 */
export type Handle = (record: InputRecord, attempt: number, release: () => void) => Promise<OutputRecord[]>

/**
 * A partition from the moment in which it is this worker's until it is another's: its records wait here, are handled in
 * the order of their keys, and wait again until they are committed.
 */
export interface Lane extends TopicPartition {
  name: string
  /**
   * Begins, or goes on after a rebalance or a failure, with what is committed. Where it had a commit and has none now, the
   * topic is another one, by the same name, and nothing is known of it.
   * @param goesOn whether records may be handled: if not, it only learns what is committed
   */
  begin: (committed: Progress | undefined, goesOn?: boolean) => void
  /** Lets nothing begin, and takes nothing in, until `begin`. Resolves when nothing is in hand. */
  pause: () => Promise<void>
  /** Whether records are taken in. */
  hasBegun: () => boolean
  /** Resolves when they are, or never will be. */
  whenBegun: () => Promise<void>
  /**
   * Takes in what was read.
   * @param from the offset from which it was read; between it and `end` there are no other records
   * @returns what keeps it from that, the first time: `before` where `from` is before what is done, as it may be another
   *   topic's; `behind` where it is behind what is to be read next, which may still be there
   */
  take: (records: InputRecord[], from: bigint, end: bigint) => 'taken' | 'before' | 'behind'
  /** The first offset that is to be read; undefined before anything is known. */
  toRead: () => bigint | undefined
  /** Where to go on after `end`, if there is nothing between the two that is to be read. Says so once. */
  skipTo: (end: bigint) => bigint | undefined
  /** Whether it holds so much that nothing more is to be read for now. */
  isFull: () => boolean
  /** What is to be committed; undefined when there is nothing. */
  gather: () => Gathered | undefined
  committed: (gathered: Gathered) => void
  notCommitted: () => void
  /**
   * Makes dead letters of the records whose outputs their topics do not take, and shorter ones of dead letters.
   * @returns `as it was` where nothing can be done
   */
  setAside: (refused: ReadonlySet<OutputRecord>) => 'changed' | 'as it was'
  /** Whether something waits to be committed that is not to wait long. */
  isUrgent: () => boolean
  /** Whether the group had a commit for the partition when that was last known. */
  wasCommitted: () => boolean
  /** Why all of its records wait, in words. */
  outage: () => string | undefined
  /** How many records are to be tried again one by one. */
  waiting: () => number
  /** The record that is in hand for longest. */
  oldestInHand: () => InputRecord | undefined
  /** Begins nothing any more; resolves when nothing is in hand, or what is has had its time. */
  stop: () => Promise<void>
  /** Forgets everything, as the partition is another's. */
  abandon: () => void
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
  /** There is something to commit. */
  onNews: () => void
  /** There is room again after it was full. */
  onRoom: () => void
}

interface Item {
  record: InputRecord
  offset: bigint
  bytes: number
  /** Another one, if the topic has been made anew since. */
  ledger: Ledger
  hasFailed: boolean
}

/** A lane holds not much more: what was read and is not committed yet. */
const most = { records: 1_000, bytes: 8 * 1024 * 1024 }

export function createLane(at: TopicPartition, options: LaneOptions): Lane {
  const { log, onNews } = options
  const { topic, partition } = at
  let ledger = createLedger()
  /** What was read and is not committed yet. */
  const held = new Map<bigint, Item>()
  let bytes = 0
  const inHand = new Set<Item>()
  let hasBegun = false
  let begun = Promise.withResolvers<void>()
  let wasBefore = false
  /** What was to be read when reading began behind it. */
  let soughtFor: bigint | undefined
  let skippedTo: bigint | undefined
  let isFull = false
  /** Told when tries are committed: those that the next commit will have, and those that the one under way has. */
  const tell = { next: [] as (() => void)[], now: [] as (() => void)[] }

  const queue = createKeyedQueue<Item>({
    concurrency: options.concurrency,
    keyOf: ({ record }) => options.keyOf(record),
    handle: async (item, attempt, release) => {
      inHand.add(item)
      try {
        item.ledger.handled(item.offset, await handleOrSetAside(item.record, { attempt, release }, options))
      } catch (error) {
        item.hasFailed = true
        throw error
      } finally {
        inHand.delete(item)
      }
      onNews()
    },
    // Counted for good before it is tried again, so that a crash does not set it back.
    keepAttempts: ({ ledger, offset }, attempts) =>
      new Promise(resolve => {
        ledger.tried(offset, attempts)
        tell.next.push(resolve)
        onNews()
      }),
    nameOf: ({ record }) => record.reference,
    log,
  })

  const letGo = (offset: bigint) => {
    bytes -= held.get(offset)?.bytes ?? 0
    held.delete(offset)
  }
  const lookForRoom = () => {
    if (!isFull || held.size > most.records / 2 || bytes > most.bytes / 2) return
    isFull = false
    options.onRoom()
  }
  const tellAll = () => {
    for (const hear of tell.now.splice(0)) hear()
  }
  /** Where there is no room for others, those that wait each for themselves hold up all. */
  const whyFull = () => {
    const waiting = queue.waiting()
    const canMove = !isFull || !hasBegun || waiting === 0 || [...inHand].some(({ hasFailed }) => !hasFailed)
    return canMove ? undefined : `has no room for more, as ${waiting} records wait to be tried again`
  }
  const forget = () => {
    tell.now.push(...tell.next.splice(0))
    tellAll()
    queue.drop()
    held.clear()
    bytes = 0
    ledger = createLedger()
  }

  return {
    topic,
    partition,
    name: `${topic}[${partition}]`,
    begin: (committed, goesOn = true) => {
      if (ledger.begin(committed) === 'new') forget()
      const isGone = ({ offset }: Item) => !ledger.holds(offset)
      queue.drop(isGone)
      for (const item of [...held.values()].filter(isGone)) letGo(item.offset)
      lookForRoom()
      if (!goesOn) return
      hasBegun = true
      begun.resolve()
      queue.resume()
    },
    pause: () => {
      if (hasBegun) begun = Promise.withResolvers()
      hasBegun = false
      return queue.pause()
    },
    hasBegun: () => hasBegun,
    whenBegun: () => begun.promise,
    take: (records, from, end) => {
      const next = ledger.next()
      const isBefore = next !== undefined && from < next
      const isNews = isBefore && !wasBefore
      wasBefore = isBefore
      if (isNews) return 'before'
      const toRead = ledger.toRead()
      if (toRead !== undefined && from > toRead && toRead !== soughtFor) {
        soughtFor = toRead
        return 'behind'
      }
      const byOffset = new Map(records.map(record => [BigInt(record.offset), record]))
      for (const offset of ledger.take(from, end, [...byOffset.keys()])) {
        const record = withOwnBytes(byOffset.get(offset) as InputRecord)
        const item = {
          record,
          offset,
          ledger,
          hasFailed: false,
          bytes: sizeOf({ ...record, headers: record.rawHeaders }),
        }
        held.set(offset, item)
        bytes += item.bytes
        queue.add(item, ledger.triesOf(offset))
      }
      isFull ||= held.size >= most.records || bytes >= most.bytes
      onNews()
      return 'taken'
    },
    toRead: () => ledger.toRead(),
    skipTo: end => {
      const toRead = ledger.toRead()
      if (toRead === undefined || toRead <= end || toRead === skippedTo) return undefined
      skippedTo = toRead
      return toRead
    },
    isFull: () => isFull,
    gather: () => {
      const gathered = ledger.gather()
      tell.now.push(...tell.next.splice(0))
      // They are committed already, or there is no room for them.
      if (!gathered) tellAll()
      return gathered
    },
    committed: gathered => {
      ledger.committed(gathered)
      for (const offset of gathered.offsets) letGo(offset)
      tellAll()
      lookForRoom()
    },
    notCommitted: () => ledger.notCommitted(),
    setAside: refused => {
      let outcome: ReturnType<Lane['setAside']> = 'as it was'
      ledger.replace((offset, outputs) => {
        const output = outputs.find(each => refused.has(each))
        const record = held.get(offset)?.record
        if (!output || !record) return undefined
        const letter = isDeadLetter(output)
          ? cutLetter(output)
          : asDeadLetter(
              record,
              new UnreadableRecordError(`its result is larger than topic ${output.topic} takes`),
              ledger.triesOf(offset) + 1,
              options,
            )
        if (letter) outcome = 'changed'
        return letter && [letter]
      })
      return outcome
    },
    isUrgent: () => ledger.isUrgent(),
    wasCommitted: () => ledger.wasCommitted(),
    outage: () => queue.outage() ?? whyFull(),
    waiting: queue.waiting,
    oldestInHand: () => inHand.values().next().value?.record,
    stop: queue.stop,
    abandon: () => {
      hasBegun = false
      begun.resolve()
      forget()
    },
  }
}

/** What was read shares the memory of all that came with it, which one record that waits would hold. */
const withOwnBytes = (record: InputRecord): InputRecord => ({
  ...record,
  key: record.key && Buffer.from(record.key),
  value: Buffer.from(record.value),
})

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
    if (error instanceof UnreadableRecordError) return [asDeadLetter(record, error, attempt, options)]
    options.onOutcome('failed')
    throw error
  }
}

function asDeadLetter(
  record: InputRecord,
  error: UnreadableRecordError,
  attempts: number,
  { group, deadLetterTopic, maskCards, log, onOutcome }: LaneOptions,
): OutputRecord {
  onOutcome('dead-letter')
  log.warn({ record: record.reference, reason: error.message, attempts }, 'dead letter')
  return deadLetter(record, { error, group, attempts, at: new Date(), topic: deadLetterTopic, maskCards })
}
