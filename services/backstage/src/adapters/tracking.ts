import { TrackedOrder } from 'kafka-restaurants-contracts'
import { HttpProblem } from 'kafka-restaurants-service'

export type FindOrder = (orderId: string) => Promise<TrackedOrder | undefined>

const patienceMs = 5_000

/** Asks tracking for an order. @throws HttpProblem 503 where it does not answer */
export const trackingClient =
  (url: string): FindOrder =>
  async orderId => {
    const answer = await fetch(`${url.replace(/\/+$/, '')}/orders/${orderId}`, {
      signal: AbortSignal.timeout(patienceMs),
    }).catch(cause => {
      throw away(cause)
    })
    if (answer.status === 404) return undefined
    if (!answer.ok) throw away()
    return TrackedOrder.parse(await answer.json())
  }

const away = (cause?: unknown) =>
  new HttpProblem(503, 'Tracking does not answer', { cause, headers: { 'Retry-After': '2' } })
