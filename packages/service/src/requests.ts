import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { histogram, type Metrics } from './metrics.ts'

/** A request, with what Express notes in it: the route that has answered it, and where that is mounted. */
type Routed = IncomingMessage & { route?: { path?: unknown }; baseUrl?: string }

/** The pattern of the route that has answered, such as `/restaurants/:id`, once it has. */
export function routeOf({ route, baseUrl = '' }: Routed): string | undefined {
  const path = route?.path
  return typeof path === 'string' ? `${baseUrl}${path}` : undefined
}

/** Notes that a request was answered without Express, as a route would have. */
export function answeredBy(request: Routed, path: string): void {
  request.route = { path }
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The callers' own words, of which there is no end, are no labels: what has no route is "none", and an odd method "other". */
const labelsOf = (request: IncomingMessage, response: ServerResponse) => ({
  method: methods.has(request.method ?? '') ? request.method : 'other',
  route: routeOf(request) ?? 'none',
  // The connection was cut, by either side, before anything was said.
  status: response.headersSent ? response.statusCode : 'none',
})

/** How long a stream goes on says how long somebody watched. */
const isStream = (response: ServerResponse) =>
  String(response.getHeader('Content-Type') ?? '').startsWith('text/event-stream')

/**
 * Measures how requests are answered, by method, route and status. Probes and streams of events are left out. One that asks to
 * be answered later (`Prefer: wait`) has taken as long as it has waited. At the level debug each has a line in the log, too,
 * streams as well, with the same words and no others: paths and queries may be somebody's.
 */
export function measuredListener(
  { metrics, log }: { metrics: Metrics; log: Logger },
  listener: RequestListener,
): RequestListener {
  const seconds = histogram(metrics, {
    name: 'http_request_duration_seconds',
    help: 'Seconds from a request to the end of its answer, by the pattern of its route; without probes and streams of events',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  })
  const answered = (request: IncomingMessage, response: ServerResponse, begun: number) => {
    const ms = performance.now() - begun
    const labels = labelsOf(request, response)
    if (log.isLevelEnabled('debug')) log.debug({ ...labels, ms: Math.round(ms) }, 'request')
    if (!isStream(response)) seconds.observe(labels, ms / 1_000)
  }
  return (request, response) => {
    if (request.url?.startsWith('/health')) return listener(request, response)
    const begun = performance.now()
    listener(request, response)
    if (response.writableEnded) answered(request, response, begun)
    else response.once('close', () => answered(request, response, begun))
  }
}
