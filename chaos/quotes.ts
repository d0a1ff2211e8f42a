import { randomUUID } from 'node:crypto'
import { Quote } from 'kafka-restaurants-contracts'
import { openLoop } from 'kafka-restaurants-dev-env/open-loop'
import { localUrl } from 'kafka-restaurants-dev-env/platform/parts'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'

/** A question for a quote, of a restaurant that no other names, and its answer; `status` is 0 where there was none. */
export interface AskedQuote {
  restaurant: string
  status: number
  /** The restaurant that a 200 is about. */
  about?: string
}

const perSecond = 4
const answerWithinMs = 10_000

/** Asks for quotes while faults come and go. */
export function createQuotes(platform: Platform, signal: AbortSignal) {
  const asked: AskedQuote[] = []
  const ask = async () => {
    const quote = await askOne(`${platform.urls.gateway}/quotes`)
    asked.push(quote)
    return quote
  }
  return {
    asked,
    run: (seconds: number) => openLoop(perSecond, seconds, async () => void (await ask()), signal),
    /** Asks until there is an answer. @returns how many calls the gateway says still wait; undefined without an answer */
    last: async (): Promise<number | undefined> => {
      try {
        await waitUntil('a quote', 60_000, async () => (await ask()).status === 200, 500)
      } catch {
        return undefined
      }
      const metrics = await fetch(`${localUrl(platform.ports['gateway metrics'])}/metrics`)
      const [, pending] = /^gateway_pending (\d+)$/m.exec(await metrics.text()) ?? []
      return pending === undefined ? undefined : Number(pending)
    },
  }
}

async function askOne(url: string): Promise<AskedQuote> {
  const restaurant = `Quoted ${randomUUID()}`
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify({ restaurant }),
      headers: { 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(answerWithinMs),
    })
    const { status } = response
    const answer: unknown = await response.json()
    return { restaurant, status, ...(status === 200 && { about: Quote.parse(answer).restaurant }) }
  } catch {
    return { restaurant, status: 0 }
  }
}
