import { backoffMs, OutageError, PutOffError } from 'kafka-restaurants-kafka'
import type { Logger } from 'kafka-restaurants-service'

export interface WindowOptions<Item> {
  /** The most items in hand at once. */
  concurrency: number
  keyOf: (item: Item) => string
  /**
   * Handles an item, and acknowledges it. @throws PutOffError to have this item tried again; anything else has all of
   * them wait.
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
  /** Begins nothing new. Resolves when what is in hand has ended. */
  stop: () => Promise<void>
}

interface Held<Item> {
  item: Item
  key: string
  attempts: number
  dueAt: number
  inHand: boolean
}

const longestWaitMs = 60_000

/**
 * Handles items of different keys concurrently, and those of one key one after another. An item that is put off waits
 * with the rest of its key behind it, and the others go on. After any other error nothing works: all wait, 200 ms and
 * then longer, up to 5 s (or as long as an OutageError says), until one of them alone has been tried and did not fail so.
 */
export function createWindow<Item>(options: WindowOptions<Item>): Window<Item> {
  const { concurrency, keyOf, handle, keepAttempts, nameOf, log } = options
  const all = new Set<Held<Item>>()
  const inHand = new Set<Promise<void>>()
  let outage: { attempt: number; reason: string; retryAt: number } | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  /** Begins what may begin now, oldest first, and sets the timer for the next that may. */
  const beginDue = () => {
    clearTimeout(timer)
    const seen = new Set<string>()
    const now = Date.now()
    let wakeAt = Number.POSITIVE_INFINITY
    for (const held of all) {
      if (stopped || inHand.size >= (outage ? 1 : concurrency)) return
      if (seen.has(held.key)) continue
      seen.add(held.key)
      if (held.inHand) continue
      const dueAt = Math.max(held.dueAt, outage?.retryAt ?? 0)
      if (dueAt <= now) begin(held)
      else wakeAt = Math.min(wakeAt, dueAt)
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
      outage = undefined
    } catch (error) {
      if (error instanceof PutOffError) await putOff(held, error)
      else allWait(error)
    }
  }

  const putOff = async (held: Held<Item>, error: PutOffError) => {
    const attempts = held.attempts + 1
    const waitMs = error.waitMs ?? backoffMs(attempts, { longestMs: longestWaitMs })
    held.attempts = attempts
    held.dueAt = Date.now() + waitMs
    outage = undefined
    log.warn({ event: nameOf(held.item), attempts, waitMs, err: error }, 'event waits, and is tried again')
    await keepAttempts(held.item, attempts).catch(allWait)
  }

  const allWait = (error: unknown) => {
    // The others that were in hand when it began say nothing new.
    if (outage && Date.now() < outage.retryAt) return
    const attempt = (outage?.attempt ?? 0) + 1
    const waitMs = Math.max(error instanceof OutageError ? error.waitMs : 0, backoffMs(attempt))
    const reason = error instanceof Error ? error.message : String(error)
    outage = { attempt, reason, retryAt: Date.now() + waitMs }
    log.warn({ attempt, waitMs, err: error }, 'all events wait, and are tried again')
  }

  return {
    add: (item, attempts) => {
      all.add({ item, key: keyOf(item), attempts, dueAt: 0, inHand: false })
      beginDue()
    },
    outage: () => outage && `all events wait after try ${outage.attempt}: ${outage.reason}`,
    size: () => all.size,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await Promise.all(inHand)
    },
  }
}
