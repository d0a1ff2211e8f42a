import {
  contextOf,
  headersOf,
  inSpan,
  isLeftOut,
  isTracing,
  isUnderWay,
  momentSpan,
  SpanKind,
  within,
} from 'kafka-restaurants-service'
import type { InputRecord, OutputRecord } from './record.ts'

// By OpenTelemetry's conventions of messaging; a key is not told, as it may be somebody's.
const about = (topic: string, operation: string) => ({
  'messaging.system': 'kafka',
  'messaging.destination.name': topic,
  'messaging.operation.name': operation,
})
const sending = (topic: string) => about(topic, 'send')

/** Handles a record within a span that follows from what wrote it; what the handler gives out follows from that one. */
export async function processed(
  record: InputRecord,
  group: string,
  handle: () => Promise<OutputRecord[]>,
): Promise<OutputRecord[]> {
  if (!isTracing()) return handle()
  const { topic, partition, offset, headers } = record
  const parent = contextOf(headers)
  if (isLeftOut(parent)) {
    const outputs = await within(parent, handle)
    const ofTrace = headersOf(parent)
    return outputs.map(output => leftOut(output, ofTrace))
  }
  const attributes = {
    ...about(topic, 'process'),
    'messaging.consumer.group.name': group,
    'messaging.destination.partition.id': String(partition),
    'messaging.kafka.offset': Number(offset),
  }
  return inSpan(`process ${topic}`, { kind: SpanKind.CONSUMER, attributes, parent }, async () => {
    const outputs = await handle()
    return outputs.map(output => written(output, headers.traceparent))
  })
}

/** It brings the number of the trace that it is left out of. */
const leftOut = (output: OutputRecord, ofTrace: Record<string, string>): OutputRecord =>
  output.isInternal || output.headers?.traceparent
    ? output
    : { ...output, headers: { ...output.headers, ...ofTrace } }

/** What is written once its transaction is: its span says when it was made, and the broker's time when it was there. */
function written(output: OutputRecord, traceOfRecord: string | undefined): OutputRecord {
  const { topic, headers, isInternal } = output
  if (isInternal) return output
  const own = headers?.traceparent
  // Not of this record's trace, but of another's that has waited for it.
  const parent =
    own && String(own) !== traceOfRecord ? contextOf({ ...headers, traceparent: String(own) }) : undefined
  const context = momentSpan(`send ${topic}`, {
    kind: SpanKind.PRODUCER,
    attributes: sending(topic),
    ...(parent && { parent }),
  })
  return { ...output, headers: { ...headers, ...headersOf(context) } }
}

/**
 * Sends a record within a span, which ends once Kafka has it; it follows from what is under way. Where nothing is, as of what
 * was kept until now, the record goes on with the trace that it has.
 */
export function sent(record: OutputRecord, send: (record: OutputRecord) => Promise<void>): Promise<void> {
  const { topic, headers, isInternal } = record
  if (!isTracing() || isInternal || (headers?.traceparent && !isUnderWay())) return send(record)
  const settings = { kind: SpanKind.PRODUCER, attributes: sending(topic) }
  return inSpan(`send ${topic}`, settings, () => send({ ...record, headers: { ...headers, ...headersOf() } }))
}
