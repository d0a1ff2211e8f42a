import type { Logger } from 'kafka-restaurants-service'
import type { Lane } from '../consume/lane.ts'
import { type Failure, failureOf } from './failure.ts'

/** Lanes whose own outputs may be why a commit of several failed: each is committed by itself until that works. */
export interface Suspects {
  /** @param isNew whether others were in that commit: it is then tried alone at once, and nothing is said yet */
  add: (lane: Lane, error: unknown, isNew?: boolean) => void
  remove: (lane: Lane) => void
  failure: (lane: Lane) => Failure | undefined
  count: () => number
  all: () => Lane[]
  /** Whether it is to be tried now. */
  isDue: (lane: Lane) => boolean
  /** When the next one is due. */
  nextAt: () => number
}

export function createSuspects(log: Logger): Suspects {
  const failures = new Map<Lane, Failure>()
  return {
    add: (lane, error, isNew = false) => {
      const attempt = (failures.get(lane)?.attempt ?? 0) + (isNew ? 0 : 1)
      const failed = failureOf(error, attempt)
      if (attempt > 0) {
        const what = { lane: lane.name, attempt, err: error }
        log.warn(what, 'what a partition brings is not taken, and is tried again')
      }
      failures.set(lane, isNew ? { ...failed, retryAt: 0 } : failed)
    },
    remove: lane => void failures.delete(lane),
    failure: lane => failures.get(lane),
    count: () => failures.size,
    all: () => [...failures.keys()],
    isDue: lane => (failures.get(lane)?.retryAt ?? Number.POSITIVE_INFINITY) <= performance.now(),
    nextAt: () => Math.min(...[...failures.values()].map(({ retryAt }) => retryAt)),
  }
}
