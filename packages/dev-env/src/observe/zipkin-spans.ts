import { z } from 'zod'

const Attributes = z
  .object({ key: z.string(), value: z.record(z.string(), z.unknown()) })
  .array()
  .default([])

const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number().default(0),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes: Attributes,
  status: z.object({ code: z.number().default(0) }).default({ code: 0 }),
})

/** The body of a call by OTLP/HTTP as JSON, as far as Zipkin has words for it. */
export const Exported = z.object({
  resourceSpans: z
    .object({
      resource: z.object({ attributes: Attributes }).default({ attributes: [] }),
      scopeSpans: z.object({ spans: Span.array() }).array(),
    })
    .array(),
})

/** By OTLP's numbers. */
const kinds: Record<number, string> = { 2: 'SERVER', 3: 'CLIENT', 4: 'PRODUCER', 5: 'CONSUMER' }
const statusError = 2

/**
 * Spans in Zipkin's words (its API v2). A topic is told as the other side, as it would be of a call, so that Zipkin's drawing of
 * who depends on whom has topics between services. What a process is like, which OTLP says once, is left out.
 */
export function zipkinSpans({ resourceSpans }: z.infer<typeof Exported>) {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const serviceName = tagsOf(resource.attributes)['service.name'] ?? 'unknown'
    return scopeSpans.flatMap(({ spans }) => spans.map(span => zipkinSpan(span, serviceName)))
  })
}

function zipkinSpan(span: z.infer<typeof Span>, serviceName: string) {
  const { traceId, spanId, parentSpanId, name, startTimeUnixNano: start, endTimeUnixNano: end } = span
  const tags = tagsOf(span.attributes)
  const topic = tags['messaging.destination.name']
  return {
    ...{ traceId, id: spanId, name, kind: kinds[span.kind] },
    // A root may have an empty one.
    parentId: parentSpanId || undefined,
    timestamp: Number(start / 1000n),
    // Zipkin takes 0 for one that has not ended.
    duration: Math.max(1, Number((end - start) / 1000n)),
    localEndpoint: { serviceName },
    remoteEndpoint: topic && { serviceName: `topic ${topic}` },
    tags: { ...tags, ...(span.status.code === statusError && { error: tags['error.type'] ?? 'true' }) },
  }
}

const tagsOf = (attributes: z.infer<typeof Attributes>): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0] ?? '')]))
