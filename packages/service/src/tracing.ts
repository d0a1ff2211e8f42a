import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { routeOf } from './requests.ts'

/** What carries a trace from one process to the next (W3C Trace Context): the headers of a request or of a record. */
export type Carrier = Record<string, unknown>

const tracer = () => trace.getTracer('kafka-restaurants')
let on = false

/** Whether spans are made: else nothing of this module does anything, so that who traces nothing pays nothing. */
export const isTracing = (): boolean => on

/**
 * Sends the spans of this process to a collector by OTLP, if `OTEL_EXPORTER_OTLP_ENDPOINT` (or `..._TRACES_ENDPOINT`) is
 * set; the other variables of OpenTelemetry, such as `OTEL_TRACES_SAMPLER`, mean what they do everywhere.
 * @returns what sends the rest and ends it
 */
export async function startTracing(service: string): Promise<() => Promise<void>> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SDK_DISABLED } = process.env
  const isWanted = OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  if (!isWanted || OTEL_SDK_DISABLED === 'true') return async () => {}
  // Loaded by who needs it only: it takes a while, and memory.
  const { startSdk } = await import('./tracing-sdk.ts')
  const stop = startSdk(service, orderOf)
  on = true
  return async () => {
    on = false
    await stop()
  }
}

interface SpanSettings {
  kind: SpanKind
  attributes?: Attributes
  /** What it follows from; what is under way unless given. */
  parent?: Context
  /** In ms since the epoch; now unless given. */
  startTime?: number
}

/** Does some work within a span of its own, which ends with it, and says so where it fails. */
export async function inSpan<Result>(
  name: string,
  { kind, attributes = {}, parent = context.active() }: SpanSettings,
  work: (span: Span | undefined) => Promise<Result>,
): Promise<Result> {
  if (!on) return work(undefined)
  const span = tracer().startSpan(name, { kind, attributes: { ...attributes, ...orderOf(parent) } }, parent)
  try {
    return await context.with(trace.setSpan(parent, span), work, undefined, span)
  } catch (error) {
    failed(span, error)
    throw error
  } finally {
    span.end()
  }
}

/** A span that is over now: of a wait, or of what is done elsewhere. @returns the context that it makes */
export function momentSpan(name: string, settings: SpanSettings): Context {
  const { parent = context.active(), attributes, ...options } = settings
  const span = tracer().startSpan(
    name,
    { ...options, attributes: { ...attributes, ...orderOf(parent) } },
    parent,
  )
  span.end()
  return trace.setSpan(parent, span)
}

/** An error's kind alone is told: its message may repeat what somebody has sent. */
function failed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.setAttribute('error.type', error instanceof Error ? error.name : 'error')
}

/**
 * The context that headers tell of; nothing that is none. Of what else may travel with a trace, `tracestate` and baggage
 * (W3C Baggage), the number of the order alone is taken over: anybody could have put anything into it.
 */
export function contextOf({ traceparent, baggage }: Carrier): Context {
  const told = propagation.extract(ROOT_CONTEXT, { traceparent, baggage })
  const { order_id = '' } = orderOf(told)
  const bare = propagation.deleteBaggage(told)
  return isUuid.test(order_id) ? withOrder(order_id, bare) : bare
}

const orderId = 'order_id'
const isUuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** The order that a context is about, as an attribute of its spans. */
function orderOf(of: Context): { order_id?: string } {
  const order_id = propagation.getBaggage(of)?.getEntry(orderId)?.value
  return order_id ? { order_id } : {}
}

const withOrder = (order: string, of: Context): Context =>
  propagation.setBaggage(of, propagation.createBaggage({ [orderId]: { value: order } }))

/** Does some work as that of an order: its number goes with the trace, whatever way that takes. */
export function forOrder<Result>(order: string, work: () => Result): Result {
  if (!on) return work()
  trace.getActiveSpan()?.setAttribute(orderId, order)
  return context.with(withOrder(order, context.active()), work)
}

/** The headers that tell of a context. */
export function headersOf(of: Context = context.active()): Record<string, string> {
  const headers: Record<string, string> = {}
  propagation.inject(of, headers)
  return headers
}

/** What is under way, as a text to be kept; undefined where nothing is traced. */
export const currentTrace = (): string | undefined => (on ? JSON.stringify(headersOf()) : undefined)

/** Does some work as a part of a trace that was kept, however long ago. */
export const withTrace = <Result>(kept: string | undefined, work: () => Result): Result =>
  on && kept ? context.with(contextOf(JSON.parse(kept)), work) : work()

/** Ids for a line of the log, where a span is under way. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  const span = on ? trace.getActiveSpan()?.spanContext() : undefined
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {}
}

/**
 * Answers each request within a span (the HTTP conventions of OpenTelemetry). Its name is the route's, as Express knows it in
 * the end: neither the path nor what is searched for is told, as both may be somebody's.
 */
export function tracedListener(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (!on || request.url?.startsWith('/health')) return listener(request, response)
    const { method = 'GET' } = request
    const parent = contextOf(request.headers)
    const attributes = { 'http.request.method': method, ...orderOf(parent) }
    const span = tracer().startSpan(method, { kind: SpanKind.SERVER, attributes }, parent)
    response.once('close', () => endAnswered(span, request, response))
    context.with(trace.setSpan(parent, span), listener, undefined, request, response)
  }
}

function endAnswered(span: Span, request: IncomingMessage, response: ServerResponse): void {
  const route = routeOf(request)
  if (route) span.updateName(`${request.method} ${route}`).setAttribute('http.route', route)
  span.setAttribute('http.response.status_code', response.statusCode)
  if (response.statusCode >= 500 || !response.writableFinished) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

export { SpanKind } from '@opentelemetry/api'
