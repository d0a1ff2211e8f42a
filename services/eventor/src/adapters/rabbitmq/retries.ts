import { createHash, randomUUID } from 'node:crypto'
import type { ConsumeMessage } from 'amqplib'
import { retriesQueue } from '../names.ts'
import { isThere, type Publish, type Rabbitmq, textHeaders } from './connection.ts'

/** How often which event was tried, kept at the server. */
export interface Retries {
  attemptsOf: (message: ConsumeMessage) => number
  keep: (message: ConsumeMessage, attempts: number) => Promise<void>
  forget: (message: ConsumeMessage) => void
}

interface TryRecord {
  id: string
  attempts: number
}

/** The records come again with each session, and RabbitMQ 4 would drop them at the twentieth. */
const ofRecords = { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 }

/**
 * Takes the records of tries from the queue `<queue>.retries`, made where it is not there: `{id, attempts}`, a message for
 * each event that is tried again. They stay unacknowledged, so that they come again, until there is a newer one or none is
 * needed. For one session at a time.
 */
export async function retryRecords(rabbitmq: Rabbitmq, publish: Publish, queue: string): Promise<Retries> {
  const name = retriesQueue(queue)
  if (!(await isThere(rabbitmq, each => each.checkQueue(name)))) {
    const making = rabbitmq.watch(await rabbitmq.connection.createChannel())
    await making.assertQueue(name, { durable: true, arguments: ofRecords })
  }
  const channel = rabbitmq.watch(await rabbitmq.connection.createChannel())
  const records = new Map<string, { attempts: number; message: ConsumeMessage }>()
  const awaited = new Map<string, PromiseWithResolvers<void>>()
  void rabbitmq.ended.then(error => {
    for (const { reject } of awaited.values()) reject(error)
  })

  /** Resolves when RabbitMQ has the record, and has delivered it to us. */
  const write = async ({ id, attempts }: TryRecord) => {
    const delivered = Promise.withResolvers<void>()
    delivered.promise.catch(() => {})
    awaited.set(`${id} ${attempts}`, delivered)
    try {
      await publish({ routingKey: name }, Buffer.from(JSON.stringify({ id, attempts })), {})
      await delivered.promise
    } finally {
      awaited.delete(`${id} ${attempts}`)
    }
  }
  const forget = (id: string) => {
    const known = records.get(id)
    if (known) channel.ack(known.message)
    records.delete(id)
  }
  await channel.consume(name, message => {
    if (!message) return
    const { id, attempts }: TryRecord = JSON.parse(message.content.toString())
    forget(id)
    records.set(id, { attempts, message })
    awaited.get(`${id} ${attempts}`)?.resolve()
  })
  // When this one is here, all that were there before it are.
  const last = randomUUID()
  await write({ id: last, attempts: 0 })
  forget(last)

  return {
    attemptsOf: message => (records.size > 0 ? (records.get(identity(message))?.attempts ?? 0) : 0),
    keep: (message, attempts) => write({ id: identity(message), attempts }),
    forget: message => forget(identity(message)),
  }
}

/**
 * What tells one event from another, the same for each of its deliveries: all that it is made of, as RabbitMQ gives
 * messages no number. Events that are alike to the last byte have the same key, and are never tried again at the same time.
 */
function identity({ content, fields, properties }: ConsumeMessage): string {
  const { messageId, timestamp, correlationId } = properties
  const parts = [fields.exchange, fields.routingKey, messageId, timestamp, correlationId]
  return createHash('sha256')
    .update(JSON.stringify([...parts, Object.entries(textHeaders(properties.headers)).sort()]))
    .update(content)
    .digest('base64url')
}
