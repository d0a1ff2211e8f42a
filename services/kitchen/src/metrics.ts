import { Counter, Gauge, type Metrics } from 'kafka-restaurants-service'
import type { Database } from './adapters/database.ts'
import type { Tickets } from './adapters/tickets.ts'
import type { Untold } from './adapters/untold.ts'

/** Metrics of what is kept, read when they are asked for, and a counter of calls. */
export function kitchenMetrics(
  metrics: Metrics,
  { database, tickets, untold }: { database: Database; tickets: Tickets; untold: Untold },
) {
  const byState = (
    name: string,
    help: string,
    states: string[],
    counts: () => { state: string; count: number }[],
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers: [metrics],
      collect() {
        if (!database.isOpen) return
        for (const state of states) this.set({ state }, 0)
        for (const { state, count } of counts()) this.set({ state }, count)
      },
    })
  byState('kitchen_tickets', 'Tickets that are kept, by state', ['cooking', 'ready'], tickets.counts)
  byState(
    'kitchen_outbox',
    'Ready tickets that the command queue does not know of: waiting to be told, or failed as it refuses them',
    ['waiting', 'failed'],
    untold.counts,
  )
  const calls = new Counter({
    name: 'kitchen_calls_total',
    help: 'Calls that tell the command queue of a ready ticket, by outcome: taken, refused, or failed and tried again',
    labelNames: ['outcome'],
    registers: [metrics],
  })
  return { called: (outcome: 'taken' | 'refused' | 'failed') => calls.inc({ outcome }) }
}
