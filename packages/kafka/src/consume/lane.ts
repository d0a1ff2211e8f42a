import { createKeyedQueue } from 'kafka-restaurants-delivery'
import type { TopicPartition } from '../commit/store.ts'
import { sizeOf } from '../producer.ts'
import type { Progress } from '../progress.ts'
import type { InputRecord, OutputRecord } from '../record.ts'
import { type HandlingOptions, handleOrSetAside, type Result, tooLargeLetter } from './handling.ts'
import { createHoldings, type HeldPart, type Item, inOrderOf, most } from './holdings.ts'
import type { Gathered } from './ledger.ts'
import type { Changelog, OnCommitted } from './options.ts'
import { createState, noLoan, type State } from './state.ts'

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
  /** When the oldest record was written that was read and is not committed, in ms since the epoch, as it says. */
  oldestWaiting: () => number | undefined
}

/** What of a lane goes into the next commit: outputs in the order in which their records were handled. */
export interface LaneGathered {
  outputs: OutputRecord[]
  /** Of the outputs. */
  bytes: number
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
  /** What is in hand for longest: another object for each try of a record. */
  oldestInHand: () => { item: Item } | undefined
  /** Begins nothing any more; resolves when nothing is in hand, or what is has had its time. */
  stop: () => Promise<void>
  /** Forgets everything, as the partition is another's. */
  abandon: () => void
}

export interface LaneOptions extends HandlingOptions {
  /** Where what handlers set is kept; they can set nothing unless given. */
  changelog?: Changelog | undefined
  concurrency: number
  keyOf: (record: InputRecord) => string | undefined
  /** A record is done for good, with these outputs: told of all that it is known of in time, so of nearly all. */
  onCommitted?: OnCommitted | undefined
  /** There is something to commit. */
  onNews: () => void
  /** There is room again after it was full. */
  onRoom: () => void
}

