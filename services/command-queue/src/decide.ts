import type { CommandEventType, ResourceLimits } from 'kafka-restaurants-contracts'
import { firstOf, withItem, withoutFirst } from './pages.ts'
import {
  type Cause,
  type Ended,
  endedCount,
  isKnown,
  perPage,
  queuedCount,
  type Resource,
} from './resource.ts'
import { findRunning, type Running, runningCount, withInstead, withStarted } from './running.ts'

/** What a resource may have, and for how long the ids of its commands are known after they have ended. */
export interface Limits extends ResourceLimits {
  dedupeMs: number
  /** The most ids that are known after their commands have ended; the oldest go first. */
  dedupeLimit: number
}

/** What happens to a resource. `at` is when, in ms since the epoch. */
export type Input = { at: number } & (
  | { type: 'REQUEST'; id: string; message: string; cause?: Cause | undefined }
  | { type: CommandEventType; id: string; fence?: number | undefined }
  /** A lease was seen to have run out at `seenAt`. */
  | { type: 'LEASE_OVER'; id: string; fence: number; seenAt: number }
  /** The limits may be others, or something may be to be forgotten. */
  | { type: 'LOOK' }
)

/** What follows from it for others. */
export type Effect =
  | {
      type: 'START'
      id: string
      message: string
      fence: number
      requestedAt: number
      cause?: Cause | undefined
    }
  | { type: 'REJECT'; id: string; message: string; reason: string }
  | { type: 'EXPIRE'; id: string; fence: number }
  /** Nothing, and why. */
  | { type: 'IGNORE'; why: 'repeated' | 'owns no place' | 'old fence' | 'lease goes on' }

export interface Decision {
  resource: Resource
  effects: Effect[]
}

/**
 * Decides what becomes of a resource: never more than `semaphoreLimit` commands run, those that wait start in the order in
 * which they came, and none is taken twice. Pure: the same input and time lead to the same decision.
 *
 * A lower limit ends nothing that runs, and a higher one starts what waits at the next input. Where nothing limits a
 * resource its commands own no place: they are passed on, and known as if they had ended.
 */
export function decide(before: Resource, input: Input, limits: Limits): Decision {
  const effects: Effect[] = []
  const changed = after(forgotten(before, input.at, limits), input, limits, effects)
  const resource = started(forgotten(changed, input.at, limits), input.at, limits, effects)
  return { resource: effects.every(isNothing) && isSame(before, resource) ? before : resource, effects }
}

const isNothing = ({ type }: Effect) => type === 'IGNORE'
const isSame = (a: Resource, b: Resource) =>
  a.running === b.running && a.queued === b.queued && a.ended === b.ended && a.fence === b.fence

/** What the input alone does. */
function after(resource: Resource, input: Input, limits: Limits, effects: Effect[]): Resource {
  switch (input.type) {
    case 'REQUEST':
      return requested(resource, input, limits, effects)
    case 'INITIALIZING':
    case 'CONTINUING':
      return continued(resource, input, limits, effects)
    case 'TERMINATING':
      return terminated(resource, input, limits, effects)
    case 'LEASE_OVER':
      return expired(resource, input, limits, effects)
    case 'LOOK':
      return resource
    default:
      return input satisfies never
  }
}

type Of<Type extends Input['type']> = Extract<Input, { type: Type }>

function requested(
  resource: Resource,
  { id, message, at, cause }: Of<'REQUEST'>,
  limits: Limits,
  effects: Effect[],
): Resource {
  if (isKnown(resource, id)) return ignored(resource, 'repeated', effects)
  const waiting = queuedCount(resource)
  const { queueLimit } = limits
  if (queueLimit !== null && waiting >= queueLimit + freePlaces(resource, limits)) {
    const reason = `${waiting} commands wait for this resource already, and ${queueLimit} may`
    effects.push({ type: 'REJECT', id, message, reason })
    return resource
  }
  return {
    ...resource,
    queued: withItem(
      resource.queued,
      { id, message, requestedAt: at, ...(cause && { cause }) },
      perPage.queued,
    ),
  }
}

