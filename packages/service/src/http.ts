import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { Logger } from 'pino'
import { z } from 'zod'

/** One faulty field of a request; `field` is a path such as `items.0.quantity`. */
export interface FieldError {
  field: string
  message: string
}

/** Thrown by a route to answer with `application/problem+json` (RFC 9457). */
export class HttpProblem extends Error {
  override name = 'HttpProblem'
  readonly status: number
  readonly extra: {
    detail?: string
    errors?: FieldError[]
    /** A member of this problem's own (RFC 9457, 3.2). */
    total?: { seen: object; now: object }
    headers?: Record<string, string>
    cause?: unknown
  }
  constructor(status: number, title: string, extra: HttpProblem['extra'] = {}) {
    super(title, { cause: extra.cause })
    this.status = status
    this.extra = extra
  }
}

/** More faults than this are not told: a small body can have many thousands. */
const mostFaults = 200

/** The faults that zod found, as `errors[]` entries: the first one of each field. */
function fieldErrors(error: z.ZodError): FieldError[] {
  const messages = new Map<string, string>()
  for (const { path, message } of error.issues) {
    const field = path.join('.')
    if (!messages.has(field)) messages.set(field, message)
    if (messages.size === mostFaults) break
  }
  return [...messages].map(([field, message]) => ({ field, message }))
}

/**
 * Parses what a request brought.
 * @throws HttpProblem 422 with one entry for each faulty field
 */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  title: string,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new HttpProblem(422, title, { errors: fieldErrors(result.error) })
}

/** An Express app without the headers and hashing that JSON answers do not need. */
export function httpApp(): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  return app
}

/** Answers unknown paths and thrown errors as problems. Goes last, behind all routes. */
export function problemHandlers(app: Express, log: Logger): Express {
  app.use((request: Request) => {
    throw new HttpProblem(404, 'Not found', {
      detail: `There is nothing at ${request.method} ${request.path}`,
    })
  })
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    const problem = asProblem(error)
    if (problem.status === 503)
      log.warn({ reason: problem.message, cause: causeOf(problem) }, 'request refused for now')
    else if (problem.status >= 500) log.error({ err: error }, 'request failed')
    const { headers, cause: _, ...body } = problem.extra
    response
      .status(problem.status)
      .set(headers ?? {})
      .type('application/problem+json')
      .send(JSON.stringify({ type: 'about:blank', title: problem.message, status: problem.status, ...body }))
  })
  return app
}

/**
 * Errors of Express and body-parser that are the caller's fault carry `status`, and most of them `type`. Their
 * messages may repeat the body, so ours are sent instead.
 */
const callersFault = z.object({ status: z.int().min(400).max(499), type: z.string().optional() })

function asProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error
  const parsed = callersFault.safeParse(error)
  if (!parsed.success) return new HttpProblem(500, 'Something broke here; it was logged')
  if (parsed.data.status === 413) return new HttpProblem(413, 'The body is too large')
  if (parsed.data.type === 'entity.parse.failed') return new HttpProblem(400, 'The body is not JSON')
  return new HttpProblem(parsed.data.status, 'The request can not be read', { detail: parsed.data.type })
}

const causeOf = ({ cause }: HttpProblem) => (cause instanceof Error ? cause.message : undefined)
