import { createKeyedQueue, UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import type { TopicPartition } from '../commit/store.ts'
import { cutLetter, deadLetter, isDeadLetter } from '../dead-letters/dead-letter.ts'
import { sizeOf } from '../producer.ts'
import type { Progress } from '../progress.ts'
import { causalHeaders, type InputRecord, type OutputRecord } from '../record.ts'
import { createLedger, type Gathered } from './ledger.ts'
import { type Change, createState, type KeyState, type Loan, noLoan, type State } from './state.ts'

/**
 * What to do with a record: its outputs, or an error. An `UnreadableRecordError` makes it a dead letter; a `PutOffError`
 * has this record tried again and no other wait for it; anything else may be an outage.
 * @param attempt which try of this record this is, from 1; those in an outage are not counted
 * @param release to be called when all that `concurrency` limits is over, though the record is not done: another one may
 *   begin then, but none of its key. In an outage, and where one is in hand at once, none does.
 */
export type Handle = (record: InputRecord, attempt: number, release: () => void) => Promise<OutputRecord[]>

/** The same, with what is kept for the record's key: a handler that throws leaves that as it was. */
export type StatefulHandle = (...args: [...Parameters<Handle>, state: KeyState]) => ReturnType<Handle>

/** A partition of a lane: how far it is read. */
export interface Part extends TopicPartition {
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
  /** Whether the group had a commit for it when that was last known. */
  wasCommitted: () => boolean
}

/** What of a lane goes into the next commit: outputs in the order in which their records were handled. */
export interface LaneGathered {
  outputs: OutputRecord[]
  done: (TopicPartition & Gathered)[]
}

/**
 * A partition, or one of each of several topics that belong together, from the moment in which it is this worker's until
 * it is another's: its records wait here, are handled in the order of their keys, and wait again until they are committed.
 */
export interface Lane {
  name: string
  parts: Part[]
  /**
   * Begins, or goes on after a rebalance or a failure, with what is committed of its parts. Where one had a commit and has
   * none now, the topic is another one, by the same name, and nothing is known of it.
   * @param goesOn whether records may be handled: if not, it only learns what is committed
   */
  begin: (committed: (Progress | undefined)[], goesOn?: boolean) => void
  /** Whether it has its state, or none is kept. It does not begin without. */
  isRestored: () => boolean
  /** Gives it what its changelog holds, by key in latin1. What is not committed is handled again. */
  restore: (kept: Map<string, Buffer>) => void
  /** Lets nothing begin, and takes nothing in, until `begin`. Resolves when nothing is in hand. */
  pause: () => Promise<void>
  /** Whether records are taken in. */
  hasBegun: () => boolean
  /** Resolves when they are, or never will be. */
  whenBegun: () => Promise<void>
  /** Whether it holds so much that nothing more is to be read for now. */
  isFull: () => boolean
  /** What is to be committed; undefined when there is nothing. */
  gather: () => LaneGathered | undefined
  committed: (gathered: LaneGathered) => void
  notCommitted: () => void
  /**
   * Makes dead letters of the records whose outputs their topics do not take, and shorter ones of dead letters.
   * @returns `as it was` where nothing can be done
   */
  setAside: (refused: ReadonlySet<OutputRecord>) => 'changed' | 'as it was'
  /** Whether something waits to be committed that is not to wait long. */
  isUrgent: () => boolean
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
  handle: StatefulHandle
  /** The topic that keeps what handlers set; they can set nothing unless given. */
  changelog?: string | undefined
  concurrency: number
  deadLetterTopic?: string | undefined
  maskCards?: boolean | undefined
  keyOf: (record: InputRecord) => string | undefined
  log: Logger
  onOutcome: (outcome: 'handled' | 'dead-letter' | 'failed', topic: string) => void
  /** There is something to commit. */
  onNews: () => void
  /** There is room again after it was full. */
  onRoom: () => void
}

interface Item {
  record: InputRecord
  offset: bigint
  bytes: number
  part: HeldPart
  hasFailed: boolean
  /** Whether nothing of it counts any more: its topic has been made anew, or it is handled again. */
  isVoid: boolean
  /** When it was taken, and handled, among all of the lane. */
  taken: number
  handled?: number
  change?: Change | undefined
}

/** A part, and what was read of it and is not committed yet. */
interface HeldPart extends TopicPartition {
  ledger: ReturnType<typeof createLedger>
  held: Map<bigint, Item>
}

/** A lane holds not much more: what was read and is not committed yet. */
const most = { records: 1_000, bytes: 8 * 1024 * 1024 }

/** @param partitions what belongs together: one of each topic, all of the same number */
export function createLane(partitions: TopicPartition[], options: LaneOptions): Lane {
  const { log, onNews, changelog } = options
  const [{ partition } = { partition: 0 }] = partitions
  const all: HeldPart[] = partitions.map(at => ({ ...at, ledger: createLedger(), held: new Map() }))
  let count = 0
  let bytes = 0
  const inHand = new Set<Item>()
  let hasBegun = false
  let begun = Promise.withResolvers<void>()
  let isFull = false
  let state: State | undefined
  /** Told when tries are committed: those that the next commit will have, and those that the one under way has. */
  const tell = { next: [] as (() => void)[], now: [] as (() => void)[] }

  const queue = createKeyedQueue<Item>({
    concurrency: options.concurrency,
    keyOf: ({ record }) => options.keyOf(record),
    handle: async (item, attempt, release) => {
      const loan = state?.lend(item.record) ?? noLoan
      inHand.add(item)
      try {
        const result = await handleOrSetAside(item.record, { attempt, release, loan }, options)
        handled(item, result)
      } catch (error) {
        item.hasFailed = true
        throw error
      } finally {
        loan.end()
        inHand.delete(item)
      }
      onNews()
    },
    // Counted for good before it is tried again, so that a crash does not set it back.
    keepAttempts: ({ part, offset, isVoid }, attempts) =>
      new Promise(resolve => {
        if (!isVoid) part.ledger.tried(offset, attempts)
        tell.next.push(resolve)
        onNews()
      }),
    nameOf: ({ record }) => record.reference,
    log,
  })

  const handled = (item: Item, { outputs, change }: Result) => {
    if (item.isVoid) return
    if (!item.part.ledger.handled(item.offset, outputs)) return
    count += 1
    item.handled = count
    item.change = change
    if (change) state?.apply(change)
  }

  const items = () => all.flatMap(({ held }) => [...held.values()])
  const letGo = (item: Item) => {
    if (item.part.held.delete(item.offset)) bytes -= item.bytes
  }
  const areCommitted = (some: Item[]) => {
    for (const item of inOrderOf('handled', some)) {
      letGo(item)
      if (item.change) state?.keep(item.change)
    }
  }
  const isRestored = () => !changelog || state !== undefined
  const heldCount = () => all.reduce((sum, { held }) => sum + held.size, 0)
  const lookForRoom = () => {
    if (!isFull || heldCount() > most.records / 2 || bytes > most.bytes / 2) return
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
  const forget = (part: HeldPart) => {
    tell.now.push(...tell.next.splice(0))
    tellAll()
    queue.drop(item => item.part === part)
    for (const item of part.held.values()) {
      item.isVoid = true
      letGo(item)
    }
    part.ledger = createLedger()
  }
  const hold = (item: Omit<Item, 'hasFailed' | 'isVoid' | 'handled' | 'change'>) => {
    const held: Item = { ...item, hasFailed: false, isVoid: false }
    item.part.held.set(item.offset, held)
    queue.add(held, item.part.ledger.triesOf(item.offset))
  }
  /** Has what is not committed handled again, but for some: what it was built on is not to be. */
  const beginAnew = (settled: ReadonlySet<Item> = new Set()) => {
    state?.rollBack()
    queue.drop()
    const again = items().filter(item => !settled.has(item))
    for (const part of all)
      part.ledger.reopen(again.filter(item => item.part === part).map(({ offset }) => offset))
    for (const item of inOrderOf('taken', again)) {
      const { record, offset, part, bytes, taken } = item
      item.isVoid = true
      hold({ record, offset, part, bytes, taken })
    }
  }
  const takeIn = (part: HeldPart, records: InputRecord[], from: bigint, end: bigint) => {
    const byOffset = new Map(records.map(record => [BigInt(record.offset), record]))
    for (const offset of part.ledger.take(from, end, [...byOffset.keys()])) {
      const record = withOwnBytes(byOffset.get(offset) as InputRecord)
      const size = sizeOf({ ...record, headers: record.rawHeaders })
      count += 1
      bytes += size
      hold({ record, offset, part, bytes: size, taken: count })
    }
    isFull ||= heldCount() >= most.records || bytes >= most.bytes
    onNews()
  }

  return {
    name: `${partitions.map(({ topic }) => topic).join('+')}[${partition}]`,
    parts: all.map(part => partOf(part, (...read) => takeIn(part, ...read))),
    begin: (committed, goesOn = true) => {
      for (const [index, part] of all.entries()) {
        if (part.ledger.begin(committed[index]) === 'known') continue
        forget(part)
        // Of what was built on it, nobody knows what is committed.
        state = undefined
      }
      const isGone = ({ part, offset }: Item) => !part.ledger.holds(offset)
      queue.drop(isGone)
      areCommitted(items().filter(isGone))
      lookForRoom()
      if (!goesOn || !isRestored()) return
      hasBegun = true
      begun.resolve()
      queue.resume()
    },
    isRestored,
    restore: kept => {
      state = createState(kept)
      beginAnew()
    },
    pause: () => {
      if (hasBegun) begun = Promise.withResolvers()
      hasBegun = false
      return queue.pause()
    },
    hasBegun: () => hasBegun,
    whenBegun: () => begun.promise,
    isFull: () => isFull,
    gather: () => {
      const gathered = all.map(part => ({ topic: part.topic, partition, ...part.ledger.gather() }))
      tell.now.push(...tell.next.splice(0))
      // What was handled in one may be built on the other: all of it goes, or nothing.
      const mayGo = isRestored() && (all.length === 1 || all.every(({ ledger }) => ledger.hasRoom()))
      const done = gathered.filter((each): each is TopicPartition & Gathered => 'progress' in each)
      if (mayGo && done.length > 0) return { done, outputs: outputsOf(all, done) }
      // They are committed already, or there is no room for them.
      tellAll()
      return undefined
    },
    committed: gathered => {
      areCommitted(itemsOf(all, gathered.done))
      for (const each of gathered.done)
        for (const part of all) if (part.topic === each.topic) part.ledger.committed(each)
      tellAll()
      lookForRoom()
    },
    notCommitted: () => {
      for (const { ledger } of all) ledger.notCommitted()
    },
    setAside: refused => {
      const changed = new Set<Item>()
      for (const { ledger, held } of all) {
        ledger.replace((offset, outputs) => {
          const output = outputs.find(each => refused.has(each))
          const item = held.get(offset)
          const letter = output && item && letterFor(item, output, options)
          if (letter) changed.add(item)
          return letter && [letter]
        })
      }
      const mustBeginAnew = [...changed].some(({ change }) => change)
      for (const item of changed) item.change = undefined
      if (mustBeginAnew) beginAnew(changed)
      return changed.size > 0 ? 'changed' : 'as it was'
    },
    isUrgent: () => all.some(({ ledger }) => ledger.isUrgent()),
    outage: () => queue.outage() ?? whyFull(),
    waiting: queue.waiting,
    oldestInHand: () => inHand.values().next().value?.record,
    stop: queue.stop,
    abandon: () => {
      hasBegun = false
      begun.resolve()
      for (const part of all) forget(part)
    },
  }
}

function partOf(part: HeldPart, takeIn: (records: InputRecord[], from: bigint, end: bigint) => void): Part {
  const { topic, partition } = part
  let wasBefore = false
  /** What was to be read when reading began behind it. */
  let soughtFor: bigint | undefined
  let skippedTo: bigint | undefined
  return {
    topic,
    partition,
    take: (records, from, end) => {
      const next = part.ledger.next()
      const isBefore = next !== undefined && from < next
      const isNews = isBefore && !wasBefore
      wasBefore = isBefore
      if (isNews) return 'before'
      const toRead = part.ledger.toRead()
      if (toRead !== undefined && from > toRead && toRead !== soughtFor) {
        soughtFor = toRead
        return 'behind'
      }
      takeIn(records, from, end)
      return 'taken'
    },
    toRead: () => part.ledger.toRead(),
    skipTo: end => {
      const toRead = part.ledger.toRead()
      if (toRead === undefined || toRead <= end || toRead === skippedTo) return undefined
      skippedTo = toRead
      return toRead
    },
    wasCommitted: () => part.ledger.wasCommitted(),
  }
}

const itemsOf = (parts: HeldPart[], done: LaneGathered['done']): Item[] =>
  done.flatMap(({ topic, outputs }) => {
    const held = parts.find(part => part.topic === topic)?.held
    return [...outputs.keys()].flatMap(offset => held?.get(offset) ?? [])
  })

/** In the order in which their records were handled. */
const outputsOf = (parts: HeldPart[], done: LaneGathered['done']): OutputRecord[] => {
  const byTopic = new Map(done.map(({ topic, outputs }) => [topic, outputs]))
  return inOrderOf('handled', itemsOf(parts, done)).flatMap(
    ({ part, offset }) => byTopic.get(part.topic)?.get(offset) ?? [],
  )
}

const inOrderOf = (when: 'taken' | 'handled', items: Item[]) =>
  items.sort((a, b) => (a[when] ?? 0) - (b[when] ?? 0))

/** The dead letter of a record whose output its topic does not take, or a shorter one. */
const letterFor = ({ record, offset, part }: Item, refused: OutputRecord, options: LaneOptions) =>
  isDeadLetter(refused)
    ? cutLetter(refused)
    : asDeadLetter(
        record,
        new UnreadableRecordError(`its result is larger than topic ${refused.topic} takes`),
        part.ledger.triesOf(offset) + 1,
        options,
      )

/** What was read shares the memory of all that came with it, which one record that waits would hold. */
const withOwnBytes = (record: InputRecord): InputRecord => ({
  ...record,
  key: record.key && Buffer.from(record.key),
  value: Buffer.from(record.value),
})

interface Result {
  outputs: OutputRecord[]
  change?: Change | undefined
}

/** What every handler needs and none should repeat: dead letters, causal headers, counting. */
async function handleOrSetAside(
  record: InputRecord,
  { attempt, release, loan }: { attempt: number; release: () => void; loan: Loan },
  options: LaneOptions,
): Promise<Result> {
  try {
    if (record.undecodable) throw new UnreadableRecordError(record.undecodable.reason)
    const outputs = await options.handle(record, attempt, release, loan.state)
    const change = loan.end()
    const kept = change ? [changeOf(record, change, options)] : []
    options.onOutcome('handled', record.topic)
    const cause = causalHeaders(record.headers)
    return {
      outputs: [...outputs, ...kept].map(output => ({ ...output, headers: { ...cause, ...output.headers } })),
      change,
    }
  } catch (error) {
    if (error instanceof UnreadableRecordError)
      return { outputs: [asDeadLetter(record, error, attempt, options)] }
    options.onOutcome('failed', record.topic)
    throw error
  }
}

/** The changelog has the partition of the record, however that came to its own. */
const changeOf = (
  { partition, key }: InputRecord,
  { value }: Change,
  { changelog = '' }: LaneOptions,
): OutputRecord => ({
  topic: changelog,
  partition,
  key,
  value: value ?? null,
})

function asDeadLetter(
  record: InputRecord,
  error: UnreadableRecordError,
  attempts: number,
  { group, deadLetterTopic, maskCards, log, onOutcome }: LaneOptions,
): OutputRecord {
  onOutcome('dead-letter', record.topic)
  log.warn({ record: record.reference, reason: error.message, attempts }, 'dead letter')
  return deadLetter(record, { error, group, attempts, at: new Date(), topic: deadLetterTopic, maskCards })
}
