/** A command that has a place. Times are in ms since the epoch. */
export interface Running {
  id: string
  fence: number
  startedAt: number
  /** When its place is free without another word; never unless given. */
  leaseUntil?: number | undefined
}

/**
 * Who has a place, the oldest first. It is never changed: what follows from it is another one. Those that started last are in
 * the tail, the others in pages, of which only that is another one from whose list somebody is gone or has a longer lease:
 * so whoever stores it writes few of a thousand.
 */
export interface RunningList {
  pages: readonly RunningPage[]
  tail: readonly Running[]
}

interface RunningPage {
  /** The fence of who was the first of it when it was made, by which it is called. */
  first: number
  items: readonly Running[]
}

/** How many a page has when it is made. */
const perPage = 8

export const nobodyRuns: RunningList = { pages: [], tail: [] }

export const runningOf = ({ pages, tail }: RunningList): Running[] => [
  ...pages.flatMap(({ items }) => items),
  ...tail,
]

export const runningCount = ({ pages, tail }: RunningList): number =>
  pages.reduce((sum, { items }) => sum + items.length, tail.length)

export function findRunning({ pages, tail }: RunningList, id: string): Running | undefined {
  const isIt = (each: Running) => each.id === id
  for (const { items } of pages) {
    const found = items.find(isIt)
    if (found) return found
  }
  return tail.find(isIt)
}

/** With one that starts. */
export function withStarted({ pages, tail }: RunningList, command: Running): RunningList {
  let list: RunningList = { pages, tail: [...tail, command] }
  for (let [first] = list.tail; first && list.tail.length >= 2 * perPage; [first] = list.tail) {
    const page = { first: first.fence, items: list.tail.slice(0, perPage) }
    list = { pages: [...list.pages, page], tail: list.tail.slice(perPage) }
  }
  return list
}

/** With another in the place of one, or with nobody there. */
export function withInstead({ pages, tail }: RunningList, one: Running, other?: Running): RunningList {
  const instead = (items: readonly Running[]) => items.flatMap(each => (each === one ? (other ?? []) : each))
  if (tail.includes(one)) return { pages, tail: instead(tail) }
  const changed = pages.map(page =>
    page.items.includes(one) ? { ...page, items: instead(page.items) } : page,
  )
  return { pages: changed.filter(({ items }) => items.length > 0), tail }
}

/** When the first of their leases is over; never unless given. */
export function firstLease(running: readonly Pick<Running, 'leaseUntil'>[]): number | undefined {
  const first = running.reduce(
    (least, { leaseUntil = Number.POSITIVE_INFINITY }) => Math.min(least, leaseUntil),
    Number.POSITIVE_INFINITY,
  )
  return first === Number.POSITIVE_INFINITY ? undefined : first
}
