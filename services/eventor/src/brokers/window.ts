import { backoffMs, OutageError, PutOffError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { within } from './within.ts'

export interface WindowOptions<Item> {
  /** The most items in hand at once. */
  concurrency: number
  keyOf: (item: Item) => string
  /**
   * Handles an item, and acknowledges it. @throws PutOffError to have this item tried again; anything else as well, and
   * may be an outage.
   * @param attempt which try of this item this is, from 1
   */
  handle: (item: Item, attempt: number) => Promise<void>
  /** Keeps in a safe place how often an item was tried; it is tried again only when that is done. */
  keepAttempts: (item: Item, attempts: number) => Promise<void>
  /** How to call an item in the log. */
  nameOf: (item: Item) => string
  log: Logger
}

/** What was received and is not done. Never two items of one key are in hand. */
export interface Window<Item> {
  /** Takes an item in; those of one key are handled in the order in which they come. `attempts` were made before. */
  add: (item: Item, attempts: number) => void
  /** Why nothing is handled now, in words; undefined when it is. */
  outage: () => string | undefined
  /** How many items are not done. */
  size: () => number
  /** Begins nothing new. Resolves when what is in hand has ended, or is given up after 4 s. */
  stop: () => Promise<void>
}

interface Held<Item> {
  item: Item
  key: string
  /** The tries that count. */
  attempts: number
  /** How often it has failed without an answer about itself. */
  failures: number
  /** Whether others passed while it failed: then its failure is no news about them. */
  isKnown: boolean
  dueAt: number
  inHand: boolean
}

const longestWaitMs = 60_000
const stopMs = 4_000
/** A single item that fails must not look like an outage, even where one is in hand at once. */
const fewestFailures = 3
/** In an outage, an item is tried so often before the next one: it may be the only one that fails. */
const triesInARow = 3

/**
 * Handles items of different keys concurrently, and those of one key one after another. An item that fails waits with the
 * rest of its key behind it, as long as its error says or 200 ms and then longer, up to a minute; the others go on. When
 * nothing works (as many fail as may be in hand, three at least, or all that there are, and none passes), it is an outage:
 * all wait, 200 ms and then longer, up to 5 s, until one of them alone has been tried and did not fail so. The same rule
 * as for a partition of Kafka, see `createLane`.
 */
export function createWindow<Item>(options: WindowOptions<Item>): Window<Item> {
  const { concurrency, keyOf, handle, keepAttempts, nameOf, log } = options
  const mostFailures = Math.max(concurrency, fewestFailures)
  const all = new Set<Held<Item>>()
  const inHand = new Set<Promise<void>>()
  /** Those that have failed since the last one that did not. */
  const failing = new Set<Held<Item>>()
  let outage: { attempt: number; reason: string; retryAt: number } | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  /** Failures that may be everybody's. */
  const news = () => [...failing].filter(({ isKnown }) => !isKnown).length

  /** The first of each key that has none in hand, oldest first. */
  function* heads(): Generator<Held<Item>> {
    const seen = new Set<string>()
    for (const held of all) {
      if (seen.has(held.key)) continue
      seen.add(held.key)
      if (!held.inHand) yield held
    }
  }

  /** The heads in the order in which they are to be tried. */
  const inTurn = (): Iterable<Held<Item>> => {
    const turn = ({ failures }: Held<Item>) => Math.floor(failures / triesInARow)
    return outage ? [...heads()].sort((a, b) => turn(a) - turn(b)) : heads()
  }

  /** In an outage, what has not failed itself may show that others do pass, as long as few have failed. */
  const dueAt = (held: Held<Item>): number => {
    const mayPass = !failing.has(held) && news() < mostFailures
    return outage && !mayPass ? Math.max(held.dueAt, outage.retryAt) : held.dueAt
  }

  /** A failure that is news keeps its place, so that no more are begun in vain than may be in hand. */
  const hasRoom = (held: Held<Item>): boolean =>
    inHand.size === 0 || (inHand.size + news() < mostFailures && !(outage && failing.has(held)))

  /** Begins what may begin now, and sets the timer for the next that may. */
  const beginDue = () => {
    clearTimeout(timer)
    if (stopped) return
    const now = Date.now()
    let wakeAt = Number.POSITIVE_INFINITY
    for (const held of inTurn()) {
      if (inHand.size >= concurrency) return
      if (dueAt(held) > now) wakeAt = Math.min(wakeAt, dueAt(held))
      else if (hasRoom(held)) begin(held)
    }
    if (wakeAt < Number.POSITIVE_INFINITY) {
      timer = setTimeout(beginDue, Math.min(wakeAt - now, longestWaitMs))
    }
  }

  const begin = (held: Held<Item>) => {
    held.inHand = true
    const work = tryOnce(held).finally(() => {
      held.inHand = false
      inHand.delete(work)
      beginDue()
    })
    inHand.add(work)
  }

  const tryOnce = async (held: Held<Item>) => {
    try {
      await handle(held.item, held.attempts + 1)
      all.delete(held)
      failing.delete(held)
      works()
    } catch (error) {
      if (error instanceof PutOffError) await putOff(held, error)
      else fails(held, error)
    }
  }

  const works = () => {
    for (const held of failing) {
      if (outage && !held.isKnown) held.failures = 1
      held.isKnown = true
    }
    failing.clear()
    outage = undefined
  }

  const putOff = async (held: Held<Item>, error: PutOffError) => {
    const attempts = held.attempts + 1
    const waitMs = error.waitMs ?? backoffMs(attempts, { longestMs: longestWaitMs })
    held.attempts = attempts
    held.dueAt = Date.now() + waitMs
    failing.delete(held)
    works()
    log.warn({ event: nameOf(held.item), attempts, waitMs, err: error }, 'event waits, and is tried again')
    await keepAttempts(held.item, attempts).catch(error => fails(held, error))
  }

  const fails = (held: Held<Item>, error: unknown) => {
    if (stopped) return
    const now = Date.now()
    const askedMs = error instanceof OutageError ? error.waitMs : 0
    held.failures += 1
    failing.add(held)
    if (nothingWorks(now)) return allWait(held, error, askedMs)
    const waitMs = Math.max(askedMs, backoffMs(held.failures, { longestMs: longestWaitMs }))
    held.dueAt = Math.max(held.dueAt, now + waitMs)
    if (outage) outage.retryAt = Math.min(outage.retryAt, held.dueAt)
    log.warn(
      { event: nameOf(held.item), failures: held.failures, waitMs, err: error },
      'event waits, and is tried again',
    )
  }

  const nothingWorks = (now: number): boolean => {
    // The others that were in hand when it began say nothing new.
    if (outage && now < outage.retryAt) return false
    if (news() >= mostFailures || outage) return true
    const othersMayPass =
      inHand.size > 1 || [...heads()].some(each => !failing.has(each) && each.dueAt <= now)
    return !othersMayPass && (news() > 0 || failing.size > 1)
  }

  const allWait = (held: Held<Item>, error: unknown, askedMs: number) => {
    const attempt = (outage?.attempt ?? 0) + 1
    const waitMs = Math.max(news() < mostFailures ? 0 : askedMs, backoffMs(attempt))
    const reason = error instanceof Error ? error.message : String(error)
    outage = { attempt, reason, retryAt: Date.now() + waitMs }
    const ownMs = held.isKnown ? backoffMs(held.failures, { longestMs: longestWaitMs }) : 0
    held.dueAt = Date.now() + Math.max(askedMs, waitMs, ownMs)
    log.warn({ attempt, waitMs, err: error }, 'all events wait, and are tried again')
  }

  return {
    add: (item, attempts) => {
      all.add({
        item,
        key: keyOf(item),
        attempts,
        failures: 0,
        isKnown: false,
        dueAt: 0,
        inHand: false,
      })
      beginDue()
    },
    outage: () => outage && `all events wait after try ${outage.attempt}: ${outage.reason}`,
    size: () => all.size,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await within(stopMs, Promise.all(inHand), 'events in hand are given up, as they did not end').catch(
        err => log.warn({ events: inHand.size, err }, 'events in hand come again'),
      )
    },
  }
}
