import { randomBytes, randomUUID } from 'node:crypto'
import type { IHeaders, KafkaMessage } from 'kafkajs'

export type Headers = Record<string, string>

/** A record as a handler sees it. */
export interface InputRecord {
  topic: string
  partition: number
  offset: string
  key: Buffer | null
  /** The value's bytes; empty for a tombstone. */
  value: Buffer
  headers: Headers
  /**
   * Names this record for good: topic, partition, offset and timestamp. The same for every redelivery, and another
   * one for a record at the same offset of a topic that was deleted and made anew, or of another cluster.
   */
  reference: string
}

/** A record to be written. Headers that say where it belongs (`traceparent`, `correlation_id`) are added when absent. */
export interface OutputRecord {
  topic: string
  key: string | Buffer | null
  value: string | Buffer
  headers?: Headers
}

/** Thrown by a handler for a record that no retry can help: it goes to the dead letters with this reason. */
export class UnreadableRecordError extends Error {
  override name = 'UnreadableRecordError'
}

export function inputRecord(topic: string, partition: number, message: KafkaMessage): InputRecord {
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key,
    value: message.value ?? Buffer.alloc(0),
    headers: textHeaders(message.headers),
    reference: `${topic}-${partition}@${message.offset}/${message.timestamp}`,
  }
}

/** The headers that tie a record to what caused it (W3C Trace Context); made up where there are none yet. */
export function causalHeaders(cause: Headers = {}): Headers {
  return {
    traceparent:
      cause.traceparent ?? `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    correlation_id: cause.correlation_id ?? randomUUID(),
  }
}

const textHeaders = (headers: IHeaders = {}): Headers =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value
      return last === undefined ? [] : [[name, last.toString()]]
    }),
  )

/**
 * Reads a record's value as JSON.
 * @throws UnreadableRecordError when it is larger than `maxBytes` or no JSON
 */
export function readJson({ value }: InputRecord, maxBytes: number): unknown {
  if (value.length > maxBytes) {
    throw new UnreadableRecordError(
      `the value has ${value.length} bytes, ${maxBytes} is the most that is read`,
    )
  }
  try {
    return JSON.parse(value.toString('utf8'))
  } catch {
    // JSON.parse repeats parts of the text in its message, which may be a card number.
    throw new UnreadableRecordError('the value is not JSON')
  }
}
