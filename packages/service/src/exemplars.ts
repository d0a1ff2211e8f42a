import { context, TraceFlags, trace } from '@opentelemetry/api'
import type { Histogram } from './metrics.ts'
import { type Carrier, contextOf, isLeftOut, isTracing } from './tracing.ts'

/**
 * Observes a value with an example of it, so that who sees the value finds its trace; without one where that is not kept.
 * @param seconds a histogram with `enableExemplars`
 * @param of the headers of what is observed; it is what is under way unless given
 */
export function observeTraced<Label extends string>(
  seconds: Histogram<Label>,
  value: number,
  { labels = {}, of }: { labels?: Partial<Record<Label, string>>; of?: Carrier | undefined } = {},
): void {
  const within = isTracing() && (of ? contextOf(of) : context.active())
  const span = within && !isLeftOut(within) ? trace.getSpanContext(within) : undefined
  const isKept = span !== undefined && (span.traceFlags & TraceFlags.SAMPLED) !== 0
  // prom-client's types have an exemplar's labels be those of its histogram.
  const exemplarLabels: object = isKept ? { trace_id: span.traceId } : {}
  seconds.observe({ labels, value, exemplarLabels })
}
