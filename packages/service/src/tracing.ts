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
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { routeOf } from './requests.ts'

/** What carries a trace from one process to the next (W3C Trace Context): the headers of a request or of a record. */
export type Carrier = Record<string, unknown>

const tracer = () => trace.getTracer('kafka-restaurants')
let on = false
/** Whether what follows from something that is left out is left out, too: with the samplers that go by the parent, as the usual one. */
let parentDecides = true

/** Whether spans are made: else nothing of this module does anything, so that who traces nothing pays nothing. */
export const isTracing = (): boolean => on

/** Whether something is done within a trace just now. */
export const isUnderWay = (): boolean =>
  on && (context.active() instanceof LeftOut || trace.getActiveSpan() !== undefined)

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
  const stop = startSdk(service, { attributesOf: orderOf, leftOutHeaders })
  on = true
  parentDecides = (process.env.OTEL_TRACES_SAMPLER || 'parentbased').startsWith('parentbased')
  return async () => {
    on = false
    await stop()
  }
}

/**
 * What follows from something that is not traced. Of most records that is all there is to know: so it is its header until
 * somebody asks for more, where OpenTelemetry's own context is some objects more, each time.
 */
class LeftOut implements Context {
  readonly traceparent: string
  constructor(traceparent: string) {
    this.traceparent = traceparent
  }

  getValue(key: symbol): unknown {
    return this.whole().getValue(key)
  }
  setValue(key: symbol, value: unknown): Context {
    return this.whole().setValue(key, value)
  }
  deleteValue(key: symbol): Context {
    return this.whole().deleteValue(key)
  }
  private whole(): Context {
    const [, traceId = '', spanId = ''] = this.traceparent.split('-')
    return trace.setSpanContext(ROOT_CONTEXT, {
      traceId,
      spanId,
      traceFlags: TraceFlags.NONE,
      isRemote: true,
    })
  }
}

/**
 * Whether whoever began something does not have it traced. Then nothing that follows from it has a span of its own: the
 * number of its trace is passed on, so that nobody begins another.
 */
export function isLeftOut(of: Context): boolean {
  if (of instanceof LeftOut) return true
  const told = parentDecides ? trace.getSpanContext(of) : undefined
  return told !== undefined && (told.traceFlags & TraceFlags.SAMPLED) === 0
}

/** Does some work as what follows from something. */
export const within = <Result>(of: Context, work: () => Result): Result =>
  of === context.active() ? work() : context.with(of, work)

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
  if (isLeftOut(parent)) return within(parent, () => work(undefined))
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
  if (isLeftOut(parent)) return parent
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
  const text = String(traceparent)
  if (parentDecides && leftOut.test(text)) return new LeftOut(text)
  const told = propagation.extract(ROOT_CONTEXT, { traceparent, baggage })
  const { order_id = '' } = orderOf(told)
  const bare = propagation.deleteBaggage(told)
  return isUuid.test(order_id) ? withOrder(order_id, bare) : bare
}

/** W3C Trace Context, with flags that do not say "sampled". */
const leftOut = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f][02468ace]$/
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
  if (!on || isLeftOut(context.active())) return work()
  trace.getActiveSpan()?.setAttribute(orderId, order)
  return context.with(withOrder(order, context.active()), work)
}

/** The headers that tell of a context. */
export function headersOf(of: Context = context.active()): Record<string, string> {
  const ofLeftOut = leftOutHeaders(of)
  if (ofLeftOut) return ofLeftOut
  const headers: Record<string, string> = {}
  propagation.inject(of, headers)
  return headers
}

/** The same of what is left out; undefined for anything else. */
function leftOutHeaders(of: Context): { traceparent: string } | undefined {
  if (of instanceof LeftOut) return { traceparent: of.traceparent }
  const told = isLeftOut(of) && trace.getSpanContext(of)
  return told ? { traceparent: `00-${told.traceId}-${told.spanId}-00` } : undefined
}

/** What is under way, as a text to be kept; undefined where nothing is traced. */
export const currentTrace = (): string | undefined => (on ? JSON.stringify(headersOf()) : undefined)

/** Does some work as a part of a trace that was kept, however long ago. */
export const withTrace = <Result>(kept: string | undefined, work: () => Result): Result =>
  on && kept ? context.with(contextOf(JSON.parse(kept)), work) : work()

/** Ids for a line of the log, where a trace is under way; of one that is left out, that of the trace alone. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  if (!on) return {}
  const active = context.active()
  if (active instanceof LeftOut) return { trace_id: active.traceparent.slice(3, 35) }
  const span = trace.getSpanContext(active)
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
    if (isLeftOut(parent)) return context.with(parent, listener, undefined, request, response)
    const attributes = { 'http.request.method': method, ...orderOf(parent) }
    const span = tracer().startSpan(method, { kind: SpanKind.SERVER, attributes }, parent)
    const begun = trace.setSpan(parent, span)
    const ofLeftOut = leftOutHeaders(begun)
    if (ofLeftOut)
      return context.with(new LeftOut(ofLeftOut.traceparent), listener, undefined, request, response)
    response.once('close', () => endAnswered(span, request, response))
    context.with(begun, listener, undefined, request, response)
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
