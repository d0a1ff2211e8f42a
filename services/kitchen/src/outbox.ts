import { createKeyedQueue } from 'kafka-restaurants-delivery'
import { type Logger, withTrace } from 'kafka-restaurants-service'
import type { CommandQueue } from './adapters/command-queue.ts'
import type { ReadyEvent, Untold } from './adapters/untold.ts'

const concurrency = 16

export type Outbox = ReturnType<typeof createOutbox>

/**
 * Tells the command queue which tickets are ready, each until it is taken: at least once, whatever is restarted. Tickets
 * do not wait for each other; while the command queue is away, all do.
 * @param called hears how each call ended
 */
export function createOutbox(
  { untold, queue, log }: { untold: Untold; queue: CommandQueue; log: Logger },
  called: (outcome: 'taken' | 'refused' | 'failed') => void,
) {
  const tell = async (event: ReadyEvent) => {
    if (!untold.isWaiting(event)) return
    const answer = await withTrace(event.trace, () => queue.tellReady(event)).catch(error => {
      called('failed')
      throw error
    })
    called(answer.outcome)
    if (answer.outcome === 'taken') return untold.taken(event)
    untold.failed(event)
    const { orderId, restaurant, fence } = event
    log.error(
      { order_id: orderId, restaurant, fence, status: answer.status },
      'the command queue refuses to hear that a ticket is ready',
    )
  }
  const keyed = createKeyedQueue<ReadyEvent>({
    concurrency,
    keyOf: ({ orderId }) => orderId,
    nameOf: ({ orderId }) => orderId,
    handle: tell,
    log,
  })

  return {
    /** Begins with what was left from before. */
    start: () => {
      for (const event of untold.waiting()) keyed.add(event)
    },
    /** Sends an event that is committed. */
    send: (event: ReadyEvent) => keyed.add(event),
    /** Sends it in place of an older one of its ticket, which is tried no more. */
    sendAnew: (event: ReadyEvent) => {
      keyed.drop(({ orderId }) => orderId === event.orderId)
      keyed.add(event)
    },
    outages: (): string[] => {
      const outage = keyed.outage()
      return outage ? [`telling the command queue which tickets are ready ${outage}`] : []
    },
    stop: () => keyed.stop(),
  }
}
