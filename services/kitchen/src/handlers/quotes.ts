import type { RequestHandler } from 'express'
import { type Quote, QuoteRequest } from 'kafka-restaurants-contracts'
import { type Logger, parseRequest } from 'kafka-restaurants-service'
import type { CommandQueue } from '../adapters/command-queue.ts'
import type { Tickets } from '../adapters/tickets.ts'
import { minutesUntilReady } from '../quote.ts'

export interface QuoteParts {
  tickets: Tickets
  queue: CommandQueue | undefined
  usualMinutes: number
  log: Logger
}

/** `POST /quotes`. Where the command queue does not answer, the tickets alone count: a diner gets some quote. */
export function quote({ tickets, queue, usualMinutes, log }: QuoteParts): RequestHandler {
  return async (request, response) => {
    const { restaurant } = parseRequest(QuoteRequest, request.body, 'Invalid quote request')
    const own = { recentMinutes: tickets.recentMinutes(restaurant), cooking: tickets.cookingAt(restaurant) }
    const known = await queue?.resource(restaurant).catch(err => {
      log.warn({ err, restaurant }, 'a quote is made without the command queue')
      return undefined
    })
    const minutes = minutesUntilReady({
      usualMinutes,
      recentMinutes: own.recentMinutes,
      // A command is started before its ticket is here, and its lease may run out before the ticket is ready.
      cooking: Math.max(own.cooking, known?.running.length ?? 0),
      waiting: known?.queued.length ?? 0,
      slots: known?.limits.semaphoreLimit ?? undefined,
    })
    response.json({ restaurant, minutes } satisfies Quote)
  }
}
