// node packages/dev-env/src/edge/stand-in.ts: the edge where there is no NGINX, by the rules of helm/files/nginx.conf.template.
import { readFileSync } from 'node:fs'
import type { IncomingMessage, Server } from 'node:http'
import { Readable } from 'node:stream'
import type { RequestHandler } from 'express'
import { createProxyServer } from 'httpxy'
import {
  allowedOrigins,
  closed,
  createContext,
  crossOrigin,
  HttpProblem,
  httpApp,
  httpServer,
  problemHandlers,
} from 'kafka-restaurants-service'
import type { Command } from '../child.ts'
import { root } from '../paths.ts'
import { isIn, userIn } from './htpasswd.ts'

/** What the edge needs to be told; the names are those of NGINX's template. */
export interface EdgePlace {
  /** Address and port, such as `127.0.0.1:8080`. */
  LISTEN: string
  /** host:port of the site. */
  WEB_UPSTREAM: string
  /** host:port of search-order. */
  SEARCH_ORDER_UPSTREAM: string
  /** host:port of tracking. */
  TRACKING_UPSTREAM: string
  /** host:port of the gateway. */
  GATEWAY_UPSTREAM: string
  /** host:port of the kitchen. */
  KITCHEN_UPSTREAM: string
  /** host:port of the command queue. */
  COMMAND_QUEUE_UPSTREAM: string
  /** host:port of backstage. */
  BACKSTAGE_UPSTREAM: string
  /** The file with the passwords of the kitchen's staff, as `htpasswdLine` makes it. */
  KITCHEN_USERS: string
  /** Origins of other sites whose pages may call, joined by commas. */
  ALLOWED_ORIGINS: string
}

/** How to run it as a process. */
export const standInCommand = (place: EdgePlace): Command => ({
  command: process.execPath,
  args: [import.meta.filename],
  cwd: root,
  env: { ...process.env, ...place },
})

const limits = { body: 64 * 1024, line: 8 * 1024, headers: 16 * 1024 }
/** Tracking may wait for a minute before it answers. */
const patienceMs = { request: 10_000, answer: 30_000, news: 75_000 }

/** The edge as a server that does not listen yet. */
function standIn(place: EdgePlace): Server {
  const { log } = createContext('edge', 'warn')
  const http = httpApp()
  http.enable('case sensitive routing')
  http.enable('strict routing')
  // Who has logged in, we say alone.
  http.use((request, _response, next) => {
    delete request.headers['x-staff']
    next()
  })
  http.use('/api', crossOrigin(allowedOrigins.parse(place.ALLOWED_ORIGINS), 'passed on'))
  http.use(readable)
  http.get('/edge/health', (_request, response) => void response.json({ status: 'healthy' }))
  const searchOrder = proxyTo(place.SEARCH_ORDER_UPSTREAM)
  const reading = searchOrder(() => away)
  for (const path of [
    'search',
    'styles',
    'restaurants/:id',
    'payment-key',
    'openapi.json',
    'health',
    'health/ready',
  ]) {
    http.get(`/api/${path}`, reading)
    http.options(`/api/${path}`, reading)
  }
  const following = proxyTo(place.TRACKING_UPSTREAM, patienceMs.news)(() => away)
  http.get('/api/orders/:id', following)
  http.options('/api/orders/:id', following)
  const ordering = searchOrder(() => unanswered)
  http.post('/api/orders', ordering)
  http.options('/api/orders', ordering)
  const asking = proxyTo(place.GATEWAY_UPSTREAM)(() => away)
  http.post('/api/quotes', asking)
  http.options('/api/quotes', asking)
  const staff = staffOnly(place.KITCHEN_USERS)
  const kitchen = proxyTo(place.KITCHEN_UPSTREAM, patienceMs.news)(() => away)
  const queue = proxyTo(place.COMMAND_QUEUE_UPSTREAM, patienceMs.news)(() => away)
  http.get('/api/kitchen/tickets', staff, kitchen)
  http.get('/api/kitchen/settings', staff, kitchen)
  http.get('/api/kitchen/resources', staff, queue)
  http.post('/api/kitchen/tickets/:id/ready', boardOnly, staff, kitchen)
  const backstage = proxyTo(place.BACKSTAGE_UPSTREAM, patienceMs.news)(() => away)
  http.get('/api/backstage/pipeline', backstage)
  http.get('/api/backstage/orders/:id/records', backstage)
  http.get('/api/backstage/breaks', backstage)
  http.post('/api/backstage/breaks/:name', backstage)
  http.use((request, response, next) => (isStaffPage(request.path) ? staff(request, response, next) : next()))
  http.use(({ path, headers }, _response, next) => {
    if (isStaffPage(path)) headers['x-staff'] = userIn(headers.authorization)
    next()
  })
  const site = proxyTo(place.WEB_UPSTREAM)(() => new HttpProblem(502, 'The site is away for a moment'))
  http.use((request, response, next) =>
    /^\/api(\/|$)/.test(request.path) ? next() : site(request, response, next),
  )
  problemHandlers(http, log)
  return httpServer(http, {
    maxHeaderSize: 4 * limits.headers, // beyond that, nobody looks whether it was the address
    requestTimeout: patienceMs.request,
    requireHostHeader: false, // ours to answer
  })
}

