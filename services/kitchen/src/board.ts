import type { Ticket, TicketState } from 'kafka-restaurants-contracts'
import type { Update } from 'kafka-restaurants-service'
import type { Tickets } from './adapters/tickets.ts'

/** Which tickets somebody looks at. */
export interface View {
  restaurant?: string | undefined
  state?: TicketState | undefined
}

/** So many tickets go in an event at most. */
const mostAtOnce = 100
const everywhere = 'all'
const here = (restaurant: string) => `restaurant ${restaurant}`

/** Who is to look again when a ticket has changed. */
export const watchersOf = ({ restaurant }: Ticket) => [everywhere, here(restaurant)]

/** Where one who looks at that is to be found. */
export const watchKey = ({ restaurant }: View) => (restaurant === undefined ? everywhere : here(restaurant))

/**
 * What there is to tell after `seen`, the number of a change: of none, or of one that was never made here, the list.
 * Later ones have whatever has changed in any state, so that a board sees a ticket leave.
 */
export function updatesAfter(tickets: Tickets, view: View, seen: string): Update[] {
  const last = tickets.lastChange()
  const isKnown = /^\d{1,15}$/.test(seen) && Number(seen) <= last
  if (!isKnown) return [{ id: String(last), data: tickets.list(view) }]
  const changes = tickets.changedSince(Number(seen), view.restaurant)
  return inChunks(changes, mostAtOnce).map(some => ({
    id: String(some.at(-1)?.change),
    data: some.map(({ ticket }) => ticket),
  }))
}

const inChunks = <Item>(all: Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))
