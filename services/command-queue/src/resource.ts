import { countOf, itemsOf, noPages, type Pages } from './pages.ts'
import { findRunning, nobodyRuns, type RunningList, runningCount } from './running.ts'

/** The headers of whoever asked: what is told of a command later, as others have ended, is of its trace, not of theirs. */
export type Cause = Partial<Record<'traceparent' | 'correlation_id' | 'baggage', string>>

/** A command that waits for a place. Times are in ms since the epoch. */
export interface Queued {
  id: string
  message: string
  requestedAt: number
  cause?: Cause | undefined
}

/** A command that has ended, or was passed on where nothing limits the resource: its id is not taken again until then. */
export interface Ended {
  id: string
  until: number
}

/** All that is known of a resource. Never changed: what follows from an input is another one. */
export interface Resource {
  /** The number of the last start. */
  fence: number
  running: RunningList
  queued: Pages<Queued>
  ended: Pages<Ended>
}

/** How many there are in a page of what is stored. */
export const perPage = { queued: 16, ended: 32 }

export const unknownResource: Resource = {
  fence: 0,
  running: nobodyRuns,
  queued: noPages,
  ended: noPages,
}

export const queuedCount = ({ queued }: Resource): number => countOf(queued, perPage.queued)
export const endedCount = ({ ended }: Resource): number => countOf(ended, perPage.ended)

/**
 * Whether nothing of it has to be known any more: neither a command, nor the number of the last start, as the next one is
 * larger by the time alone.
 */
export const isIdle = (resource: Resource, now: number): boolean =>
  runningCount(resource.running) === 0 &&
  queuedCount(resource) === 0 &&
  endedCount(resource) === 0 &&
  resource.fence < now

/** Whether a command of that id was taken and is not forgotten yet. */
export const isKnown = ({ running, queued, ended }: Resource, id: string): boolean =>
  findRunning(running, id) !== undefined || isIn(queued, id) || isIn(ended, id)

/** The ids of full pages, as these stay the same. */
const idsOfPages = new WeakMap<readonly { id: string }[], Set<string>>()

function isIn({ pages, tail, taken }: Pages<{ id: string }>, id: string): boolean {
  const [first, ...others] = pages
  return (
    tail.some(each => each.id === id) ||
    (first?.some((each, index) => index >= taken && each.id === id) ?? false) ||
    others.some(page => idsOf(page).has(id))
  )
}

function idsOf(page: readonly { id: string }[]): Set<string> {
  const known = idsOfPages.get(page) ?? new Set(page.map(each => each.id))
  idsOfPages.set(page, known)
  return known
}

/** The commands that wait, in the order in which they will start. */
export const queuedOf = ({ queued }: Resource): Generator<Queued> => itemsOf(queued)
