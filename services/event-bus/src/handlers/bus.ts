import express, { type Express } from 'express'
import {
  type EventBus,
  SpoolFullError,
  topicPattern,
  UnsendableEventError,
} from 'kafka-restaurants-event-bus'
import { RecordTooLargeError } from 'kafka-restaurants-kafka'
import { HttpProblem, type LiveUpdates, parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { RecentEvents } from '../recent-events.ts'

const Published = z.object({
  topic: z.string().min(1),
  payload: z.json(),
  key: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
})
const Query = z.object({
  pattern: z
    .string()
    .default('')
    .transform((pattern, context) => {
      try {
        return topicPattern(pattern)
      } catch {
        context.addIssue({ code: 'custom', message: 'is no regular expression' })
        return z.NEVER
      }
    }),
})

/** Adds `POST /bus/publish`, and `GET /bus/events`: all that is on the bus from now on, or after `Last-Event-ID`. */
export function busRoutes(
  http: Express,
  {
    bus,
    recent,
    live,
    maxBytes = 1024 * 1024,
  }: { bus: EventBus; recent: RecentEvents; live: LiveUpdates; maxBytes?: number | undefined },
): void {
  // A little more, for the topic beside the payload.
  const json = express.json({ type: () => true, limit: maxBytes + 4_096 })
  http.post('/bus/publish', json, async (request, response) => {
    const { topic, payload, ...options } = parseRequest(Published, request.body, 'Invalid event')
    await bus.publish(topic, payload, options).catch(refused)
    response.json({ topic, status: 'published' })
  })
  http.get('/bus/events', async (request, response) => {
    const { pattern } = parseRequest(Query, request.query, 'Invalid query')
    const newest = recent.newestId()
    await live.stream(request, response, 'bus', seen => recent.after(seen || newest, pattern.matches))
  })
}

function refused(cause: unknown): never {
  if (cause instanceof UnsendableEventError)
    throw new HttpProblem(422, 'Invalid event', { detail: cause.message, cause })
  if (cause instanceof RecordTooLargeError)
    throw new HttpProblem(413, 'The event is too large', { detail: cause.message, cause })
  if (cause instanceof SpoolFullError)
    throw new HttpProblem(503, 'The spool is full', {
      detail: cause.message,
      headers: { 'Retry-After': '5' },
      cause,
    })
  throw cause
}
