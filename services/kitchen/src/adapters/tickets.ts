import { BoardTicket, TicketState } from 'kafka-restaurants-contracts'
import { inTransaction } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { KeptTicket } from '../new-order.ts'
import type { Database } from './database.ts'

const Row = z.object({
  order_id: z.string(),
  restaurant: z.string(),
  items: z.string(),
  state: TicketState,
  fence: z.int().nullable(),
  cooking_at: z.string(),
  ready_at: z.string().nullable(),
  details: z.string().nullable(),
  trace: z.string().nullable(),
  change: z.int(),
})
const Numbered = z.object({ number: z.int() })
const Counts = z.array(z.object({ state: TicketState, count: z.int() }))

/** The most that a list has of each state. */
export const mostListed = { cooking: 500, ready: 50 }
/** Of so many orders that became ready last, quotes take the median. */
const recent = 20

export type Tickets = ReturnType<typeof ticketStore>

/** The tickets. What belongs together is in a transaction of the caller's. */
export function ticketStore(db: Database) {
  const byId = db.prepare('SELECT * FROM tickets WHERE order_id = ?')
  const insert = db.prepare(`
    INSERT INTO tickets (order_id, restaurant, items, state, fence, cooking_at, ready_at, details, trace, change)
    VALUES (:orderId, :restaurant, :items, :state, :fence, :cookingAt, :readyAt, :details, :trace, :change)`)
  const setFence = db.prepare('UPDATE tickets SET fence = :fence WHERE order_id = :orderId')
  const setReady = db.prepare(`
    UPDATE tickets SET state = 'ready', ready_at = :readyAt, change = :change WHERE order_id = :orderId`)
  const nextChange = db.prepare('UPDATE changes SET number = number + 1 RETURNING number')
  const lastChange = db.prepare('SELECT number FROM changes')
  const cooking = db.prepare(`
    SELECT * FROM tickets WHERE state = 'cooking' AND (:restaurant IS NULL OR restaurant = :restaurant)
    ORDER BY cooking_at, change LIMIT :most`)
  const ready = db.prepare(`
    SELECT * FROM tickets WHERE state = 'ready' ORDER BY ready_at DESC, change DESC LIMIT :most`)
  const readyHere = db.prepare(`
    SELECT * FROM tickets WHERE state = 'ready' AND restaurant = :restaurant
    ORDER BY ready_at DESC, change DESC LIMIT :most`)
  const changed = db.prepare(`
    SELECT * FROM tickets WHERE change > :seen AND (:restaurant IS NULL OR restaurant = :restaurant)
    ORDER BY change`)
  const counts = db.prepare('SELECT state, count(*) AS count FROM tickets GROUP BY state')
  const cookingHere = db.prepare(`
    SELECT count(*) AS number FROM tickets WHERE state = 'cooking' AND restaurant = ?`)
  // One that nobody could be told of yet is still needed.
  const remove = db.prepare(`
    DELETE FROM tickets WHERE state = 'ready' AND ready_at < ?
    AND order_id NOT IN (SELECT order_id FROM outbox WHERE state = 'waiting')`)
  const removeUntold = db.prepare('DELETE FROM outbox WHERE order_id NOT IN (SELECT order_id FROM tickets)')

  const readyOf = (restaurant: string | undefined, most: number) =>
    restaurant === undefined ? ready.all({ most }) : readyHere.all({ restaurant, most })

  return {
    find(orderId: string): KeptTicket | undefined {
      const row = byId.get(orderId)
      if (!row) return undefined
      const { fence, trace } = Row.parse(row)
      return { ticket: asTicket(row), fence: fence ?? undefined, trace: trace ?? undefined }
    },
    add({ ticket, fence, trace }: KeptTicket): void {
      const { number: change } = Numbered.parse(nextChange.get())
      const { orderId, restaurant, items, state, cookingAt, readyAt = null, ...details } = ticket
      insert.run({
        ...{ orderId, restaurant, items: JSON.stringify(items), state, cookingAt, readyAt, change },
        details: JSON.stringify(details),
        fence: fence ?? null,
        trace: trace ?? null,
      })
    },
    keepFence({ ticket: { orderId }, fence }: KeptTicket): void {
      setFence.run({ orderId, fence: fence ?? null })
    },
    markReady(orderId: string, at: Date): void {
      const { number: change } = Numbered.parse(nextChange.get())
      setReady.run({ orderId, readyAt: at.toISOString(), change })
    },
    /** Those that are cooking, the oldest first, and behind them the ready ones, the newest first. */
    list({
      restaurant,
      state,
    }: {
      restaurant?: string | undefined
      state?: TicketState | undefined
    }): BoardTicket[] {
      const here = { restaurant: restaurant ?? null, most: mostListed.cooking }
      const rows = [
        ...(state === 'ready' ? [] : cooking.all(here)),
        ...(state === 'cooking' ? [] : readyOf(restaurant, mostListed.ready)),
      ]
      return rows.map(asTicket)
    },
    oldestCooking: (): BoardTicket | undefined => cooking.all({ restaurant: null, most: 1 }).map(asTicket)[0],
    lastChange: (): number => Numbered.parse(lastChange.get()).number,
    /** Those that have changed since, each with the number of its change. */
    changedSince(seen: number, restaurant: string | undefined): { change: number; ticket: BoardTicket }[] {
      const rows = changed.all({ seen, restaurant: restaurant ?? null })
      return rows.map(row => ({ change: Row.parse(row).change, ticket: asTicket(row) }))
    },
    cookingAt: (restaurant: string): number => Numbered.parse(cookingHere.get(restaurant)).number,
    /** How long the latest orders of a restaurant took, each in minutes. */
    recentMinutes: (restaurant: string): number[] =>
      readyOf(restaurant, recent).map(row => minutesOf(asTicket(row))),
    counts: () => Counts.parse(counts.all()),
    /** Removes those that became ready before a time. @returns how many */
    removeOlder: (than: string): number =>
      inTransaction(db, () => {
        const removed = Number(remove.run(than).changes)
        if (removed > 0) removeUntold.run()
        return removed
      }),
  }
}

function asTicket(value: unknown): BoardTicket {
  const { order_id, restaurant, items, state, cooking_at, ready_at, details } = Row.parse(value)
  const times = { cookingAt: cooking_at, ...(ready_at === null ? {} : { readyAt: ready_at }) }
  const known = { orderId: order_id, restaurant, items: JSON.parse(items), state, ...times }
  return BoardTicket.parse({ ...JSON.parse(details ?? '{}'), ...known })
}

const minutesOf = ({ cookingAt, readyAt = cookingAt }: BoardTicket) =>
  Math.max(0, Date.parse(readyAt) - Date.parse(cookingAt)) / 60_000
