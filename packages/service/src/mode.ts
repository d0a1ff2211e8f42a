import { setTimeout as delay } from 'node:timers/promises'

/** How a mock behaves: each has modes of its own. In `slow`, it waits `delayMs` milliseconds before it answers. */
interface Mode {
  mode: string
  delayMs: number
}

/** The switch that makes a mock misbehave, so that tests and people can see what the others do about it. */
export interface ModeSwitch<Current extends Mode> {
  get: () => Current
  set: (mode: Current) => void
  /** Waits as long as a slow one takes; not at all when it is not slow, and no longer once it is stopping. */
  slowness: () => Promise<void>
  /** Ends every wait, for good. */
  stop: () => void
}

export function modeSwitch<Current extends Mode>(initial: Current): ModeSwitch<Current> {
  let current = initial
  const stopping = new AbortController()
  return {
    get: () => current,
    set: mode => {
      current = mode
    },
    slowness: async () => {
      if (current.mode !== 'slow') return
      await delay(current.delayMs, undefined, { signal: stopping.signal }).catch(() => {})
    },
    stop: () => stopping.abort(),
  }
}
