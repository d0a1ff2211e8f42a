import type { RequestHandler } from 'express'
import type { OrderRecord, TrackedOrder } from 'kafka-restaurants-contracts'
import type { InputRecord, RecordPlace } from 'kafka-restaurants-kafka'
import { HttpProblem } from 'kafka-restaurants-service'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { FindOrder } from '../adapters/tracking.ts'
import { shownValue } from '../shown-record.ts'

interface Parts {
  find: FindOrder
  /** Reads the records at places; those that are gone are not among them. */
  read: (places: RecordPlace[]) => Promise<InputRecord[]>
}

type Change = TrackedOrder['history'][number]

const OrderId = z.uuid()

/**
 * `GET /orders/:id/records`: the records that told of an order, for who knows its id, which nobody can guess. No other
 * record can be read by it. A record does not change, so each is read once; and one read goes on at a time.
 */
export function recordsHandler({ find, read }: Parts): RequestHandler {
  const known = new LRUCache<string, OrderRecord>({ max: 2_000 })
  let reading: Promise<unknown> = Promise.resolve()

  async function learn(orderId: string, changes: Change[]) {
    const missing = changes.filter(change => !known.has(nameOf(orderId, change)))
    if (missing.length === 0) return
    const found = await read(missing)
    for (const change of missing)
      known.set(nameOf(orderId, change), shown(orderId, change, found.find(isAt(change))))
  }

  return async (request, response) => {
    const orderId = String(request.params.id)
    const order = OrderId.safeParse(orderId).success ? await find(orderId) : undefined
    if (!order) throw new HttpProblem(404, 'No such order')
    const mine = reading.then(() => learn(orderId, order.history))
    reading = mine.catch(() => {})
    await mine.catch(cause => {
      throw new HttpProblem(503, 'Kafka does not answer', { cause, headers: { 'Retry-After': '2' } })
    })
    const records = order.history.flatMap(change => known.get(nameOf(orderId, change)) ?? [])
    response.set('Cache-Control', 'no-store').json(records)
  }
}

const nameOf = (orderId: string, { status, topic, partition, offset }: Change) =>
  `${orderId} ${status} ${topic}-${partition}@${offset}`

const isAt =
  ({ topic, partition, offset }: Change) =>
  (record: InputRecord) =>
    record.topic === topic && record.partition === partition && record.offset === offset

/** A record of a list is keyed by the restaurant, and others by the order: neither is personal. */
const shown = (orderId: string, change: Change, record: InputRecord | undefined): OrderRecord => ({
  ...change,
  value: record && shownValue(record.value.toString('utf8'), orderId),
  isGone: !record,
})
