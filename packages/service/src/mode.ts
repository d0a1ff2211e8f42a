import { setTimeout as delay } from 'node:timers/promises'

/**
 * How a mock behaves: each has modes of its own. In `slow`, it waits `delayMs` milliseconds before it answers. After
 * `forMs`, where that is given, it is as it was at its start.
 */
interface Mode {
  mode: string
  delayMs: number
  forMs?: number | undefined
}

/** The switch that makes a mock misbehave, so that tests and people can see what the others do about it. */
export interface ModeSwitch<Current extends Mode> {
  /** With `until`, ISO 8601, where it has an end. */
  get: () => Current & { until?: string }
  set: (mode: Current) => void
  /** Waits as long as a slow one takes; not at all when it is not slow, and no longer once it is stopping. */
  slowness: () => Promise<void>
  /** Ends every wait, for good. */
  stop: () => void
}

export function modeSwitch<Current extends Mode>(initial: Current): ModeSwitch<Current> {
  let current: Current & { until?: string } = initial
  let end: NodeJS.Timeout | undefined
  const stopping = new AbortController()
  return {
    get: () => current,
    set: mode => {
      clearTimeout(end)
      const { forMs } = mode
      current = forMs === undefined ? mode : { ...mode, until: new Date(Date.now() + forMs).toISOString() }
      if (forMs === undefined) return
      end = setTimeout(() => {
        current = initial
      }, forMs).unref()
    },
    slowness: async () => {
      if (current.mode !== 'slow') return
      await delay(current.delayMs, undefined, { signal: stopping.signal }).catch(() => {})
    },
    stop: () => {
      clearTimeout(end)
      stopping.abort()
    },
  }
}
