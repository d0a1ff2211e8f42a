import { contextOf, headersOf, inSpan, isTracing, momentSpan, SpanKind } from 'kafka-restaurants-service'
import type { InputRecord, OutputRecord } from './record.ts'

// By OpenTelemetry's conventions of messaging; a key is not told, as it may be somebody's.
const about = (topic: string, operation: string) => ({
  'messaging.system': 'kafka',
  'messaging.destination.name': topic,
  'messaging.operation.name': operation,
})

/** Handles a record within a span that follows from what wrote it; what the handler gives out follows from that one. */
export async function processed(
  record: InputRecord,
  group: string,
  handle: () => Promise<OutputRecord[]>,
): Promise<OutputRecord[]> {
  if (!isTracing()) return handle()
  const { topic, partition, offset, headers } = record
  const attributes = {
    ...about(topic, 'process'),
    'messaging.consumer.group.name': group,
    'messaging.destination.partition.id': String(partition),
    'messaging.kafka.offset': Number(offset),
  }
  const parent = contextOf(headers)
  return inSpan(`process ${topic}`, { kind: SpanKind.CONSUMER, attributes, parent }, async () => {
    const outputs = await handle()
    return outputs.map(output => written(output, headers.traceparent))
  })
}

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
    attributes: about(topic, 'send'),
    ...(parent && { parent }),
  })
  return { ...output, headers: { ...headers, ...headersOf(context) } }
}

/** Sends a record within a span, which ends once Kafka has it; it follows from what is under way. */
export const sent = (record: OutputRecord, send: (record: OutputRecord) => Promise<void>): Promise<void> =>
  isTracing() && !record.isInternal
    ? inSpan(
        `send ${record.topic}`,
        { kind: SpanKind.PRODUCER, attributes: about(record.topic, 'send') },
        () => send({ ...record, headers: { ...record.headers, ...headersOf() } }),
      )
    : send(record)
