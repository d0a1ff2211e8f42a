import type { Limits } from './decide.ts'
import type { Running } from './running.ts'
import type { ResourceOutline } from './stored-resource.ts'

/** What the queue is to be told of a resource, as time has passed or its limits are others. */
export type Reminder = { type: 'LEASE_OVER'; id: string; fence: number } | { type: 'LOOK' }

/** What of a resource is due by now. @param running who has a place; asked only where a lease is over */
export function remindersOf(
  resource: ResourceOutline,
  running: () => readonly Running[],
  limits: Limits,
  now: number,
): Reminder[] {
  const { leaseUntil: first = Number.POSITIVE_INFINITY } = resource
  const over = first <= now ? running().filter(({ leaseUntil }) => leaseUntil && leaseUntil <= now) : []
  const leases = over.map(({ id, fence }) => ({ type: 'LEASE_OVER', id, fence }) as const)
  return lookAt(resource, limits) <= now ? [...leases, { type: 'LOOK' }] : leases
}

/** When something of a resource is due, in ms since the epoch; never for infinity. */
export const dueAt = (resource: ResourceOutline, limits: Limits): number =>
  Math.min(lookAt(resource, limits), resource.leaseUntil ?? Number.POSITIVE_INFINITY)

/** When it could be another one by itself: at once where the limits let somebody start, or when all of it may be forgotten. */
function lookAt(resource: ResourceOutline, { semaphoreLimit }: Limits): number {
  const isWaiting = resource.waiting > 0
  if (isWaiting) return resource.running < (semaphoreLimit ?? Number.POSITIVE_INFINITY) ? 0 : Number.POSITIVE_INFINITY // biome-ignore format: a line
  if (resource.running > 0) return Number.POSITIVE_INFINITY
  return Math.max(resource.endedUntil ?? 0, resource.fence + 1)
}
