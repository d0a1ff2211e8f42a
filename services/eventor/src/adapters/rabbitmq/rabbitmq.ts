import type { ConsumeMessage, GetMessage } from 'amqplib'
import { createKeyedQueue, PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { compileTemplate, isTemplate } from '../../config/template.ts'
import type { Event, HandleEvent, Listener, Processor } from '../../event.ts'
import { listenerQueue, retriesQueue } from '../names.ts'
import { keepSession, type Session, StandsByError, type Step, UnusableError } from '../session.ts'
import { type DeadLetter, handleOrSetAside, type ListenerOptions } from '../set-aside.ts'
import { within } from '../within.ts'
import {
  closeMs,
  connectRabbitmq,
  ifThere,
  isThere,
  type Publish,
  publisher,
  type Rabbitmq,
  textHeaders,
  UnroutableError,
} from './connection.ts'
import { retryRecords } from './retries.ts'
import type { RabbitmqListener, RabbitmqProcessor } from './schema.ts'

/** An event that is not acknowledged yet. */
interface Held {
  message: ConsumeMessage
  event: Event
  attempts: number
}

const connectedWithinMs = 5_000
const leastInHand = 256
/** AMQP has two bytes for it. */
const mostInHand = 65_535

/**
 * Brings the events of a RabbitMQ queue. Each is acknowledged when it is handled, or its dead letter is confirmed.
 *
 * An event that waits stays in hand: a requeue (`nack`) would have it overtaken by later ones of its key. What was in hand
 * when a connection ends is delivered again in its order, by quorum queues and classic ones alike. Tries are counted in
 * records of their own, in the queue `<queue>.retries`: `x-delivery-count` counts lost connections as well, and classic
 * queues don't have it. A `delivery-limit` should be off, as RabbitMQ drops what was in hand at so many lost connections;
 * RabbitMQ 4 has one of 20 unless told otherwise.
 *
 * Of all instances one listens to a queue, or order per key would be lost: the one whose connection holds the exclusive
 * queue `<queue>.listener`. The others stand by.
 */
export function rabbitmqListener(
  config: RabbitmqListener,
  handle: HandleEvent,
  options: ListenerOptions,
): Listener {
  const listen = async (step: Step) => {
    const rabbitmq = await connectRabbitmq(config)
    try {
      return await consume(rabbitmq, config, handle, { ...options, step })
    } catch (error) {
      throw await givenUp(rabbitmq, error)
    }
  }
  const kept = keepSession(`RabbitMQ queue ${config.queue}`, listen, options.log)
  return { ...kept, start: async () => kept.start() }
}

/** Lets go of a connection that can't be used. @returns why, where RabbitMQ itself has said that */
async function givenUp(rabbitmq: Rabbitmq, error: unknown): Promise<unknown> {
  const [why] = rabbitmq.notReady()
  await rabbitmq.close()
  const isClear = error instanceof UnusableError || error instanceof StandsByError || why === undefined
  return isClear ? error : new Error(why, { cause: error })
}

async function consume(
  rabbitmq: Rabbitmq,
  { queue }: RabbitmqListener,
  handle: HandleEvent,
  options: ListenerOptions & { step: Step },
): Promise<Session> {
  const { connection, watch } = rabbitmq
  const { concurrency, deadLetterTopic, log, step } = options
  const found = await step(
    `the queue ${queue}`,
    isThere(rabbitmq, each => each.checkQueue(queue)),
  )
  if (!found) throw new Error(`there is no queue ${queue}`)
  await step(`the queue ${deadLetterTopic}`, deadLetterQueue(rabbitmq, deadLetterTopic, queue))
  await step(`the queue ${listenerQueue(queue)}`, beTheOne(rabbitmq, queue))
  const publish = publisher(watch(await step('a channel', connection.createConfirmChannel())))
  const retries = await step(`the queue ${retriesQueue(queue)}`, retryRecords(rabbitmq, publish, queue))
  const channel = watch(await step('a channel', connection.createChannel()))
  const events = createKeyedQueue<Held>({
    concurrency,
    keyOf: ({ event }) => String(event.key),
    handle: async ({ event, message, attempts }, attempt) => {
      await handleOrSetAside(event, attempt, handle, options, letter =>
        publishDeadLetter(publish, deadLetterTopic, letter),
      )
      channel.ack(message)
      if (attempts > 0) retries.forget(message)
    },
    keepAttempts: async (held, attempts) => {
      held.attempts = attempts
      await retries.keep(held.message, attempts)
    },
    nameOf: ({ event }) => event.source,
    log,
  })

  const gone = Promise.withResolvers<Error>()
  await step('a channel', channel.prefetch(Math.min(mostInHand, Math.max(leastInHand, 4 * concurrency))))
  const { consumerTag } = await step(
    `the events of ${queue}`,
    channel.consume(queue, message => {
      if (!message) return gone.resolve(new Error(`the queue ${queue} is gone`))
      const attempts = retries.attemptsOf(message)
      events.add({ message, event: eventOf(message, queue), attempts }, attempts)
    }),
  )
  const outages = () => [events.outage() ?? []].flat().map(outage => `queue ${queue} ${outage}`)
  return {
    ended: Promise.race([rabbitmq.ended, gone.promise]),
    notReady: rabbitmq.notReady,
    outages,
    waiting: async () => {
      const found = await ifThere(rabbitmq, each => each.checkQueue(queue))
      // RabbitMQ counts those that nobody has in hand.
      return found && found.messageCount + events.size()
    },
    close: async () => {
      const stopped = events.stop()
      await within(closeMs, channel.cancel(consumerTag), 'no goodbye').catch(() => {})
      await stopped
      // What is not acknowledged goes back, be it in hand or not.
      await within(closeMs, channel.close(), 'no goodbye').catch(() => {})
      await rabbitmq.close()
    },
  }
}

const resourceLocked = 405

/** @throws StandsByError when another instance listens */
async function beTheOne(rabbitmq: Rabbitmq, queue: string): Promise<void> {
  const channel = await rabbitmq.connection.createChannel()
  channel.on('error', () => {})
  try {
    await channel.assertQueue(listenerQueue(queue), { exclusive: true, durable: false })
  } catch (error) {
    if ((error as { code?: number }).code !== resourceLocked) throw error
    throw new StandsByError('stands by, as another instance listens')
  }
}

/** Makes the queue of the dead letters where it is not there. @throws UnusableError when they would come back as events */
async function deadLetterQueue(rabbitmq: Rabbitmq, name: string, source: string): Promise<void> {
  if (name === source) throw new UnusableError(`dead letters in ${name} would come back as events`)
  if (await isThere(rabbitmq, channel => channel.checkQueue(name))) return
  const channel = await rabbitmq.connection.createChannel()
  channel.on('error', () => {})
  await channel.assertQueue(name, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  await channel.close()
}

/** Where AMQP has no room for all headers, those that say why go without the others. */
async function publishDeadLetter(publish: Publish, queue: string, { value, headers }: DeadLetter) {
  try {
    await publish({ routingKey: queue }, value, headers)
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error
    const why = Object.entries(headers).filter(([name]) => name.startsWith('dead_letter_'))
    await publish({ routingKey: queue }, value, Object.fromEntries(why))
  }
}

export function eventOf({ content, fields, properties }: ConsumeMessage | GetMessage, queue: string): Event {
  const { correlationId, contentType, messageId } = properties
  const headers: Record<string, string> = {
    ...(correlationId && { correlation_id: String(correlationId) }),
    ...(contentType && { 'content-type': String(contentType) }),
    ...textHeaders(properties.headers),
  }
  return {
    key: Buffer.from(headers.key ?? fields.routingKey),
    value: content,
    headers,
    source: `queue ${queue}${messageId ? `, message ${messageId}` : ''}`,
    topic: queue,
  }
}

/** @throws Error when the exchange is not there, or, without one, the queue, unless a template names it */
export async function destinationIsThere(
  rabbitmq: Rabbitmq,
  { exchange, routingKey }: RabbitmqProcessor,
): Promise<void> {
  if (exchange !== '') {
    if (await isThere(rabbitmq, channel => channel.checkExchange(exchange))) return
    throw new Error(`there is no exchange ${exchange}`)
  }
  if (isTemplate(routingKey) || (await isThere(rabbitmq, channel => channel.checkQueue(routingKey)))) return
  throw new Error(`there is no queue ${routingKey}`)
}

/**
 * Brings results to RabbitMQ; their key goes into the header `key`. Where no queue takes them, all wait for one; a routing
 * key from a template that no queue takes puts its own event off.
 */
export function rabbitmqProcessor(config: RabbitmqProcessor, log: Logger): Processor {
  const render = compileTemplate(config.routingKey, { ofResult: true })
  const isFixed = !isTemplate(config.routingKey)
  const { exchange } = config
  const connect = async (step: Step) => {
    const rabbitmq = await connectRabbitmq(config)
    try {
      await step('the place of the results', destinationIsThere(rabbitmq, config))
      const channel = await step('a channel', rabbitmq.connection.createConfirmChannel())
      return { ...rabbitmq, publish: publisher(rabbitmq.watch(channel)) }
    } catch (error) {
      throw await givenUp(rabbitmq, error)
    }
  }
  const kept = keepSession('RabbitMQ for results', connect, log)
  return {
    start: async () => kept.start(),
    stop: kept.stop,
    notReady: kept.notReady,
    publish: async ({ key, value, headers }, scope) => {
      const to = { exchange, routingKey: render(scope) }
      if (exchange === '' && to.routingKey === '')
        throw new UnreadableRecordError('the template makes no queue for the result')
      const { publish } = await kept.open(connectedWithinMs)
      try {
        await publish(to, value, key === null ? headers : { ...headers, key: String(key) })
      } catch (error) {
        if (error instanceof UnroutableError && !isFixed)
          throw new PutOffError(error.message, { cause: error })
        throw error
      }
    },
  }
}
