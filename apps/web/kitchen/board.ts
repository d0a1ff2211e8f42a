import type { BoardTicket, Locale, QueuedResource } from 'kafka-restaurants-contracts'

export type Tickets = ReadonlyMap<string, BoardTicket>
export type Lines = ReadonlyMap<string, QueuedResource>

/** So many that are ready are kept, as the kitchen lists no more. */
const mostReady = 50

/** The tickets by their orders, after these have changed, or where these are all. */
export function withTickets(before: Tickets, changed: readonly BoardTicket[], isAll: boolean): Tickets {
  const all = new Map([...(isAll ? [] : before), ...changed.map(ticket => [ticket.orderId, ticket] as const)])
  const old = readyOf([...all.values()]).slice(mostReady)
  for (const { orderId } of old) all.delete(orderId)
  return all
}

/** The lines by their restaurants. One that nobody cooks for or waits in is gone. */
export function withLines(before: Lines, changed: readonly QueuedResource[], isAll: boolean): Lines {
  const all = new Map([...(isAll ? [] : before), ...changed.map(line => [line.resourceId, line] as const)])
  return new Map([...all].filter(([, { running, queued }]) => running.length + queued.length > 0))
}

/** What was pressed and is not answered yet, by the order: when. */
export type Pressed = ReadonlyMap<string, string>

/** The tickets as if what was pressed had been taken already. */
export const asPressed = (tickets: Tickets, pressed: Pressed): Tickets =>
  new Map(
    [...tickets].map(([orderId, ticket]) => {
      const readyAt = pressed.get(orderId)
      return [
        orderId,
        readyAt && ticket.state === 'cooking' ? { ...ticket, state: 'ready', readyAt } : ticket,
      ] as const
    }),
  )

/** What the board shows of one restaurant. */
export interface Kitchen {
  restaurant: string
  /** The oldest first. */
  cooking: BoardTicket[]
  /** The newest first. */
  ready: BoardTicket[]
  waiting: QueuedResource['queued']
  /** How many may cook at a time, where that is known and limited. */
  places: number | undefined
}

/** The restaurants that have anything to show, by their names as the language sorts them; one alone where it is named. */
export function kitchensOf(
  tickets: Tickets,
  lines: Lines,
  restaurant: string | undefined,
  locale: Locale,
): Kitchen[] {
  const byRestaurant = Map.groupBy(tickets.values(), ticket => ticket.restaurant)
  const names = [...new Set([...byRestaurant.keys(), ...lines.keys()])]
  return names
    .filter(name => restaurant === undefined || name === restaurant)
    .toSorted(byName(locale))
    .map(name => {
      const own = byRestaurant.get(name) ?? []
      const line = lines.get(name)
      return {
        restaurant: name,
        cooking: own
          .filter(({ state }) => state === 'cooking')
          .toSorted((a, b) => Date.parse(a.cookingAt) - Date.parse(b.cookingAt)),
        ready: readyOf(own),
        // Of two streams, either may be ahead.
        waiting: line?.queued.filter(({ id }) => !tickets.has(id)) ?? [],
        places: line?.limits.semaphoreLimit ?? undefined,
      }
    })
}

/** Names of restaurants, as a language sorts them. */
export const byName = (locale: Locale) => new Intl.Collator(locale).compare

const readyOf = (tickets: BoardTicket[]) =>
  tickets
    .filter(({ state }) => state === 'ready')
    .toSorted((a, b) => Date.parse(b.readyAt ?? '') - Date.parse(a.readyAt ?? ''))

/** What an order is called in a kitchen: the beginning of its number, which is long. */
export const shortName = (orderId: string) => orderId.slice(0, 8)
