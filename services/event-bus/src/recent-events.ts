import { randomUUID } from 'node:crypto'
import type { BusEvent } from 'kafka-restaurants-event-bus'
import type { Update } from 'kafka-restaurants-service'

/** The last events of a bus, for those that watch it. */
export interface RecentEvents {
  add: (event: BusEvent) => void
  newestId: () => string
  /**
   * The events after the one of an id. One that is not ours, as the process was started again, is before all of them;
   * where some after it are gone, an update `gap` says how many were missed.
   */
  after: (id: string, matches: (topic: string) => boolean) => Update[]
}

/** @param most the most that are kept: the oldest go first */
export function recentEvents(most = 10_000): RecentEvents {
  const process = randomUUID().slice(0, 8)
  const kept: { number: number; event: BusEvent }[] = []
  let newest = 0
  const idOf = (number: number) => `${process}-${number}`
  return {
    add: event => {
      newest += 1
      kept.push({ number: newest, event })
      // Not one by one, as that would move all of them each time.
      if (kept.length >= 2 * most) kept.splice(0, kept.length - most)
    },
    newestId: () => idOf(newest),
    after: (id, matches) => {
      const [, own = '0'] = new RegExp(`^${process}-(\\d{1,15})$`).exec(id) ?? []
      const seen = Number(own) <= newest ? Number(own) : 0
      const first = Math.max(newest - most, 0)
      const missed = first - seen
      const index = Math.max(0, kept.length - (newest - Math.max(seen, first)))
      const updates = kept
        .slice(index)
        .filter(({ event }) => matches(event.topic))
        .map(({ number, event }) => ({ id: idOf(number), data: event }))
      return missed > 0 ? [{ id: idOf(first), event: 'gap', data: { missed } }, ...updates] : updates
    },
  }
}