const away = new HttpProblem(503, 'The restaurant is away for a moment', { headers: { 'Retry-After': '1' } })
/** The connection may have broken after the order was written: only a repeat with the same key is sure to be right. */
const unanswered = new HttpProblem(502, 'No answer to the order', {
  detail: 'It may have been taken. Send it again with the same Idempotency-Key: it is charged once.',
  headers: { 'Retry-After': '2' },
})

const isStaffPage = (path: string) => /^\/(kitchen|ops)([/.]|$)/.test(decodeURIComponent(path))

/** The file is read each time, as NGINX does. */
const staffOnly =
  (usersFile: string): RequestHandler =>
  ({ headers }, _response, next) => {
    if (!isIn(readFileSync(usersFile, 'utf8'), headers.authorization)) throw unknownStaff
    next()
  }
const unknownStaff = new HttpProblem(401, 'The staff alone may see the kitchen', {
  headers: { 'WWW-Authenticate': 'Basic realm="kitchen"' },
})

/**
 * A browser adds the password to what any page sends. A header of one's own a page of another origin may not send before it
 * has asked by OPTIONS, and that is refused.
 */
const boardOnly: RequestHandler = ({ headers }, _response, next) => {
  if (!headers['x-kitchen-board']) throw notTheBoard
  next()
}
const notTheBoard = new HttpProblem(403, 'The call does not come from the board of the kitchen', {
  detail: 'The board sends X-Kitchen-Board, which no page of another site can.',
})

/** Refuses what NGINX would not read. */
const readable: RequestHandler = (
  { url, path, httpVersion, rawHeaders, headersDistinct },
  _response,
  next,
) => {
  const isLong =
    rawHeaders.some(part => part.length > limits.line) || rawHeaders.join('').length > limits.headers
  if (url.length > limits.line) throw new HttpProblem(414, 'The address is too long')
  if (isLong) throw new HttpProblem(431, 'The headers are too large')
  const hosts = headersDistinct.host ?? (httpVersion === '1.0' ? ['localhost'] : [])
  const hasHost = hosts.length === 1 && /^[^\s/?#@]+$/.test(hosts[0] ?? '')
  if (!hasHost || !isDecodable(path)) throw new HttpProblem(400, 'The request can not be read')
  next()
}

function isDecodable(path: string): boolean {
  try {
    return !decodeURIComponent(path).includes('\0')
  } catch {
    return false
  }
}

/** Passes a call on, without `/api` or the name of the part that follows it, once all of its body is there; `failure` says what it is when nothing comes back. */
function proxyTo(upstream: string, proxyTimeout = patienceMs.answer) {
  const proxy = createProxyServer({
    target: `http://${upstream}`,
    xfwd: true,
    proxyTimeout,
  })
  return (failure: () => HttpProblem): RequestHandler =>
    async (request, response) => {
      const body = await wholeBody(request)
      request.url = request.url.replace(/^\/api(\/kitchen|\/backstage)?(?=\/)/, '')
      request.headers.host ??= 'localhost'
      delete request.headers.expect // met here, or nobody's
      delete request.headers.authorization
      try {
        await proxy.web(request, response, { buffer: Readable.from(body.length > 0 ? [body] : []) })
      } catch {
        if (response.headersSent) response.destroy()
        else throw failure()
      }
    }
}

/** What is too large is read to its end all the same: who is cut off while sending may not see the answer. */
async function wholeBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new HttpProblem(413, 'The body is too large')
  if (Number(request.headers['content-length'] ?? 0) > limits.body) throw tooLarge
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= limits.body) chunks.push(chunk)
  }
  if (size > limits.body) throw tooLarge
  return Buffer.concat(chunks)
}

if (import.meta.main) {
  const server = standIn(placeIn(process.env))
  const [host = '', port = ''] = (process.env.LISTEN ?? '').split(/:(?=\d+$)/)
  server.listen(Number(port), host.replace(/^\[|\]$/g, ''))
  process.once('SIGTERM', () => void closed(server).then(() => process.exit(0)))
}

function placeIn(env: NodeJS.ProcessEnv): EdgePlace {
  const { LISTEN = '', WEB_UPSTREAM = '', SEARCH_ORDER_UPSTREAM = '', TRACKING_UPSTREAM = '' } = env
  const { GATEWAY_UPSTREAM = '', KITCHEN_UPSTREAM = '', COMMAND_QUEUE_UPSTREAM = '' } = env
  const { BACKSTAGE_UPSTREAM = '', KITCHEN_USERS = '', ALLOWED_ORIGINS = '' } = env
  return {
    LISTEN,
    WEB_UPSTREAM,
    SEARCH_ORDER_UPSTREAM,
    TRACKING_UPSTREAM,
    GATEWAY_UPSTREAM,
    KITCHEN_UPSTREAM,
    COMMAND_QUEUE_UPSTREAM,
    BACKSTAGE_UPSTREAM,
    KITCHEN_USERS,
    ALLOWED_ORIGINS,
  }
}
