/** A record of `command-requests`, or of `rejected-commands`; `at` are its coordinates. */
export interface Command {
  at: string
  resource: string
  id: string
  /** In ms since the epoch, as all times here. */
  writtenAt: number
}

/** A record of `actionable-commands`. */
export interface Start {
  at: string
  resource: string
  id: string
  /** Not less than the time at which the queue decided it. */
  fence: number
}

/** A record of `command-events` that frees a place. */
export interface End {
  at: string
  resource: string
  id: string
  fence?: number | undefined
  writtenAt: number
}

/** A ticket of the kitchen's. */
export interface CookedTicket {
  orderId: string
  restaurant: string
  state: string
  cookingAt: number
  readyAt?: number | undefined
}

/** What became of the orders that were paid. All lists are in the order of their partitions. */
export interface CookingEvidence {
  /** How many commands of a resource may run at a time. */
  semaphoreLimit: number
  commands: Command[]
  starts: Start[]
  ends: End[]
  rejected: Command[]
  tickets: CookedTicket[]
  /** The order of each record of `kitchen-tickets`. */
  ticketRecords: { at: string; orderId: string }[]
  /** What the command queue shows when all is drained. */
  inLine: { resource: string; running: string[]; queued: string[] }[]
  /** The orders in the kitchen's outbox: the command queue was not told that they are ready. */
  untold: string[]
}

type Cooking = CookingEvidence & { outcomes: { orderId: string; kind: string }[] }

/** Each step is held against the one before it, so that what goes missing is told of where it does. */
export const cookingRules = {
  'wrong command': wrongCommands,
  'rejected command': rejectedCommands,
  'wrong start': wrongStarts,
  'out of line': outOfLine,
  'fence does not grow': fallingFences,
  'too many at a time': overTheLimit,
  'wrong ticket': wrongTickets,
  'wrong end': wrongEnds,
  'place stays taken': takenPlaces,
  'untold ticket': untoldTickets,
} satisfies Record<string, (evidence: Cooking) => string[]>

/** Each confirmed order has one command, and nobody else has any. */
function wrongCommands({ outcomes, commands }: Cooking): string[] {
  const confirmed = outcomes.filter(({ kind }) => kind === 'confirmed').map(({ orderId }) => orderId)
  const byId = Map.groupBy(commands, ({ id }) => id)
  return unlike(confirmed, byId, {
    missing: id => `Order ${id} was confirmed, and has no command.`,
    repeated: (id, all) => `Order ${id} has ${all.length} commands: ${placesOf(all)}.`,
    needless: (id, all) => `The command ${id} at ${placesOf(all)} is of no confirmed order.`,
  })
}

/** The line has no end here. */
function rejectedCommands({ rejected }: Cooking): string[] {
  return rejected.map(({ id, resource, at }) => `The command ${id} of ${resource} was rejected at ${at}.`)
}

function wrongStarts({ commands, starts }: Cooking): string[] {
  const byId = Map.groupBy(starts, keyOf)
  return unlike(commands.map(keyOf), byId, {
    missing: key => `The command ${key} was never started.`,
    repeated: (key, all) => `The command ${key} was started ${all.length} times: ${placesOf(all)}.`,
    needless: (key, all) => `The start of ${key} at ${placesOf(all)} is of no command.`,
  })
}

/** Of each resource the commands start in the order in which they were asked for. */
function outOfLine({ commands, starts }: Cooking): string[] {
  const asked = new Map(commands.map((command, index) => [keyOf(command), index]))
  return followers(starts).flatMap(([before, start]) =>
    (asked.get(keyOf(before)) ?? 0) > (asked.get(keyOf(start)) ?? Number.POSITIVE_INFINITY)
      ? [`${start.id} of ${start.resource} was asked for before ${before.id}, and started after it.`]
      : [],
  )
}

function fallingFences({ starts }: Cooking): string[] {
  return followers(starts)
    .filter(([before, start]) => start.fence <= before.fence)
    .map(
      ([before, start]) =>
        `The fence of ${start.resource} goes from ${before.fence} to ${start.fence} at ${start.at}.`,
    )
}

/** The queue gives out no more places than there are, and so the kitchen does not have more on its stoves. */
function overTheLimit({ starts, ends, tickets, semaphoreLimit }: Cooking): string[] {
  const endedAt = firstEnds(starts, ends)
  const places = starts.map(start => ({
    what: start.id,
    where: start.resource,
    from: start.fence,
    until: endedAt.get(start) ?? Number.POSITIVE_INFINITY,
  }))
  const stoves = tickets.map(({ orderId, restaurant, cookingAt, readyAt }) => ({
    what: orderId,
    where: restaurant,
    from: cookingAt,
    until: readyAt ?? Number.POSITIVE_INFINITY,
  }))
  return [
    ...crowds(places, semaphoreLimit).map(
      ({ what, where, others }) => `${what} of ${where} was started while ${others} others had a place.`,
    ),
    ...crowds(stoves, semaphoreLimit).map(
      ({ what, where, others }) => `${what} of ${where} was cooked while ${others} others were.`,
    ),
  ]
}

