/** Turns of some work, one after another, each at its time. */
export interface Turns {
  /** Has the next turn begin when it is due, which may be sooner than it was. */
  schedule: () => void
  /** Begins a turn at once, or takes part in the one that is under way. */
  run: () => Promise<void>
  /** The turn that is under way. */
  current: () => Promise<void> | undefined
  /** Begins no other, and waits for the one that is under way. */
  stop: () => Promise<void>
}

/**
 * @param turn never rejects
 * @param nextAt when the next turn is due, on the clock of `performance.now()`, which no correction of the time sets back
 */
export function createTurns(turn: () => Promise<void>, nextAt: () => number): Turns {
  let timer: NodeJS.Timeout | undefined
  let timerAt = Number.POSITIVE_INFINITY
  let turning: Promise<void> | undefined
  let isStopped = false

  const run = (): Promise<void> => {
    clearTimeout(timer)
    timerAt = Number.POSITIVE_INFINITY
    turning ??= turn().finally(() => {
      turning = undefined
      schedule()
    })
    return turning
  }
  const schedule = () => {
    if (turning || isStopped) return
    const at = nextAt()
    if (at >= timerAt) return
    clearTimeout(timer)
    timerAt = at
    timer = setTimeout(() => void run(), Math.max(0, at - performance.now()))
  }
  return {
    schedule,
    run,
    current: () => turning,
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await turning
    },
  }
}

export const wait = (ms: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, Math.max(0, ms)))
