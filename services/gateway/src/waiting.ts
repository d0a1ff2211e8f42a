import type { Response } from 'express'

/** Why the wait for a reply ended without one. */
export type Ending = 'timed out' | 'left' | 'stopping'

export interface Waiting {
  /** Resolves with what comes first: a value, or why the wait is over: after so many ms, or when the caller hangs up. */
  wait: <Value>(value: Promise<Value>, ms: number, response: Response) => Promise<Value | Ending>
  /** Resolves when nobody waits, or after so many ms. */
  empty: (ms: number) => Promise<void>
  /** Ends all waits that last, and those that begin later. */
  end: () => void
  count: () => number
}

/** The calls of a process that wait. */
export function waiting(): Waiting {
  const all = new Set<(ending: Ending) => void>()
  let isOver = false
  let emptied: (() => void) | undefined
  return {
    wait: async (value, ms, response) => {
      // Who does not wait any more does not hear of a failure either.
      value.catch(() => {})
      if (isOver) return 'stopping'
      if (response.destroyed) return 'left'
      const { promise, resolve } = Promise.withResolvers<Ending>()
      const timer = setTimeout(resolve, ms, 'timed out')
      const left = () => resolve('left')
      response.once('close', left)
      all.add(resolve)
      try {
        return await Promise.race([value, promise])
      } finally {
        clearTimeout(timer)
        response.off('close', left)
        all.delete(resolve)
        if (all.size === 0) emptied?.()
      }
    },
    empty: async ms => {
      if (all.size === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      emptied = resolve
      const timer = setTimeout(resolve, ms)
      await promise
      clearTimeout(timer)
    },
    end: () => {
      isOver = true
      for (const resolve of all) resolve('stopping')
    },
    count: () => all.size,
  }
}
