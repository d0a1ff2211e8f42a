import type { BoardTicket } from 'kafka-restaurants-contracts'
import { currentTrace, inTransaction } from 'kafka-restaurants-service'
import type { Database } from './adapters/database.ts'
import type { Tickets } from './adapters/tickets.ts'
import type { Untold } from './adapters/untold.ts'
import { type KeptTicket, type NewOrder, type Taking, takeOrder } from './new-order.ts'
import type { Outbox } from './outbox.ts'

export interface KitchenParts {
  database: Database
  tickets: Tickets
  untold: Untold
  /** None where nobody is told. */
  outbox: Outbox | undefined
  /** Hears of each ticket that is new, or another than before. */
  changed: (ticket: BoardTicket) => void
}

export type Kitchen = ReturnType<typeof createKitchen>

/** What happens to tickets. Each step is committed, with what is to be told of it, before anybody hears of it. */
export function createKitchen({ database, tickets, untold, outbox, changed }: KitchenParts) {
  const eventOf = (kept: KeptTicket) => (outbox ? untold.add(kept) : undefined)

  const save = (taking: Taking) => {
    if (taking.outcome === 'new') tickets.add({ ...taking.kept, trace: currentTrace() })
    if (taking.outcome !== 'restarted') return undefined
    tickets.keepFence(taking.kept)
    return taking.kept.ticket.state === 'ready' ? eventOf(taking.kept) : undefined
  }

  return {
    /** Takes an order once: a repeat changes nothing but the fence. */
    take(order: NewOrder): Taking {
      const { taking, event } = inTransaction(database, () => {
        const taking = takeOrder(order, tickets.find(order.orderId), new Date())
        return { taking, event: save(taking) }
      })
      if (event) outbox?.sendAnew(event)
      if (taking.outcome === 'new') changed(taking.kept.ticket)
      return taking
    },
    /** Makes a ticket ready once; again, it only sends what was refused before. Undefined where there is no such ticket. */
    ready(orderId: string): BoardTicket | undefined {
      const before = tickets.find(orderId)
      if (!before) return undefined
      const isNews = before.ticket.state === 'cooking'
      if (!isNews && !untold.hasFailed(orderId)) return before.ticket
      const event = inTransaction(database, () => {
        if (isNews) tickets.markReady(orderId, new Date())
        return eventOf(before)
      })
      const ticket = tickets.find(orderId)?.ticket
      if (event) outbox?.send(event)
      if (ticket && isNews) changed(ticket)
      return ticket
    },
  }
}
