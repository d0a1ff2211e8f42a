import { randomUUID } from 'node:crypto'
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { readPem, readText } from 'kafka-restaurants-service'
import { within } from '../within.ts'
import type { RabbitmqListener } from './schema.ts'

/** A connection that has not ended yet. */
export interface Rabbitmq {
  connection: ChannelModel
  /** Resolves with the reason when it, or a channel of it that was given to `watch`, has ended. */
  ended: Promise<unknown>
  watch: <Watched extends Channel>(channel: Watched) => Watched
  /** Why it can't work now, a sentence each. */
  notReady: () => string[]
  /** Never rejects, and does not take long. */
  close: () => Promise<void>
}

type Connection = Pick<RabbitmqListener, 'url' | 'urlFile' | 'tls'>

const connectMs = 5_000
/** How long each step of a goodbye may take; what is not acknowledged comes again in any case. */
export const closeMs = 1_000
const heartbeatSeconds = 10

/** Connects; files are read each time. @throws Error when nobody answers, or we are not let in */
export async function connectRabbitmq({ url, urlFile, tls }: Connection): Promise<Rabbitmq> {
  const place = urlOf({ url, urlFile })
  if (tls && place.protocol !== 'amqps:') throw new Error('tls is given, and the URL is not amqps:')
  if (!place.searchParams.has('heartbeat')) place.searchParams.set('heartbeat', String(heartbeatSeconds))
  const connection = await connect(place.href, {
    timeout: connectMs,
    noDelay: true,
    clientProperties: { connection_name: 'eventor' },
    ...(tls?.caFile && { ca: [readPem(tls.caFile)] }),
    ...(tls?.certFile && { cert: readPem(tls.certFile) }),
    ...(tls?.keyFile && { key: readPem(tls.keyFile) }),
  })
  const ended = Promise.withResolvers<unknown>()
  // An error that nobody listens to would end the process.
  connection.on('error', ended.resolve)
  connection.on('close', error => ended.resolve(error ?? new Error('the connection was closed')))
  let blocked: string | undefined
  connection.on('blocked', (reason: string) => {
    blocked = reason
  })
  connection.on('unblocked', () => {
    blocked = undefined
  })
  return {
    connection,
    ended: ended.promise,
    notReady: () => (blocked === undefined ? [] : [`RabbitMQ takes no messages now: ${blocked}`]),
    watch: channel => {
      channel.on('error', ended.resolve)
      channel.on('close', () => ended.resolve(new Error('the channel was closed')))
      return channel
    },
    close: () => within(closeMs, connection.close(), 'RabbitMQ did not say goodbye').catch(() => {}),
  }
}

function urlOf({ url = '', urlFile }: Connection): URL {
  const text = urlFile === undefined ? url : readText(urlFile).trim()
  const parsed = URL.parse(text)
  if (!parsed) throw new Error(urlFile === undefined ? 'the URL is none' : `${urlFile} holds no URL`)
  return parsed
}

/** The server in words, without user and password. */
export function placeOf({ url = '', urlFile }: Connection): string {
  if (urlFile !== undefined) return `RabbitMQ, as ${urlFile} says`
  const { protocol, host, pathname } = new URL(url)
  return `RabbitMQ at ${protocol}//${host}${pathname}`
}

/** Whether a queue or an exchange is there. */
export const isThere = async (rabbitmq: Rabbitmq, check: (channel: Channel) => Promise<object>) =>
  (await ifThere(rabbitmq, check)) !== undefined

/** What RabbitMQ says about a queue or an exchange, if that is there: asked on a channel of its own, as a no closes it. */
export async function ifThere<Found extends object>(
  { connection }: Rabbitmq,
  check: (channel: Channel) => Promise<Found>,
): Promise<Found | undefined> {
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  try {
    const found = await check(channel)
    await channel.close()
    return found
  } catch (error) {
    if ((error as { code?: number }).code === 404) return undefined
    throw error
  }
}

/** A message was confirmed, and went nowhere. */
export class UnroutableError extends Error {
  override name = 'UnroutableError'
}

/**
 * Publishes a persistent message; resolves when RabbitMQ has confirmed it, and a queue has it.
 * @throws UnroutableError when no queue takes it; UnreadableRecordError when AMQP can't carry it; Error when it is not
 * confirmed within 30 s
 */
export type Publish = (
  to: { exchange?: string; routingKey: string },
  value: Buffer,
  headers: Record<string, string>,
) => Promise<void>

const confirmMs = 30_000

export function publisher(channel: ConfirmChannel): Publish {
  const returned = new Set<string>()
  channel.on('return', ({ properties }) => returned.add(String(properties.messageId)))
  return async ({ exchange = '', routingKey }, value, headers) => {
    const messageId = randomUUID()
    const confirmed = Promise.withResolvers<void>()
    const options = {
      messageId,
      persistent: true,
      mandatory: true,
      headers: Object.fromEntries(withoutBrokersOwn(headers)),
      correlationId: shortText(headers.correlation_id),
      contentType: shortText(headers['content-type']),
    }
    try {
      channel.publish(exchange, routingKey, value, options, error =>
        error ? confirmed.reject(error) : confirmed.resolve(),
      )
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error
      throw new UnreadableRecordError(`AMQP can not carry the message: ${error.message}`)
    }
    await within(confirmMs, confirmed.promise, 'RabbitMQ did not confirm a message')
    // RabbitMQ returns a message before it confirms it.
    if (returned.delete(messageId)) {
      const where =
        exchange === ''
          ? `there is no queue ${routingKey}`
          : `no queue is bound to ${exchange} for ${routingKey}`
      throw new UnroutableError(`nobody takes the message: ${where}`)
    }
  }
}

/** AMQP has room for 255 bytes in a property. */
const shortText = (text: string | undefined) =>
  text !== undefined && Buffer.byteLength(text) <= 255 ? text : undefined

/** What RabbitMQ itself keeps in headers. `CC` and `BCC` would send copies elsewhere. */
const brokersOwn = /^(B?CC|x-death|x-delivery-count|x-acquired-count|x-(first|last)-death-.*)$/

/** Headers as text: bytes as UTF-8, numbers and truth values as they are written, lists and tables as JSON. */
export const textHeaders = (headers: Record<string, unknown> = {}): Record<string, string> =>
  Object.fromEntries(withoutBrokersOwn(headers).map(([name, value]) => [name, asText(value)]))

const withoutBrokersOwn = <Value>(headers: Record<string, Value>) =>
  Object.entries(headers).filter(([name]) => !brokersOwn.test(name))

function asText(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString()
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')
}
