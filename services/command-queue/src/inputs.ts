import {
  CommandEvent,
  CommandRequest,
  ExpiredEvent,
  maxValueBytes,
  QueueId,
} from 'kafka-restaurants-contracts'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { type InputRecord, parseRecord } from 'kafka-restaurants-kafka'
import { headersOf, isTracing } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Input } from './decide.ts'
import type { Cause } from './resource.ts'

/** What the queue tells itself on the topic of events, so that it is decided in one order with all else. */
const LeaseOver = z.object({
  type: z.literal('LEASE_OVER'),
  id: QueueId,
  fence: z.int().nonnegative(),
})
const Look = z.object({ type: z.literal('LOOK') })
const AnyEvent = z.discriminatedUnion('type', [CommandEvent, ExpiredEvent, LeaseOver, Look])

const what = { maxBytes: maxValueBytes }

/**
 * The resource that a record speaks of.
 * @throws UnreadableRecordError where its key names none
 */
export function readResourceId({ key }: InputRecord): string {
  const result = QueueId.safeParse(key?.toString() ?? '')
  if (result.success) return result.data
  const why = result.error.issues.map(({ message }) => message).join('; ')
  throw new UnreadableRecordError(`the key names no resource: ${why}`)
}

/** It is kept with each command that waits: nobody's trace or id needs more, in characters. */
const longestHeader = 256

/** What is under way, where it is traced; else what the record says. */
function causeOf({ headers: { traceparent, correlation_id } }: InputRecord): Cause {
  const told = { traceparent, correlation_id, ...(isTracing() && headersOf()) }
  return Object.fromEntries(
    Object.entries(told).filter(([, value]) => value !== undefined && value.length <= longestHeader),
  )
}

/** @throws UnreadableRecordError for what is no command, or one whose message is too long */
export function readRequest(record: InputRecord, mostBytes: number, now: number): Input {
  const { id, message } = parseRecord(record, CommandRequest, { what: 'command', ...what })
  const bytes = Buffer.byteLength(message)
  if (bytes > mostBytes)
    throw new UnreadableRecordError(`the message has ${bytes} bytes, ${mostBytes} is the most`)
  return { type: 'REQUEST', id, message, cause: causeOf(record), at: now }
}

/**
 * @returns undefined for what the queue itself has told others
 * @throws UnreadableRecordError for what is no event
 */
export function readEvent(record: InputRecord, now: number): Input | undefined {
  const event = parseRecord(record, AnyEvent, { what: 'event', ...what })
  switch (event.type) {
    case 'EXPIRED':
      return undefined
    case 'LOOK':
      return { type: 'LOOK', at: now }
    case 'LEASE_OVER':
      // When it was seen, so that a lease is judged alike however late this is read, and however often.
      return { ...event, seenAt: Number(record.timestamp), at: now }
    default:
      return { type: event.type, id: event.id, fence: event.fence, at: now }
  }
}
