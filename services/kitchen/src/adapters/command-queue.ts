import { type CommandEvent, QueuedResource } from 'kafka-restaurants-contracts'
import { Pool } from 'undici'
import type { ReadyEvent } from './untold.ts'

/** A client error that may pass: a timeout, too early, too many. */
const passing = new Set([408, 425, 429])
const connections = 32
/** A diner waits for a quote. */
const longestQuoteMs = 1_000

export type CommandQueue = ReturnType<typeof commandQueue>

/**
 * The command queue over HTTP. Paths go as they are: `fetch` would take a restaurant called ".." for a folder.
 * @param timeoutMs how long a call may take, with its wait for a connection
 */
export function commandQueue(url: string, timeoutMs: number) {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections })
  const pathOf = (...parts: string[]) =>
    [pathname.replace(/\/$/, ''), ...parts.map(encodeURIComponent)].join('/')

  return {
    /**
     * Tells that a ticket is ready.
     * @returns whether it was taken, or will never be
     * @throws Error for whatever may pass
     */
    async tellReady({ orderId, restaurant, fence }: ReadyEvent) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: pathOf('event', restaurant, orderId),
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ type: 'TERMINATING', message: 'ready', fence } satisfies Omit<
          CommandEvent,
          'id'
        >),
        signal: AbortSignal.timeout(timeoutMs),
      })
      await body.dump()
      if (statusCode >= 200 && statusCode < 300) return { outcome: 'taken' as const }
      if (statusCode < 400 || statusCode >= 500 || passing.has(statusCode))
        throw new Error(`the command queue answered ${statusCode}`)
      return { outcome: 'refused' as const, status: statusCode }
    },
    /** What runs and waits for a restaurant; undefined where nothing is known of it. @throws Error for no answer in time */
    async resource(restaurant: string): Promise<QueuedResource | undefined> {
      const { statusCode, body } = await pool.request({
        method: 'GET',
        path: pathOf('resources', restaurant),
        signal: AbortSignal.timeout(Math.min(timeoutMs, longestQuoteMs)),
      })
      if (statusCode === 200) return QueuedResource.parse(await body.json())
      await body.dump()
      if (statusCode === 404) return undefined
      throw new Error(`the command queue answered ${statusCode}`)
    },
    close: () => pool.destroy(),
  }
}
