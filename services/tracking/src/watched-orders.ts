import type { TrackedHistory } from './history.ts'

interface Watch {
  /** What is known of the order: read at first, later as it was kept, or was told since. */
  find: () => Promise<TrackedHistory | undefined>
  end: () => void
}

/** The orders that somebody watches. */
export interface WatchedOrders {
  watch: (orderId: string) => Watch
  /** What is kept of an order is not so any more. */
  changed: (orderId: string) => void
  /** Where orders stand in line, by a read that was begun at that time. */
  moved: (placeOf: ReadonlyMap<string, number>, begunAt: number) => void
  /** The time, by a clock of its own. */
  now: () => number
}

/**
 * Keeps what was read of the orders that are watched: when a line moves up, all who wait in it have another place, and
 * nothing else. A thousand would be read for it.
 */
export function watchedOrders(read: (orderId: string) => Promise<TrackedHistory | undefined>): WatchedOrders {
  const watched = new Map<string, Kept>()
  let clock = 0
  return {
    watch: orderId => {
      const kept = watched.get(orderId) ?? { watches: 0, version: 0, readAt: 0, found: undefined }
      watched.set(orderId, kept)
      kept.watches += 1
      let isFirst = true
      return {
        find: async () => {
          if (kept.found && !isFirst) return kept.found
          isFirst = false
          const { version } = kept
          const found = await read(orderId)
          if (kept.version === version) Object.assign(kept, { found, readAt: ++clock })
          return found
        },
        end: () => {
          kept.watches -= 1
          if (kept.watches === 0) watched.delete(orderId)
        },
      }
    },
    changed: orderId => {
      const kept = watched.get(orderId)
      if (kept) outdate(kept)
    },
    moved: (placeOf, begunAt) => {
      for (const [orderId, place] of placeOf) {
        const kept = watched.get(orderId)
        if (!kept) continue
        const { found, readAt } = kept
        outdate(kept)
        // Of two reads at the same time, nobody knows which is the newer: the order is read again.
        if (found && readAt < begunAt) kept.found = { ...found, place }
      }
    },
    now: () => ++clock,
  }
}

interface Kept {
  watches: number
  /** Another one where a read that is under way may be too old to be kept. */
  version: number
  readAt: number
  found: TrackedHistory | undefined
}

function outdate(kept: Kept) {
  kept.found = undefined
  kept.version += 1
}
