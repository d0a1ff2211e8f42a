import { z } from 'zod'

/** A click whose trace (W3C Trace Context) begins in the browser, as it tells of it when its answer is there. */
export const TracedClick = z.object({
  traceId: z.string().regex(/^(?!0+$)[\da-f]{32}$/),
  spanId: z.string().regex(/^(?!0+$)[\da-f]{16}$/),
  /** From the click to the answer, in ms. When it was, is not asked: clocks of browsers are anyhow. */
  ms: z.number().min(0).max(600_000),
  /** Unless there is none. */
  orderId: z.uuid().optional(),
})
export type TracedClick = z.infer<typeof TracedClick>

/**
 * The share of clicks that are traced, 0 to 1, by OpenTelemetry's environment variables, as the services have them;
 * undefined where nothing is traced, or not by OTLP over HTTP.
 */
export function tracedShare(env = process.env): number | undefined {
  if (!tracesUrl(env)) return undefined
  const { OTEL_TRACES_SAMPLER = '', OTEL_TRACES_SAMPLER_ARG } = env
  if (OTEL_TRACES_SAMPLER.endsWith('always_off')) return 0
  if (!OTEL_TRACES_SAMPLER.endsWith('traceidratio')) return 1
  const share = Number(OTEL_TRACES_SAMPLER_ARG || 1)
  return share >= 0 && share <= 1 ? share : 1
}

function tracesUrl(env: NodeJS.ProcessEnv): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = env
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL
  if (protocol === 'grpc' || env.OTEL_SDK_DISABLED === 'true') return undefined
  return own || (all && `${all.replace(/\/+$/, '')}/v1/traces`)
}

/**
 * Sends the span of a click to the collector (OTLP/HTTP, as JSON, which each of them reads).
 * @throws where it does not take it
 */
export async function sendClick(click: TracedClick, now = Date.now(), env = process.env): Promise<void> {
  const url = tracesUrl(env)
  if (!url) return
  const response = await fetch(url, {
    method: 'POST',
    cache: 'no-store',
    headers: { ...headersFor(env), 'content-type': 'application/json' },
    body: JSON.stringify(exported(click, now)),
    signal: AbortSignal.timeout(5_000),
  })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`the collector of traces answers ${response.status}`)
}

/** `key1=value1,key2=value2`, as OpenTelemetry has it for what a collector wants to know of who sends. */
function headersFor(env: NodeJS.ProcessEnv): Record<string, string> {
  const list = env.OTEL_EXPORTER_OTLP_TRACES_HEADERS || env.OTEL_EXPORTER_OTLP_HEADERS || ''
  const pairs = list.split(',').flatMap(pair => {
    const [, name, value = ''] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? []
    return name ? [[name, decodeURIComponent(value.trim())]] : []
  })
  return Object.fromEntries(pairs)
}

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const kindClient = 3
const statusError = 2

function exported({ traceId, spanId, ms, orderId }: TracedClick, now: number) {
  const nanos = (at: number) => `${Math.round(at * 1000)}000`
  const span = {
    traceId,
    spanId,
    name: 'order',
    kind: kindClient,
    startTimeUnixNano: nanos(now - ms),
    endTimeUnixNano: nanos(now),
    attributes: orderId ? [text('order_id', orderId)] : [],
    status: orderId ? {} : { code: statusError },
  }
  const resource = { attributes: [text('service.name', 'browser')] }
  const scope = { name: 'kafka-restaurants' }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] }
}
