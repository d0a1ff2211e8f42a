import { randomUUID } from 'node:crypto'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { withoutMark } from 'kafka-restaurants-service'
import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { z } from 'zod'

type Headers = Record<string, string>

/** A record as a handler sees it. */
export interface InputRecord {
  topic: string
  partition: number
  offset: string
  /** When it was written, in ms since the epoch, as its producer or its broker says. */
  timestamp: string
  key: Buffer | null
  /** The value's bytes; empty for a tombstone. */
  value: Buffer
  isTombstone: boolean
  /** As text; of a header that is there more than once, the last. */
  headers: Headers
  /** As they came. */
  rawHeaders: Record<string, Buffer[]>
  /**
   * Names this record for good: topic, partition, offset and timestamp. The same for every redelivery, and another
   * one for a record at the same offset of a topic that was deleted and made anew, or of another cluster.
   */
  reference: string
  /** What of it could not be decoded, and why, if so: a whole batch, whose bytes are the value then, or the headers. */
  undecodable?: Undecodable | undefined
}

interface Undecodable {
  what: 'batch' | 'headers'
  reason: string
}

/** A record to be written. Headers that say where it belongs (`traceparent`, `correlation_id`) are added when absent. */
export interface OutputRecord {
  topic: string
  /** Where to write it: where its key belongs unless given. */
  partition?: number
  key: string | Buffer | null
  value: string | Buffer | null
  headers?: IHeaders
  /** Whether it is for this program alone, and gets no headers but its own. */
  isInternal?: boolean
}

export function inputRecord(
  topic: string,
  partition: number,
  message: KafkaMessage & { undecodable?: Undecodable },
): InputRecord {
  let rawHeaders: InputRecord['rawHeaders'] | undefined
  let headers: Headers | undefined
  return {
    topic,
    partition,
    offset: message.offset,
    timestamp: message.timestamp,
    key: message.key,
    value: message.value ?? Buffer.alloc(0),
    isTombstone: message.value === null,
    // Who reads what is meant for many looks at a header at most.
    get headers() {
      headers ??= textHeaders(this.rawHeaders)
      return headers
    },
    get rawHeaders() {
      rawHeaders ??= cleanHeaders(message.headers)
      return rawHeaders
    },
    get reference() {
      return `${topic}-${partition}@${message.offset}/${message.timestamp}`
    },
    undecodable: message.undecodable,
  }
}

/**
 * The headers that tie a record to what caused it (W3C Trace Context); made up where there are none yet. Their names may be
 * in any case, as in HTTP.
 */
export function causalHeaders(cause: IHeaders = {}): IHeaders {
  let [traceparent, correlationId]: IHeaders[string][] = []
  for (const name in cause) {
    const lowerCase = name.toLowerCase()
    if (lowerCase === 'traceparent') traceparent = cause[name]
    else if (lowerCase === 'correlation_id') correlationId = cause[name]
  }
  return {
    traceparent: traceparent ?? `00-${randomHex()}-${randomHex().slice(-16)}-01`,
    correlation_id: correlationId ?? randomUUID(),
  }
}

/** 32 digits. What `randomUUID` is made of has been drawn beforehand, which `randomBytes` does for each call. */
const randomHex = () => randomUUID().replaceAll('-', '')

/**
 * kafkajs hands out what its types don't say: null for a header without a value, which it can't write, and functions
 * for a header that is called like a property of every object, such as `constructor`.
 */
function cleanHeaders(headers: KafkaMessage['headers'] = {}): Record<string, Buffer[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]: [string, unknown]) => [
      name,
      Array.isArray(values) ? values.flatMap(cleanHeader) : cleanHeader(values),
    ]),
  )
}

function cleanHeader(value: unknown): Buffer[] {
  if (Buffer.isBuffer(value)) return [value]
  if (typeof value === 'string') return [Buffer.from(value)]
  return value === null ? [Buffer.alloc(0)] : []
}

const textHeaders = (headers: Record<string, Buffer[]>): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, String(values.at(-1) ?? '')]))

/**
 * Reads a record's value as JSON.
 * @throws UnreadableRecordError when it is larger than `maxBytes` or no JSON
 */
function readJson({ value }: InputRecord, maxBytes: number): unknown {
  if (value.length > maxBytes) {
    throw new UnreadableRecordError(
      `the value has ${value.length} bytes, ${maxBytes} is the most that is read`,
    )
  }
  try {
    return JSON.parse(withoutMark(value.toString('utf8')))
  } catch {
    // JSON.parse repeats parts of the text in its message, which may be a card number.
    throw new UnreadableRecordError('the value is not JSON')
  }
}

/** More faults than this are not told: a record can have some hundred thousand, which no header can hold. */
const mostFaults = 20

/**
 * Reads a record's value as JSON of a shape.
 * @param shape what it should be, and how to call that in the reason: "order"
 * @throws UnreadableRecordError that names every faulty field, and repeats no value
 */
export function parseRecord<Schema extends z.ZodType>(
  record: InputRecord,
  schema: Schema,
  { what, maxBytes }: { what: string; maxBytes: number },
): z.output<Schema> {
  const result = checked(schema, readJson(record, maxBytes))
  if (result.success) return result.data
  const { issues } = result.error
  const faults = issues
    .slice(0, mostFaults)
    .map(({ path, message }) => `${path.join('.') || '(all)'}: ${message}`)
  const more = issues.length > mostFaults ? `; and ${issues.length - mostFaults} more` : ''
  throw new UnreadableRecordError(`the value is no ${what}: ${faults.join('; ')}${more}`)
}

/** zod overflows the stack on a hundred thousand faults and more: that is the record's fault, and no outage. */
function checked<Schema extends z.ZodType>(schema: Schema, value: unknown) {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableRecordError('the value has too many faults to tell')
    throw error
  }
}
