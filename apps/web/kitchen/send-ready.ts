import { BoardTicket } from 'kafka-restaurants-contracts'

const patienceMs = 10_000

/** Tells the kitchen that a ticket is ready; said again, it changes nothing. @returns undefined where it was not taken */
export async function sendReady(orderId: string): Promise<BoardTicket | undefined> {
  try {
    const answer = await fetch(`/api/kitchen/tickets/${encodeURIComponent(orderId)}/ready`, {
      method: 'POST',
      // A page of another origin can't send this, and so can't press for whoever is logged in here.
      headers: { accept: 'application/json', 'x-kitchen-board': 'yes' },
      signal: AbortSignal.timeout(patienceMs),
    })
    return answer.ok ? BoardTicket.parse(await answer.json()) : undefined
  } catch {
    return undefined
  }
}