/** @param partitions what belongs together: one of each topic, all of the same number */
export function createLane(partitions: TopicPartition[], options: LaneOptions): Lane {
  const { log, onNews, changelog } = options
  const [{ partition } = { partition: 0 }] = partitions
  const holdings = createHoldings(partitions)
  const { parts: all } = holdings
  const inHand = new Set<{ item: Item }>()
  let hasBegun = false
  let begun = Promise.withResolvers<void>()
  let state: State | undefined
  /** Who has made the changes that the last commit was to have, by what it would have written. */
  let changedBy = new Map<OutputRecord, Item>()
  /** Told when tries are committed: those that the next commit will have, and those that the one under way has. */
  const tell = { next: [] as (() => void)[], now: [] as (() => void)[] }

  const queue = createKeyedQueue<Item>({
    concurrency: options.concurrency,
    keyOf: ({ record }) => options.keyOf(record),
    handle: async (item, attempt, release) => {
      const loan = state?.lend(item.record) ?? noLoan
      const thisTry = { item }
      inHand.add(thisTry)
      try {
        const result = await handleOrSetAside(item.record, { attempt, release, loan }, options)
        handled(item, result)
      } catch (error) {
        item.hasFailed = true
        throw error
      } finally {
        loan.end()
        inHand.delete(thisTry)
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
    // What was handled takes room until it is committed, which may be long after. Where that needs others to be done, they may.
    mayBegin: () =>
      all.reduce((sum, { ledger }) => sum + ledger.bytes(), 0) < most.bytes ||
      !all.every(({ ledger }) => ledger.hasRoom()),
    nameOf: ({ record }) => record.reference,
    log,
  })

  /**
   * What the changelog is to be told, where these are committed: of each key only what the last one has made of it, in the
   * partition of the records, however these came to their own.
   */
  const changesOf = (items: Item[]) => {
    const last = new Map<string, Item>()
    for (const item of items) if (item.change) last.set(item.change.key, item)
    const written = new Map<OutputRecord, Item>()
    for (const item of last.values())
      for (const record of (item.change && state?.written(item.change)) ?? [])
        written.set({ topic: changelog?.topic ?? '', partition, isInternal: true, ...record }, item)
    return written
  }
  const handled = (item: Item, { outputs, change }: Result) => {
    if (item.isVoid) return
    if (!item.part.ledger.handled(item.offset, outputs)) return
    item.handled = holdings.tick()
    item.change = change
    if (change) state?.apply(change)
  }

  const areCommitted = (some: Item[]) => {
    for (const item of inOrderOf('handled', some)) {
      holdings.letGo(item)
      if (item.change) state?.keep(item.change)
    }
  }
  const isRestored = () => !changelog || state !== undefined
  const lookForRoom = () => {
    queue.look()
    if (holdings.hasRoomAgain()) options.onRoom()
  }
  const tellAll = () => {
    for (const hear of tell.now.splice(0)) hear()
  }
  /** Where there is no room for others, those that wait each for themselves hold up all. */
  const whyFull = () => {
    const waiting = queue.waiting()
    const canMove =
      !holdings.isFull() || !hasBegun || waiting === 0 || [...inHand].some(({ item }) => !item.hasFailed)
    return canMove ? undefined : `has no room for more, as ${waiting} records wait to be tried again`
  }
  const forget = (part: HeldPart) => {
    tell.now.push(...tell.next.splice(0))
    tellAll()
    queue.drop(item => item.part === part)
    holdings.forget(part)
  }
  const enqueue = (item: Item) => queue.add(item, item.part.ledger.triesOf(item.offset))
  /** Has what is not committed handled again, but for some: what it was built on is not to be. */
  const beginAnew = (settled: ReadonlySet<Item> = new Set()) => {
    state?.rollBack()
    queue.drop()
    const again = holdings.all().filter(item => !settled.has(item))
    for (const part of all)
      part.ledger.reopen(again.filter(item => item.part === part).map(({ offset }) => offset))
    for (const item of inOrderOf('taken', again)) enqueue(holdings.again(item))
  }
  const takeIn = (part: HeldPart, records: InputRecord[], from: bigint, end: bigint) => {
    holdings.take(part, records, from, end).forEach(enqueue)
    onNews()
  }

  return {
    name: `${partitions.map(({ topic }) => topic).join('+')}[${partition}]`,
    parts: all.map(part => partOf(part, (...read) => takeIn(part, ...read))),
    begin: (committed, goesOn = true) => {
      for (const [index, part] of all.entries()) {
        part.soughtFor = undefined
        part.skippedTo = undefined
        if (part.ledger.begin(committed[index]) === 'known') continue
        forget(part)
        // Of what was built on it, nobody knows what is committed.
        state = undefined
      }
      const isGone = ({ part, offset }: Item) => !part.ledger.holds(offset)
      queue.drop(isGone)
      areCommitted(holdings.all().filter(isGone))
      lookForRoom()
      if (!goesOn || !isRestored()) return
      hasBegun = true
      begun.resolve()
      queue.resume()
    },
    isRestored,
    restore: kept => {
      if (changelog) state = createState(kept, changelog.format)
      beginAnew()
    },
    pause: () => {
      if (hasBegun) begun = Promise.withResolvers()
      hasBegun = false
      return queue.pause()
    },
    hasBegun: () => hasBegun,
    whenBegun: () => begun.promise,
    isFull: holdings.isFull,
    gather: () => {
      const gathered = all.map(part => ({ topic: part.topic, partition, ...part.ledger.gather() }))
      tell.now.push(...tell.next.splice(0))
      // What was handled in one may be built on the other: all of it goes, or nothing.
      const mayGo = isRestored() && (all.length === 1 || all.every(({ ledger }) => ledger.hasRoom()))
      const done = gathered.filter((each): each is TopicPartition & Gathered => 'progress' in each)
      if (mayGo && done.length > 0) {
        const items = inOrderOf('handled', holdings.of(done))
        changedBy = changesOf(items)
        const outputs = [...outputsOf(items, done), ...changedBy.keys()]
        const bytes = [...changedBy.keys()].reduce((sum, each) => sum + sizeOf(each), 0)
        return { done, outputs, bytes: done.reduce((sum, each) => sum + each.bytes, bytes) }
      }
      // They are committed already, or there is no room for them.
      tellAll()
      return undefined
    },
    committed: gathered => {
      const items = holdings.of(gathered.done)
      if (options.onCommitted) tellCommitted(items, gathered.done, options.onCommitted)
      areCommitted(items)
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
      const refusedChange = new Map(
        [...changedBy].flatMap(([each, item]) => (refused.has(each) ? [[item, each]] : [])),
      )
      for (const { ledger, held } of all) {
        ledger.replace((offset, outputs) => {
          const item = held.get(offset)
          const output = outputs.find(each => refused.has(each)) ?? (item && refusedChange.get(item))
          const tries = ledger.triesOf(offset) + 1
          const letter = output && item && tooLargeLetter(item.record, output, tries, options)
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
    oldestInHand: () => inHand.values().next().value,
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
      if (toRead !== undefined && from > toRead && toRead !== part.soughtFor) {
        part.soughtFor = toRead
        return 'behind'
      }
      takeIn(records, from, end)
      return 'taken'
    },
    toRead: () => part.ledger.toRead(),
    skipTo: end => {
      const toRead = part.ledger.toRead()
      if (toRead === undefined || toRead <= end || toRead === part.skippedTo) return undefined
      part.skippedTo = toRead
      return toRead
    },
    wasCommitted: () => part.ledger.wasCommitted(),
    oldestWaiting: () => {
      let oldest: number | undefined
      for (const { record } of part.held.values()) {
        const written = Number(record.timestamp)
        if (oldest === undefined || written < oldest) oldest = written
      }
      return oldest
    },
  }
}

/** @param items in the order in which they were handled */
const outputsOf = (items: Item[], done: LaneGathered['done']): OutputRecord[] => {
  const byTopic = new Map(done.map(({ topic, outputs }) => [topic, outputs]))
  return items.flatMap(({ part, offset }) => byTopic.get(part.topic)?.get(offset) ?? [])
}

const tellCommitted = (items: Item[], done: LaneGathered['done'], tell: OnCommitted) => {
  const byTopic = new Map(done.map(({ topic, outputs }) => [topic, outputs]))
  for (const { record, offset, part } of items) tell(record, byTopic.get(part.topic)?.get(offset) ?? [])
}
