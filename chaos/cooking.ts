import {
  ActionableCommand,
  CommandEvent,
  CommandRequest,
  QueuedResource,
  Ticket,
} from 'kafka-restaurants-contracts'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { openDatabase } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Command, CookedTicket, CookingEvidence, End, Start } from './check-cooking.ts'

const answersWithinMs = 5_000

export const placeOf = ({ topic, partition, offset }: InputRecord) => `${topic}-${partition}@${offset}`

/**
 * The time of the record, which a repeated transaction writes anew; what its value says of time may be from long before
 * anybody could read of it.
 */
export const writtenAt = ({ reference }: InputRecord) =>
  Number(reference.slice(reference.lastIndexOf('/') + 1))

const jsonOf = (record: InputRecord): unknown => JSON.parse(record.value.toString())
const resourceOf = ({ key }: InputRecord) => String(key)

/** Of the requests, or of those that were rejected. */
export const commandsIn = (records: InputRecord[]): Command[] =>
  records.map(record => ({
    at: placeOf(record),
    resource: resourceOf(record),
    id: CommandRequest.parse(jsonOf(record)).id,
    writtenAt: writtenAt(record),
  }))

export const startsIn = (records: InputRecord[]): Start[] =>
  records.map(record => {
    const { id, fence } = ActionableCommand.parse(jsonOf(record))
    return { at: placeOf(record), resource: resourceOf(record), id, fence }
  })

const AnyEvent = z.looseObject({ type: z.string() })

/** What else is on the topic frees no place, but for leases that run out, of which there are none here. */
export const endsIn = (records: InputRecord[]): End[] =>
  records
    .filter(record => AnyEvent.parse(jsonOf(record)).type === 'TERMINATING')
    .map(record => {
      const { id, fence } = CommandEvent.parse(jsonOf(record))
      return { at: placeOf(record), resource: resourceOf(record), id, fence, writtenAt: writtenAt(record) }
    })

export const ticketRecordsIn = (records: InputRecord[]): CookingEvidence['ticketRecords'] =>
  records.map(record => ({ at: placeOf(record), orderId: Ticket.parse(jsonOf(record)).orderId }))

/** Who runs and who waits, as the command queue shows it. */
export async function resourcesOf({ urls }: Platform): Promise<CookingEvidence['inLine']> {
  const answer = await fetch(`${urls.commandQueue}/resources?limit=1000`, {
    signal: AbortSignal.timeout(answersWithinMs),
  })
  return QueuedResource.array()
    .parse(await answer.json())
    .map(({ resourceId, running, queued }) => ({
      resource: resourceId,
      running: running.map(({ id }) => id),
      queued: queued.map(({ id }) => id),
    }))
}

/** How many tickets the kitchen has yet to tell the command queue of, those that it refuses included. */
export async function outboxOf({ ports }: Platform): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${ports['kitchen metrics']}/metrics`, {
    signal: AbortSignal.timeout(answersWithinMs),
  })
  const counts = [...(await answer.text()).matchAll(/^kitchen_outbox\{.*\} (\d+)$/gm)]
  if (counts.length === 0) throw new Error('the kitchen does not say what is in its outbox')
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

const inMs = z.iso.datetime().transform(time => Date.parse(time))
const Tickets = z.array(
  z
    .object({
      order_id: z.string(),
      restaurant: z.string(),
      state: z.string(),
      cooking_at: inMs,
      ready_at: inMs.nullable(),
    })
    .transform(
      ({ order_id: orderId, cooking_at: cookingAt, ready_at, restaurant, state }): CookedTicket => ({
        orderId,
        restaurant,
        state,
        cookingAt,
        ...(ready_at !== null && { readyAt: ready_at }),
      }),
    ),
)
const Outbox = z.array(z.object({ order_id: z.string() }).transform(({ order_id }) => order_id))

/** Every ticket of a kitchen that runs no more, and what is in its outbox. */
export function kitchenIn(file: string): Pick<CookingEvidence, 'tickets' | 'untold'> {
  const db = openDatabase(file)
  const tickets = Tickets.parse(db.prepare('SELECT * FROM tickets').all())
  const untold = Outbox.parse(db.prepare('SELECT order_id FROM outbox').all())
  db.close()
  return { tickets, untold }
}
