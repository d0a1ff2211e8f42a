import { backoffMs } from './backoff.ts'
import { PutOffError } from './errors.ts'
import type { Held } from './held.ts'
import { createLines } from './lines.ts'
import { createTimer } from './timer.ts'
import { createTries, type TriesOptions } from './tries.ts'
import { createVerdict } from './verdict.ts'
import { countWork } from './work.ts'

export interface KeyedQueueOptions<Item> extends TriesOptions<Item> {
  /** Asked before an item is begun; `look` has it asked again. Unless given, all may. */
  mayBegin?: () => boolean
  /** The most items in hand at once, without those that have released their place. */
  concurrency: number
  /** Items of one key are handled one after another, in the order of `add`; without a key, each is a line of its own. */
  keyOf: (item: Item) => string | undefined
  /**
   * Handles an item. @throws PutOffError to have this item tried again; anything else as well, and may be an outage.
   * @param attempt which try of this item this is, from 1; those in an outage are not counted
   * @param release lets another item have this one's place, though this one, and so its key, is not done yet. In an
   *   outage, and where one is in hand at once, it does nothing.
   */
  handle: (item: Item, attempt: number, release: () => void) => Promise<void>
}

/** What is not done. Never two items of one key are in hand. */
export interface KeyedQueue<Item> {
  /** Takes an item in, of which `attempts` tries were made before. */
  add: (item: Item, attempts?: number) => void
  /** Forgets the items that match: all, unless told which. What is in hand ends, and is forgotten then if it fails. */
  drop: (which?: (item: Item) => boolean) => void
  /** Begins nothing new until `resume`. Resolves when nothing is in hand. */
  pause: () => Promise<void>
  resume: () => void
  /** Begins what may begin by now. */
  look: () => void
  /** Why nothing is handled now, in words that follow the name of what waits; undefined when it is. */
  outage: () => string | undefined
  /** How many items are not done. */
  size: () => number
  /** How many of them failed or were put off, and are to be tried again. */
  waiting: () => number
  /** Begins nothing new. Resolves when what is in hand has ended, or is given up after 4 s. */
  stop: () => Promise<void>
}

const longestWaitMs = 60_000
const stopMs = 4_000
/** A single item that fails must not look like an outage, even where one is in hand at once. */
const fewestFailures = 3

/**
 * Handles items of different keys concurrently, the oldest first, and those of one key one after another. An item that
 * fails waits with the rest of its key behind it, as long as its error says or 200 ms and then longer, up to a minute; the
 * others go on. When nothing works (as many fail as may be in hand, three at least, or all that there are, and none
 * passes), it is an outage: all wait, 200 ms and then longer, up to 5 s, until something passes. After each wait one alone
 * is tried, then two, four …, and never more than may be in hand, of those that have not failed themselves, so that no
 * number of items that always fail keeps the others waiting for long; where there are none, one alone.
 */
