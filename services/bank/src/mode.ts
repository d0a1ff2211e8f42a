import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

/** How the bank behaves, so that tests and people can see what the others do about it. */
export const Mode = z.object({
  mode: z.enum(['normal', 'slow', 'away', 'failing', 'lost-answer']),
  delayMs: z.int().min(0).max(600_000).default(1000),
})
export type Mode = z.infer<typeof Mode>

export type ModeSwitch = ReturnType<typeof createModeSwitch>

export function createModeSwitch() {
  let current: Mode = { mode: 'normal', delayMs: 1000 }
  const stopping = new AbortController()
  return {
    get: () => current,
    set: (mode: Mode) => {
      current = mode
    },
    /** Waits as long as a slow bank takes; at once when it is not slow, or is stopping. */
    async slowness(): Promise<void> {
      if (current.mode !== 'slow') return
      await delay(current.delayMs, undefined, { signal: stopping.signal }).catch(() => {})
    },
    stop: () => stopping.abort(),
  }
}
