import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

/** How the mail server behaves, so that tests and people can see what a sender does about it. */
export const Mode = z.object({
  mode: z.enum(['normal', 'slow', 'away', 'refuse']),
  delayMs: z.int().min(0).max(600_000).default(1000),
  address: z
    .string()
    .max(320)
    .optional()
    .meta({ description: 'whom `refuse` refuses; everybody without it' }),
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
    isAway: () => current.mode === 'away',
    refuses: (address: string) =>
      current.mode === 'refuse' && (!current.address || sameAddress(current.address, address)),
    /** Waits as long as a slow server takes; at once when it is not slow, or is stopping. */
    async slowness(): Promise<void> {
      if (current.mode !== 'slow') return
      await delay(current.delayMs, undefined, { signal: stopping.signal }).catch(() => {})
    },
    stop: () => stopping.abort(),
  }
}

const sameAddress = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()
