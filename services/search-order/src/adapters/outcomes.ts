import { LenientConfirmedOrders, LenientDeclinedOrders, maxValueBytes } from 'kafka-restaurants-contracts'
import { awaitedReplies, type InputRecord, type KafkaConnection, parseRecord } from 'kafka-restaurants-kafka'
import type { App } from 'kafka-restaurants-service'

export type Outcome = { status: 'paid' } | { status: 'declined'; reason: string }

interface Outcomes extends Required<Pick<App, 'start' | 'stop' | 'crashed'>> {
  /** Resolves with what came of an order, as soon as that is read, or with undefined when the signal is aborted before. */
  of: (orderId: string, signal: AbortSignal) => Promise<Outcome | undefined>
}

/** The outcomes of so many orders are remembered, as who repeats an order asks after it was decided. */
const mostRemembered = 10_000
/** The clock of who decides may be behind by so much: what he tells of an order that we took is read all the same. */
const clocksDifferMs = 60_000

/**
 * Reads what comes of orders, in whichever process they were taken. An order that is asked for before Kafka lets us read
 * is told later, and not missed: reading begins with what was written when this was made.
 */
export function outcomes(
  kafka: KafkaConnection,
  { confirm, declined }: { confirm: string; declined: string },
): Outcomes {
  const madeAt = Date.now()
  const decided = new Map<string, Outcome>()

  const outcomesIn = (record: InputRecord): [orderId: string | undefined, Outcome][] => {
    try {
      const shape = { what: 'list of outcomes', maxBytes: maxValueBytes }
      if (record.topic === confirm)
        return parseRecord(record, LenientConfirmedOrders, shape).map(each => [each.order_id, paid])
      return parseRecord(record, LenientDeclinedOrders, shape).map(({ order_id, reason }) => [
        order_id,
        { status: 'declined', reason },
      ])
    } catch {
      // No outcome of ours: whoever works on it sets it aside.
      return []
    }
  }
  const remember = (orderId: string, outcome: Outcome) => {
    decided.set(orderId, outcome)
    const oldest = decided.size > mostRemembered ? decided.keys().next() : undefined
    if (oldest && !oldest.done) decided.delete(oldest.value)
  }

  const replies = awaitedReplies(kafka, {
    topics: [confirm, declined],
    group: 'search-order-reader',
    idsOf: record => outcomesIn(record).flatMap(([orderId]) => orderId ?? []),
    see: record => {
      for (const [orderId, outcome] of outcomesIn(record)) if (orderId) remember(orderId, outcome)
    },
    since: () => madeAt - clocksDifferMs,
  })
  return {
    of: async (orderId, signal) => {
      const known = decided.get(orderId)
      if (known) return known
      const { reply, forget } = replies.expect(orderId)
      const over = Promise.withResolvers<undefined>()
      const end = () => over.resolve(undefined)
      signal.addEventListener('abort', end)
      try {
        // What is told is remembered by then.
        return (await Promise.race([reply, over.promise])) && decided.get(orderId)
      } finally {
        signal.removeEventListener('abort', end)
        forget()
      }
    },
    start: replies.start,
    stop: replies.stop,
    crashed: replies.crashed,
  }
}

const paid: Outcome = { status: 'paid' }
