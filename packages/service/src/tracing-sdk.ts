import { type Attributes, type Context, context } from '@opentelemetry/api'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { NodeSDK } from '@opentelemetry/sdk-node'

interface Told {
  /** What is told on each span of its context. */
  attributesOf: (of: Context) => Attributes
  /** What a call brings with it of which nobody keeps a span; undefined for one that has a span. */
  leftOutHeaders: (of: Context) => Record<string, string> | undefined
}

/**
 * OpenTelemetry's SDK, set up by its own environment variables. What `fetch` and undici call is traced by its
 * instrumentation, which listens to Node's diagnostics channels. Those of http, Express, pg and kafkajs rewrite a module
 * while it is loaded, which can't be done to one that is bundled as ours are, and of Kafka know a batch, not its records:
 * these spans are our own.
 * @returns what sends the rest and ends it
 */
export function startSdk(service: string, { attributesOf, leftOutHeaders }: Told): () => Promise<void> {
  // Metrics are Prometheus's to fetch, and logs are written to standard output.
  process.env.OTEL_METRICS_EXPORTER ??= 'none'
  process.env.OTEL_LOGS_EXPORTER ??= 'none'
  const undici = new UndiciInstrumentation({
    // It would make up all that a span tells, and then none: of all that tracing costs, that was half.
    ignoreRequestHook: request => {
      const headers = leftOutHeaders(context.active())
      for (const [name, value] of Object.entries(headers ?? {})) request.addHeader(name, value)
      return headers !== undefined
    },
    // Who is called is told, and not the path or the query: both may be somebody's.
    startSpanHook: ({ origin }) => ({
      ...attributesOf(context.active()),
      ...{ 'url.full': origin, 'url.path': '', 'url.query': '' },
    }),
  })
  const sdk = new NodeSDK({
    serviceName: process.env.OTEL_SERVICE_NAME || service,
    instrumentations: [undici],
  })
  sdk.start()
  return () => sdk.shutdown()
}
