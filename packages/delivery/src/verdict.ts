import { backoffMs } from './backoff.ts'
import { OutageError } from './errors.ts'
import type { Held } from './held.ts'

/** When nothing works. Times as in `Held`. */
interface Outage {
  attempt: number
  reason: string
  retryAt: number
}

/** What else there is when one fails. */
interface Others<Item> {
  /** Whether another one is in hand, or may be begun now and has never failed. */
  mayPass: boolean
  /** The one that has failed, and been due since then for longest. */
  failed: Held<Item> | undefined
}

interface Failure {
  /** Whether the try counts. */
  isCounted: boolean
  waitMs: number
  /** Which try of an outage it was, and how long all wait. */
  allWait?: { attempt: number; waitMs: number }
}

/** Tells an outage from items that fail by themselves, and says how long each waits. */
export interface Verdict<Item> {
  outage: () => Outage | undefined
  /** Whether something has failed, and nothing has passed since. */
  isOpen: () => boolean
  /** How many may be tried after the wait of an outage. */
  probes: () => number
  /** Whether one more may be begun beside so many others, one that has failed before or not. */
  hasRoom: (inPlace: number, hasFailed: boolean) => boolean
  begins: (held: Held<Item>) => void
  /** Takes note of a failure, and of how long the item waits. */
  fails: (held: Held<Item>, error: unknown, now: number, others: Others<Item>) => Failure
  /**
   * Takes note that an item is done, or was answered.
   * @returns the others whose last try counts, as this one passed; and whether some are due earlier now
   */
  passes: (held: Held<Item>, now: number) => { counting: Held<Item>[]; areDue: boolean }
  /** Takes an item for one that has never failed. */
  forget: (held: Held<Item>) => void
}

const longestWaitMs = 60_000

/**
 * It is an outage when `mostFailures` have failed, or all that there are, and none has passed meanwhile. Whatever passes
 * ends it, if it was begun since. What has failed until then, and fails again, has a reason of its own: that is no news
 * about the others any more.
 */
export function createVerdict<Item>(mostFailures: number): Verdict<Item> {
  /** What has failed since something last passed. */
  const failing = new Set<Held<Item>>()
  /** How many of them may have failed for everybody's reason. */
  let news = 0
  let outage: Outage | undefined
  let outages = 0

  const isOutage = (now: number, othersMayPass: boolean): boolean => {
    // The others that were in hand when it began say nothing new.
    if (outage && now < outage.retryAt) return false
    return Boolean(outage) || news >= mostFailures || (!othersMayPass && (news > 0 || failing.size > 1))
  }

  const forget = (held: Held<Item>) => {
    if (failing.delete(held) && !held.isKnown) news -= 1
    if (failing.size === 0) outage = undefined
    held.failures = 0
    held.isKnown = false
  }

  return {
    outage: () => outage,
    isOpen: () => failing.size > 0,
    // What lies behind many that always fail is found soon, though the waits get longer.
    probes: () => Math.min(mostFailures, 2 ** ((outage?.attempt ?? 1) - 1)),
    hasRoom: (inPlace, hasFailed) => inPlace + (hasFailed ? failing.size : news) < mostFailures,
    begins: held => {
      held.begunAfter = outages
      held.mayCount = false
    },
    fails: (held, error, now, { mayPass, failed }) => {
      const askedMs = error instanceof OutageError ? error.waitMs : 0
      if (!failing.has(held) && !held.isKnown) news += 1
      failing.add(held)
      held.failures += 1
      held.askedUntil = now + askedMs
      held.mayCount = !(error instanceof OutageError)
      const ownMs = Math.max(askedMs, backoffMs(held.failures, { longestMs: longestWaitMs }))
      const mayFailedPass = failed !== undefined && !failing.has(failed) && failing.size < mostFailures
      const othersMayPass = mayPass || mayFailedPass
      if (!isOutage(now, othersMayPass)) {
        held.dueAt = now + ownMs
        // Where it is alone, nothing else will tell.
        const isCounted = !outage && held.isKnown && held.mayCount && !othersMayPass
        if (isCounted) held.mayCount = false
        return { isCounted, waitMs: ownMs }
      }
      const attempt = (outage?.attempt ?? 0) + 1
      const reason = error instanceof Error ? error.message : String(error)
      const waitMs = Math.max(news < mostFailures ? 0 : askedMs, backoffMs(attempt))
      if (!outage) outages += 1
      outage = { attempt, reason, retryAt: now + waitMs }
      held.dueAt = now + Math.max(waitMs, held.isKnown ? ownMs : askedMs)
      return { isCounted: false, waitMs: held.dueAt - now, allWait: { attempt, waitMs } }
    },
    passes: (held, now) => {
      forget(held)
      if (failing.size === 0) return { counting: [], areDue: false }
      // What was begun before it does not say that it is over.
      if (outage && held.begunAfter < outages) return { counting: [], areDue: false }
      const counting = outage ? [] : [...failing].filter(({ mayCount }) => mayCount)
      const due = outage ? [...failing].filter(({ isKnown }) => !isKnown) : []
      for (const each of due) {
        each.failures = 1
        each.dueAt = Math.max(now, each.askedUntil)
      }
      for (const each of failing) {
        each.isKnown = true
        each.mayCount = false
      }
      failing.clear()
      news = 0
      outage = undefined
      return { counting, areDue: due.length > 0 }
    },
    forget,
  }
}