export function createKeyedQueue<Item>(options: KeyedQueueOptions<Item>): KeyedQueue<Item> {
  const { concurrency, keyOf, handle, mayBegin = () => true, nameOf, log } = options
  const lines = createLines<Item>()
  const verdict = createVerdict<Item>(Math.max(concurrency, fewestFailures))
  const all = new Set<Held<Item>>()
  const waiting = new Set<Held<Item>>()
  /** Those in hand that are forgotten if they fail. */
  const dropped = new Set<Held<Item>>()
  const work = countWork()
  const tries = createTries<Item>(options, work)
  let count = 0
  let inPlace = 0
  let state: 'open' | 'paused' | 'stopped' = 'open'
  let isBeginning = false
  const timer = createTimer(() => beginAll())

  /** What is to be begun now: the oldest, but what has not failed itself goes first until something passes. */
  const nextInTurn = (now: number): Held<Item> | undefined => {
    if (state !== 'open' || inPlace >= concurrency || !mayBegin()) return undefined
    const outage = verdict.outage()
    const isDue = now >= (outage?.retryAt ?? 0)
    const mayProbe = isDue && inPlace < verdict.probes()
    const fresh = mayProbe || verdict.hasRoom(inPlace, false) ? lines.fresh(now) : undefined
    // In an outage, of those that have failed only one alone is tried.
    const mayFailed = (isDue && inPlace === 0) || (!outage && verdict.hasRoom(inPlace, true))
    const failed = mayFailed ? lines.failed(now) : undefined
    if (fresh && failed && !verdict.isOpen()) return fresh.number < failed.number ? fresh : failed
    return fresh ?? failed
  }

  /** Begins what may begin now, and sets the timer for the next that may. */
  const beginAll = () => {
    // A handler may release its place, and add items, as it begins.
    if (isBeginning) return
    isBeginning = true
    const now = performance.now()
    for (let held = nextInTurn(now); held; held = nextInTurn(now)) begin(held)
    isBeginning = false
    const retryAt = verdict.outage()?.retryAt ?? 0
    const wakeAt = Math.min(lines.nextDueAt(now), retryAt > now ? retryAt : Number.POSITIVE_INFINITY)
    timer.set(state === 'open' ? wakeAt : Number.POSITIVE_INFINITY, now)
  }

  const begin = (held: Held<Item>) => {
    lines.take(held)
    verdict.begins(held)
    void tryOnce(held)
  }

  const tryOnce = async (held: Held<Item>) => {
    const leavePlace = takePlace()
    const release = () => {
      if (concurrency === 1 || verdict.outage()) return
      leavePlace()
      beginAll()
    }
    const isKept = tries.areKept(held)
    work.begins()
    try {
      if (isKept) await handle(held.item, held.attempts + 1, release)
      else await tries.keepAgain(held)
      leavePlace()
      if (isKept) isDone(held)
      else isReady(held)
    } catch (error) {
      leavePlace()
      if (dropped.has(held)) isGone(held)
      else if (error instanceof PutOffError) putOff(held, error)
      else fails(held, error)
    }
    beginAll()
    work.ends()
  }

  const takePlace = () => {
    let isTaken = true
    inPlace += 1
    return () => {
      if (isTaken) inPlace -= 1
      isTaken = false
    }
  }

  /** Its tries are kept now. It is in its line again, as there may be a pause by now. */
  const isReady = (held: Held<Item>) => {
    if (dropped.has(held)) isGone(held)
    else lines.putBack(held)
  }

  const isDone = (held: Held<Item>) => {
    passes(held)
    isGone(held)
  }

  const isGone = (held: Held<Item>) => {
    forget(held)
    dropped.delete(held)
    all.delete(held)
    lines.leave(held)
  }

  const forget = (held: Held<Item>) => {
    verdict.forget(held)
    waiting.delete(held)
    tries.forget(held)
  }

  const passes = (held: Held<Item>) => {
    const { counting, areDue } = verdict.passes(held, performance.now())
    counting.forEach(tries.count)
    if (areDue) lines.rebuild(all)
  }

  const putOff = (held: Held<Item>, error: PutOffError) => {
    passes(held)
    tries.count(held)
    const { attempts } = held
    const waitMs = error.waitMs ?? backoffMs(attempts, { longestMs: longestWaitMs })
    // Others get their turn even where it is not to wait at all.
    held.dueAt = performance.now() + Math.max(1, waitMs)
    waits(held)
    log.warn({ item: nameOf(held.item), attempts, waitMs, err: error }, 'waits, and is tried again')
  }

  const fails = (held: Held<Item>, error: unknown) => {
    if (state === 'stopped') return
    const now = performance.now()
    const mayPass = work.size() > 1 || lines.fresh(now) !== undefined
    const others = { mayPass, failed: lines.failed(now) }
    const { isCounted, waitMs, allWait } = verdict.fails(held, error, now, others)
    if (isCounted) tries.count(held)
    waits(held)
    if (allWait) log.warn({ ...allWait, err: error }, 'all wait, and are tried again')
    else {
      const { failures } = held
      log.warn({ item: nameOf(held.item), failures, waitMs, err: error }, 'waits, and is tried again')
    }
  }

  const waits = (held: Held<Item>) => {
    waiting.add(held)
    lines.putBack(held)
  }

  return {
    add: (item, attempts = 0) => {
      count += 1
      const held: Held<Item> = {
        item,
        number: count,
        key: keyOf(item),
        next: undefined,
        inHand: false,
        dueAt: 0,
        askedUntil: 0,
        attempts,
        failures: 0,
        isKnown: false,
        mayCount: false,
        begunAfter: 0,
      }
      all.add(held)
      lines.join(held)
      beginAll()
    },
    drop: (which = () => true) => {
      for (const held of all) {
        if (!which(held.item)) continue
        forget(held)
        if (held.inHand) dropped.add(held)
        else all.delete(held)
      }
      lines.rebuild(all)
      beginAll()
    },
    pause: async () => {
      state = state === 'stopped' ? state : 'paused'
      beginAll()
      await work.ended()
    },
    resume: () => {
      state = state === 'stopped' ? state : 'open'
      beginAll()
    },
    look: beginAll,
    outage: () => {
      const outage = verdict.outage()
      return outage && `waits after try ${outage.attempt}: ${outage.reason}`
    },
    size: () => all.size - dropped.size,
    waiting: () => waiting.size,
    stop: async () => {
      state = 'stopped'
      beginAll()
      const late = Promise.withResolvers<void>()
      const giveUp = setTimeout(late.resolve, stopMs)
      await Promise.race([work.ended(), late.promise])
      clearTimeout(giveUp)
      if (work.size() > 0) log.warn({ items: work.size() }, 'what is in hand does not end, and is given up')
    },
  }
}