/**
 * When each start's place was first given back: by a record that the queue can't have read before it was written, so that
 * who was given that place has a fence that is no smaller.
 */
function firstEnds(starts: Start[], ends: End[]): Map<Start, number> {
  const byKey = Map.groupBy(ends, keyOf)
  return new Map(
    starts.map(start => {
      const own = (byKey.get(keyOf(start)) ?? []).filter(end => frees(end, start))
      return [start, Math.min(...own.map(({ writtenAt }) => writtenAt))]
    }),
  )
}

const frees = ({ fence }: End, start: Start) => fence === undefined || fence === start.fence

interface Stay {
  what: string
  where: string
  from: number
  until: number
}

/** Who came while as many others were there as may be; who leaves in that very moment is gone. */
function crowds(stays: Stay[], limit: number): (Stay & { others: number })[] {
  return [...Map.groupBy(stays, ({ where }) => where).values()].flatMap(all => {
    const there = new Set<Stay>()
    return all
      .toSorted((a, b) => a.from - b.from)
      .flatMap(stay => {
        for (const other of there) if (other.until <= stay.from) there.delete(other)
        const others = there.size
        there.add(stay)
        return others >= limit ? [{ ...stay, others }] : []
      })
  })
}

/** What was started is one ticket, which is ready, and told of. */
function wrongTickets({ starts, tickets, ticketRecords }: Cooking): string[] {
  const started = starts.map(({ id }) => id)
  const byOrder = Map.groupBy(tickets, ({ orderId }) => orderId)
  const told = new Set(ticketRecords.map(({ orderId }) => orderId))
  const restaurants = new Map(starts.map(({ id, resource }) => [id, resource]))
  return [
    ...unlike(started, byOrder, {
      missing: id => `The command ${id} was started, and has no ticket.`,
      repeated: (id, all) => `The command ${id} has ${all.length} tickets.`,
      needless: id => `The ticket ${id} is of no command that was started.`,
    }),
    ...tickets
      .filter(({ state }) => state !== 'ready')
      .map(({ orderId, state }) => `The ticket ${orderId} is still ${state}.`),
    ...tickets
      .filter(({ orderId, restaurant }) => (restaurants.get(orderId) ?? restaurant) !== restaurant)
      .map(({ orderId, restaurant }) => `The ticket ${orderId} is of ${restaurant}, which was not told to.`),
    ...tickets
      .filter(({ orderId }) => !told.has(orderId))
      .map(({ orderId }) => `The ticket ${orderId} is in no record of kitchen-tickets.`),
    ...ticketRecords
      .filter(({ orderId }) => !byOrder.has(orderId))
      .map(({ orderId, at }) => `The record ${at} tells of a ticket ${orderId} that the kitchen has not.`),
  ]
}

/** What was started has ended, at least once, and nothing else has. */
function wrongEnds({ starts, ends }: Cooking): string[] {
  const byKey = Map.groupBy(starts, keyOf)
  const ended = firstEnds(starts, ends)
  return [
    ...starts
      .filter(start => !Number.isFinite(ended.get(start)))
      .map(start => `The command ${keyOf(start)} was started at ${start.at}, and never ended.`),
    ...ends
      .filter(end => !byKey.get(keyOf(end))?.some(start => frees(end, start)))
      .map(end => `The end of ${keyOf(end)} at ${end.at} is of no start.`),
  ]
}

function takenPlaces({ inLine }: Cooking): string[] {
  return inLine.flatMap(({ resource, running, queued }) => [
    ...running.map(id => `${id} has a place of ${resource} when all is drained.`),
    ...queued.map(id => `${id} waits for ${resource} when all is drained.`),
  ])
}

function untoldTickets({ untold }: Cooking): string[] {
  return untold.map(id => `The command queue was not told that ${id} is ready.`)
}

/** An id is its resource's: others may have the same. */
const keyOf = ({ resource, id }: { resource: string; id: string }) => `${id} of ${resource}`

/** Two and two that follow each other in a resource. */
const followers = (starts: Start[]): (readonly [Start, Start])[] =>
  [...Map.groupBy(starts, ({ resource }) => resource).values()].flatMap(all =>
    all.slice(1).map((start, index) => [all[index] ?? start, start] as const),
  )

/** What is not there once for each that is wanted. */
function unlike<Item>(
  wanted: string[],
  found: Map<string, Item[]>,
  words: {
    missing: (id: string) => string
    repeated: (id: string, all: Item[]) => string
    needless: (id: string, all: Item[]) => string
  },
): string[] {
  const ids = new Set(wanted)
  const several = [...found].filter(([id, all]) => ids.has(id) && all.length > 1)
  return [
    ...[...ids].filter(id => !found.has(id)).map(words.missing),
    ...several.map(([id, all]) => words.repeated(id, all)),
    ...[...found].filter(([id]) => !ids.has(id)).map(([id, all]) => words.needless(id, all)),
  ]
}

const placesOf = (all: { at: string }[]) => all.map(({ at }) => at).join(', ')
