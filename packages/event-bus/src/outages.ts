import { backoffMs } from 'kafka-restaurants-delivery'

/** What Kafka does not take now, and when it is tried again: events of single topics, or any. */
export interface Outages {
  /**
   * A try failed.
   * @param topic what it was about; unless given, Kafka as a whole
   * @returns how many have failed in a row
   */
  failed: (error: unknown, topic?: string) => number
  /** Kafka took events of a topic. */
  passed: (topic: string) => void
  /** Whether a topic's events have to wait. */
  concern: (topic: string) => boolean
  /** Which topics are not to be tried yet. */
  notYet: () => 'all' | string[]
  /** How long until something is to be tried again, in ms; undefined where nothing waits. */
  nextTryMs: () => number | undefined
  inWords: () => string[]
}

interface Outage {
  attempt: number
  reason: string
  /** On the clock of `performance.now()`. */
  until: number
}

/** @param waits how long to wait before the next try, as of `backoffMs` */
export function createOutages(waits?: { firstMs?: number | undefined }): Outages {
  let all: Outage | undefined
  const topics = new Map<string, Outage>()
  const next = (last: Outage | undefined, error: unknown): Outage => {
    const attempt = (last?.attempt ?? 0) + 1
    return { attempt, reason: reasonOf(error), until: performance.now() + backoffMs(attempt, waits) }
  }
  return {
    failed: (error, topic) => {
      const outage = next(topic === undefined ? all : topics.get(topic), error)
      all = topic === undefined ? outage : undefined
      if (topic !== undefined) topics.set(topic, outage)
      return outage.attempt
    },
    passed: topic => {
      all = undefined
      topics.delete(topic)
    },
    concern: topic => all !== undefined || topics.has(topic),
    notYet: () => {
      const now = performance.now()
      if (all && all.until > now) return 'all'
      return [...topics].filter(([, { until }]) => until > now).map(([topic]) => topic)
    },
    nextTryMs: () => {
      const untils = [...(all ? [all] : topics.values())].map(({ until }) => until)
      return untils.length === 0 ? undefined : Math.max(1, Math.min(...untils) - performance.now())
    },
    inWords: () =>
      [...(all ? [['Kafka', all] as const] : []), ...topics].map(
        ([what, { attempt, reason }]) => `${what} takes no events since try ${attempt}: ${reason}`,
      ),
  }
}

/** The most that is known: the producer's error has what Kafka said as its cause. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : reasonOf(error.cause)
}
