import {
  JetStreamApiError,
  type JetStreamManager,
  type JetStreamPublishOptions,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { jserrors } from '@nats-io/jetstream/internal'
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { DeadLetter } from '../set-aside.ts'
import { natsHeaders } from './connection.ts'

/** No stream takes a subject. */
export class UntakenError extends Error {
  override name = 'UntakenError'
  constructor(subject: string, options?: ErrorOptions) {
    super(`no JetStream stream takes the subject ${subject}`, options)
  }
}

export const isTaken = async (manager: JetStreamManager, subject: string): Promise<boolean> =>
  (await manager.streams.names(subject).next()).length > 0

const requestMs = 5_000
const messageTooLarge = 10_054

/**
 * Publishes to the stream that takes the subject; resolves when the stream has it.
 * @throws UntakenError when there is no such stream; UnreadableRecordError when it takes no message of that size
 */
export async function publish(
  connection: NatsConnection,
  subject: string,
  { value, headers }: { value: Buffer; headers: Record<string, string> },
): Promise<void> {
  const written = natsHeaders(headers)
  const bytes = value.length + sizeOf(written)
  const most = mostBytes(connection)
  if (bytes > most) throw new UnreadableRecordError(`${bytes} bytes with headers, and NATS takes ${most}`)
  if (sizeOf(written) > mostHeaderBytes)
    throw new UnreadableRecordError(
      `${sizeOf(written)} bytes of headers, and JetStream takes ${mostHeaderBytes}`,
    )
  await send(connection, subject, value, { headers: written })
}

/**
 * The server knows a repeated one by its id. Of a value that is too long with the new headers, the end is cut off; where
 * there is no room for the headers alone, those that say why go without the others.
 */
export async function publishDeadLetter(
  connection: NatsConnection,
  subject: string,
  { value, headers }: DeadLetter,
  id: string,
): Promise<void> {
  const more = Buffer.byteLength(`Nats-Msg-Id: ${id} dead_letter_truncated: 1234567890`)
  const whole = natsHeaders(headers)
  const why = Object.entries(headers).filter(([name]) => name.startsWith('dead_letter_'))
  const isTooMuch = sizeOf(whole) + more > Math.min(mostHeaderBytes, mostBytes(connection))
  const written = isTooMuch ? natsHeaders(Object.fromEntries(why)) : whole
  const room = Math.max(0, mostBytes(connection) - sizeOf(written) - more)
  if (value.length > room) written.set('dead_letter_truncated', String(value.length))
  await send(connection, subject, value.subarray(0, room), { headers: written, msgID: id })
}

/** JetStream has two bytes for it. */
const mostHeaderBytes = 65_535
const sizeOf = (headers: MsgHdrs) => Buffer.byteLength(String(headers))
const mostBytes = ({ info }: NatsConnection) => info?.max_payload ?? Number.POSITIVE_INFINITY

async function send(
  connection: NatsConnection,
  subject: string,
  value: Buffer,
  options: Partial<JetStreamPublishOptions>,
): Promise<void> {
  try {
    await jetstream(connection).publish(subject, value, { timeout: requestMs, ...options })
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === messageTooLarge) {
      throw new UnreadableRecordError(`the stream takes no message of ${value.length} bytes`)
    }
    if (!(error instanceof jserrors.JetStreamNotEnabled)) throw error
    // Nobody listens there: there is no such stream, unless all of JetStream is away.
    if (await isTaken(await jetstreamManager(connection), subject)) throw error
    throw new UntakenError(subject, { cause: error })
  }
}
