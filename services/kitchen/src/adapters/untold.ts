import { z } from 'zod'
import type { KeptTicket } from '../new-order.ts'
import type { Database } from './database.ts'

const Row = z.object({
  number: z.int(),
  order_id: z.string(),
  restaurant: z.string(),
  fence: z.int().nullable(),
  trace: z.string().nullable(),
})
const State = z.enum(['waiting', 'failed'])
const Counts = z.array(z.object({ state: State, count: z.int() }))

/** That a ticket is ready, which the command queue does not know yet. */
export interface ReadyEvent {
  /** Each has its own, also of the same ticket. */
  number: number
  orderId: string
  restaurant: string
  fence: number | undefined
  /** Of the ticket. */
  trace: string | undefined
}

export type Untold = ReturnType<typeof untoldStore>

/** The events that are to be sent, one for a ticket at most: the newest, as an older start counts no more. */
export function untoldStore(db: Database) {
  const insert = db.prepare(`
    INSERT OR REPLACE INTO outbox (order_id, restaurant, fence, trace, state)
    VALUES (:orderId, :restaurant, :fence, :trace, 'waiting') RETURNING number, order_id, restaurant, fence, trace`)
  const waiting = db.prepare("SELECT * FROM outbox WHERE state = 'waiting' ORDER BY number")
  const isWaiting = db.prepare("SELECT number FROM outbox WHERE number = ? AND state = 'waiting'")
  const hasFailed = db.prepare("SELECT number FROM outbox WHERE order_id = ? AND state = 'failed'")
  const remove = db.prepare('DELETE FROM outbox WHERE number = ?')
  const fail = db.prepare("UPDATE outbox SET state = 'failed' WHERE number = ?")
  const counts = db.prepare('SELECT state, count(*) AS count FROM outbox GROUP BY state')

  return {
    /** To be called in the transaction that makes the ticket ready. */
    add({ ticket: { orderId, restaurant }, fence, trace }: KeptTicket): ReadyEvent {
      return asEvent(insert.get({ orderId, restaurant, fence: fence ?? null, trace: trace ?? null }))
    },
    waiting: (): ReadyEvent[] => waiting.all().map(asEvent),
    isWaiting: ({ number }: ReadyEvent): boolean => isWaiting.get(number) !== undefined,
    hasFailed: (orderId: string): boolean => hasFailed.get(orderId) !== undefined,
    taken: ({ number }: ReadyEvent): void => void remove.run(number),
    failed: ({ number }: ReadyEvent): void => void fail.run(number),
    counts: () => Counts.parse(counts.all()),
  }
}

function asEvent(value: unknown): ReadyEvent {
  const { number, order_id, restaurant, fence, trace } = Row.parse(value)
  return { number, orderId: order_id, restaurant, fence: fence ?? undefined, trace: trace ?? undefined }
}
