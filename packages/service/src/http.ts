import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import cors from 'cors'
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
    /** This problem's own members (RFC 9457, 3.2), beside those that all have. */
    members?: Record<string, unknown>
    headers?: Record<string, string>
    cause?: unknown
  }
  constructor(status: number, title: string, extra: HttpProblem['extra'] = {}) {
    super(title, { cause: extra.cause })
    this.status = status
    this.extra = extra
  }
}

/** A body up to here is copied to go out with the head, in bytes. */
const smallBody = 16 * 1024

/**
 * Ends an answer whose head is not sent yet, in one piece where the body is small: a Buffer of its own would be a second
 * piece for the system to write, which costs more than to copy it.
 */
export function endWith(response: ServerResponse, body: Buffer): void {
  if (body.length <= smallBody) response.end(body.toString('latin1'), 'latin1')
  else response.end(body)
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

/**
 * What a request names itself by, so that a repeat is known. The IETF's draft (draft-ietf-httpapi-idempotency-key-header)
 * leaves the format to us: any 1 to 255 characters.
 * @throws HttpProblem 400 for an empty or a longer one
 */
export function idempotencyKey(request: Request): string | undefined {
  const key = request.get('Idempotency-Key')
  if (key === undefined || (key.length > 0 && key.length <= 255)) return key
  throw new HttpProblem(400, 'Invalid Idempotency-Key', { detail: 'It must have 1 to 255 characters.' })
}

/** An Express app without the headers and hashing that JSON answers do not need. */
export function httpApp(): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  return app
}

/**
 * Lets pages of these origins call (Fetch, "CORS protocol"), and answers their preflights, unless `preflights` says that
 * somebody behind us does. An answer to another origin says nothing of this, which forbids it.
 * @param more what a service takes and tells beside what all do
 */
export const crossOrigin = (
  origins: string[],
  preflights: 'answered' | 'passed on' = 'answered',
  more: { methods?: string[]; allowedHeaders?: string[]; exposedHeaders?: string[] } = {},
): ((request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void) =>
  origins.length === 0
    ? (_request, _response, next) => next()
    : cors({
        origin: origins,
        methods: ['GET', 'HEAD', 'POST', ...(more.methods ?? [])],
        allowedHeaders: [
          'Content-Type',
          'Idempotency-Key',
          'Prefer',
          'traceparent',
          ...(more.allowedHeaders ?? []),
        ],
        exposedHeaders: [
          'Allow',
          'ETag',
          'Link',
          'Location',
          'Preference-Applied',
          'Retry-After',
          'X-Total-Count',
          ...(more.exposedHeaders ?? []),
        ],
        maxAge: 600,
        preflightContinue: preflights === 'passed on',
      })

/**
 * Answers thrown errors, unknown paths, and methods that a path does not take (405, with those that it does) as problems.
 * Goes last, behind all routes.
 */
export function problemHandlers(app: Express, log: Logger): Express {
  app.use((request: Request) => {
    const methods = methodsOf(app, request.path)
    if (methods.length > 0) {
      throw new HttpProblem(405, 'Method not allowed', {
        detail: `${request.path} takes ${methods.join(', ')}`,
        headers: { Allow: methods.join(', ') },
      })
    }
    throw new HttpProblem(404, 'Not found', {
      detail: `There is nothing at ${request.method} ${request.path}`,
    })
  })
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    const problem = asProblem(error)
    if (problem.status === 503)
      log.warn({ reason: problem.message, cause: causeOf(problem) }, 'request refused for now')
    else if (problem.status >= 500 && !isAnothers(problem.status)) log.error({ err: error }, 'request failed')
    response
      .status(problem.status)
      .set(problem.extra.headers ?? {})
      .type('application/problem+json')
      .send(problemBody(problem))
  })
  return app
}

/** Of a gateway, whose log would have a line for each call while another part is away. */
const isAnothers = (status: number) => status === 502 || status === 504

/** A problem as JSON. RFC 9457 leaves room for more: the first generation's page shows `message`, and knows no other. */
function problemBody({ status, message: title, extra }: HttpProblem) {
  const { headers: _, cause: __, members, ...more } = extra
  const body = { type: 'about:blank', title, status, ...more, ...members, message: sentence(title, more) }
  return JSON.stringify(body)
}

function sentence(title: string, { detail, errors = [] }: HttpProblem['extra']): string {
  const [first] = errors
  const others = errors.length > 1 ? `, and ${errors.length - 1} more` : ''
  const what = first ? `${first.field ? `${first.field}: ` : ''}${first.message}${others}` : detail
  return what ? `${title}: ${what}` : title
}

/** The methods that an app has routes for at a path. Express's types don't say that what it keeps of a route can match. */
function methodsOf(app: Express, path: string): string[] {
  const layers = app.router.stack as ((typeof app.router.stack)[number] & { match(path: string): boolean })[]
  const routes = layers.flatMap(layer => (layer.route && layer.match(path) ? [layer.route] : []))
  const methods = routes.flatMap(({ stack }) => stack.map(({ method }) => method.toUpperCase()))
  return [...new Set(methods.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
}

/** What Node's parser makes of a request that is none; 400 is said of everything else. */
const unreadable: Record<string, [status: number, reason: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

/**
 * How long a connection may be idle, in ms. Longer than with whoever is before us, such as NGINX (60 s): where we end it just as
 * a request comes, that has no answer, and nobody knows whether it counts. Node's own 5 s are shorter than with any of them.
 */
const idleMs = 75_000

/**
 * An HTTP server that answers with a problem, too, where a request can't be read, and closes the connection. Expectations
 * other than 100-continue are left aside, as RFC 9110 allows: Node would refuse them without a word.
 */
export function httpServer(listener: RequestListener, options: ServerOptions = {}): Server {
  const server = createServer({ keepAliveTimeout: idleMs, ...options }, listener).on(
    'checkExpectation',
    listener,
  )
  return server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const [status, reason] = unreadable[error.code ?? ''] ?? [400, 'Bad Request']
    const body = problemBody(new HttpProblem(status, `The request can not be read: ${reason}`))
    const head = [
      `HTTP/1.1 ${status} ${reason}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  })
}

/** Clients that stand still are let go of after so long, in ms. */
const patienceMs = 5_000

/**
 * Closes a server once its requests are answered; idle keep-alive connections are let go at once, and those of clients
 * that stand still after a while.
 */
export const closed = (server: Server): Promise<void> =>
  new Promise<void>(resolve => {
    setTimeout(() => server.closeAllConnections(), patienceMs).unref()
    // A connection still in use would otherwise be kept alive after its answer.
    server.keepAliveTimeout = 1
    server.keepAliveTimeoutBuffer = 0
    server.close(() => resolve())
    server.closeIdleConnections()
  })

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