function continued(
  resource: Resource,
  { id, fence, at }: Of<CommandEventType>,
  { leaseMs }: Limits,
  effects: Effect[],
): Resource {
  const owner = ownerOf(resource, { id, fence }, effects)
  if (!owner || leaseMs === null) return resource
  const renewed = { ...owner, leaseUntil: Math.max(owner.leaseUntil ?? 0, at + leaseMs) }
  return { ...resource, running: withInstead(resource.running, owner, renewed) }
}

function terminated(
  resource: Resource,
  { id, fence, at }: Of<CommandEventType>,
  limits: Limits,
  effects: Effect[],
): Resource {
  const owner = ownerOf(resource, { id, fence }, effects)
  return owner ? withoutOwner(resource, owner, at + limits.dedupeMs) : resource
}

function expired(
  resource: Resource,
  { id, fence, seenAt, at }: Of<'LEASE_OVER'>,
  limits: Limits,
  effects: Effect[],
): Resource {
  const owner = ownerOf(resource, { id, fence }, effects)
  if (!owner) return resource
  if (owner.leaseUntil === undefined || owner.leaseUntil > seenAt)
    return ignored(resource, 'lease goes on', effects)
  effects.push({ type: 'EXPIRE', id, fence: owner.fence })
  return withoutOwner(resource, owner, at + limits.dedupeMs)
}

/** Who has the place that an event speaks of. Without a fence it counts for whoever has that id. */
function ownerOf(
  { running }: Resource,
  { id, fence }: { id: string; fence?: number | undefined },
  effects: Effect[],
): Running | undefined {
  const owner = findRunning(running, id)
  if (owner && (fence === undefined || fence === owner.fence)) return owner
  effects.push({ type: 'IGNORE', why: owner ? 'old fence' : 'owns no place' })
  return undefined
}

const withoutOwner = (resource: Resource, owner: Running, until: number): Resource => ({
  ...resource,
  running: withInstead(resource.running, owner),
  ended: withItem(resource.ended, { id: owner.id, until } satisfies Ended, perPage.ended),
})

const ignored = (
  resource: Resource,
  why: Extract<Effect, { type: 'IGNORE' }>['why'],
  effects: Effect[],
): Resource => {
  effects.push({ type: 'IGNORE', why })
  return resource
}

const freePlaces = ({ running }: Resource, { semaphoreLimit }: Limits): number =>
  semaphoreLimit === null ? Number.POSITIVE_INFINITY : Math.max(0, semaphoreLimit - runningCount(running))
const hasPlace = (resource: Resource, limits: Limits) => freePlaces(resource, limits) > 0

/** Without the ids that nobody has to know any more. */
function forgotten(resource: Resource, now: number, { dedupeLimit }: Limits): Resource {
  let { ended } = resource
  let count = endedCount(resource)
  for (let oldest = firstOf(ended); oldest; oldest = firstOf(ended)) {
    if (count <= dedupeLimit && oldest.until > now) break
    ended = withoutFirst(ended)
    count -= 1
  }
  return ended === resource.ended ? resource : { ...resource, ended }
}

/** With all running that have a place, in the order in which they came. */
function started(resource: Resource, now: number, limits: Limits, effects: Effect[]): Resource {
  let next = resource
  for (let first = firstOf(next.queued); first && hasPlace(next, limits); first = firstOf(next.queued)) {
    // It grows though a resource was forgotten meanwhile, and nearly always though a clock goes back.
    const fence = Math.max(next.fence + 1, now)
    const { id } = first
    effects.push({ type: 'START', ...first, fence })
    next = { ...next, fence, queued: withoutFirst(next.queued), ...placed(next, { id, fence, now }, limits) }
  }
  return next
}

const placed = (
  { running, ended }: Resource,
  { id, fence, now }: { id: string; fence: number; now: number },
  { semaphoreLimit, leaseMs, dedupeMs, dedupeLimit }: Limits,
): Partial<Resource> => {
  if (semaphoreLimit === null && dedupeLimit === 0) return {}
  if (semaphoreLimit === null) return { ended: withItem(ended, { id, until: now + dedupeMs }, perPage.ended) }
  const leaseUntil = leaseMs === null ? undefined : now + leaseMs
  return { running: withStarted(running, { id, fence, startedAt: now, leaseUntil }) }
}
