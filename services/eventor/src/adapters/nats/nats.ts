import { type Consumer, type JsMsg, jetstreamManager } from '@nats-io/jetstream'
import { backoff, createKeyedQueue, PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { compileTemplate, isTemplate } from '../../config/template.ts'
import type { Event, HandleEvent, Listener, Processor } from '../../event.ts'
import { isSubject, retriesStream } from '../names.ts'
import { keepSession, type Session, type Step } from '../session.ts'
import { handleOrSetAside, type ListenerOptions } from '../set-aside.ts'
import { within } from '../within.ts'
import { closeMs, closeNats, connectNats, type Nats, textHeaders } from './connection.ts'
import { publish, publishDeadLetter, UntakenError } from './publish.ts'
import type { NatsListener, NatsProcessor } from './schema.ts'
import { deadLetterStream, durableConsumer, retryRecords, sourceStream } from './stream.ts'

/** An event that is not acknowledged yet. `message` is its latest delivery. */
interface Held {
  message: JsMsg
  event: Event
  attempts: number
}

const requestMs = 2_000
const connectedWithinMs = 5_000
const leastInHand = 256
/** So many acknowledged events are remembered: their redelivery may have been on its way already. */
const mostRemembered = 1_000

/**
 * Brings the events of a JetStream stream through a durable pull consumer. Each is acknowledged, and the server's answer
 * awaited, when it is handled or its dead letter is in a stream.
 *
 * An event that waits stays in hand, and the server is told so (`working`), as redelivery (`nak`) would let later ones of
 * its key overtake it. The server's delivery count would count crashes and lost connections as tries, so tries are counted
 * in a record of their own, in the stream `<stream>_RETRIES`. A new instance begins when all that its predecessor had in
 * hand has come again, after a kill -9 within the consumer's `ack_wait`, so that order survives.
 *
 * Order per key holds for one instance at a time: JetStream deals the events of a consumer out to all that pull, without
 * regard to keys.
 */
export function natsListener(config: NatsListener, handle: HandleEvent, options: ListenerOptions): Listener {
  const listen = async (step: Step) => {
    const nats = await connectNats(config)
    try {
      return await consume(nats, config, handle, { ...options, step })
    } catch (error) {
      await closeNats(nats.connection)
      throw error
    }
  }
  const kept = keepSession(`NATS stream ${config.stream}`, listen, options.log)
  return { ...kept, start: async () => kept.start() }
}

async function consume(
  nats: Nats,
  config: NatsListener,
  handle: HandleEvent,
  options: ListenerOptions & { step: Step },
): Promise<Session> {
  const { connection } = nats
  const { concurrency, deadLetterTopic, log, step } = options
  const mostInHand = Math.max(leastInHand, 4 * concurrency)
  const manager = await step('JetStream', jetstreamManager(connection))
  const stream = await step(`the stream ${config.stream}`, sourceStream(manager, config.stream))
  await step(`the stream of ${deadLetterTopic}`, deadLetterStream(manager, deadLetterTopic, config, stream))
  const retries = await step(
    `the stream ${retriesStream(config.stream)}`,
    retryRecords(manager, config, stream),
  )
  const { ackWaitMs } = await step(
    `the consumer ${config.durable}`,
    durableConsumer(manager, config, mostInHand),
  )
  const consumer = await step(
    `the consumer ${config.durable}`,
    manager.jetstream().consumers.get(config.stream, config.durable),
  )
  const closing = new AbortController()
  const inHand = new Map<number, Held>()
  const acknowledged = new Set<number>()

  /** Tries again while the server is away, as an event is not let go of for that. */
  const insist = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (closing.signal.aborted || connection.isClosed()) throw error
        log.debug({ attempt, err: error }, 'NATS does not answer')
        await backoff(attempt, closing.signal)
      }
    }
  }
  const acknowledge = async ({ message, attempts }: Held) => {
    // ackAck can't be repeated, and says nothing when it is.
    await insist(() =>
      connection.request((message as JsMsg & { reply: string }).reply, '+ACK', { timeout: requestMs }),
    )
    inHand.delete(message.seq)
    remember(acknowledged, message.seq)
    if (attempts > 0) await retries.forget(message).catch(err => log.debug({ err }, 'a retry record stays'))
  }
  const queue = createKeyedQueue<Held>({
    concurrency,
    keyOf: ({ event }) => String(event.key),
    handle: async (held, attempt) => {
      const { seq, timestampNanos } = held.message
      const id = `${config.stream}.${config.durable}.${seq}.${timestampNanos}`
      await handleOrSetAside(held.event, attempt, handle, { ...options, group: config.durable }, letter =>
        publishDeadLetter(connection, deadLetterTopic, letter, id),
      )
      await acknowledge(held)
    },
    keepAttempts: async (held, attempts) => {
      held.attempts = attempts
      await retries.keep(held.message, attempts)
    },
    nameOf: ({ event }) => event.source,
    log,
  })

  const entrance = await step(
    `the consumer ${config.durable}`,
    afterPredecessor(consumer, {
      begin: held => queue.add(held, held.attempts),
      latestMs: ackWaitMs + connectedWithinMs,
      signal: closing.signal,
    }),
  )
  const take = async (message: JsMsg) => {
    if (acknowledged.has(message.seq)) return message.ack()
    const known = inHand.get(message.seq)
    if (known) {
      known.message = message
      return
    }
    const held = { message, event: eventOf(message, config.stream), attempts: 0 }
    inHand.set(message.seq, held)
    held.attempts = await insist(() => retries.attemptsOf(message))
    entrance.add(held)
  }
  const messages = await step(
    `the events of ${config.stream}`,
    consumer.consume({ max_messages: mostInHand, expires: 5_000, abort_on_missing_resource: true }),
  )
  const read = async () => {
    for await (const message of messages) await take(message)
    return `the consumer ${config.durable} is gone`
  }
  const reading = read().catch((error: unknown) => error)
  const heart = setInterval(() => {
    if (!connection.isClosed()) for (const { message } of inHand.values()) message.working()
  }, ackWaitMs / 3)

  const outages = () => [queue.outage() ?? []].flat().map(outage => `stream ${config.stream} ${outage}`)
  return {
    ended: Promise.race([nats.ended, reading]),
    notReady: () => [...nats.notReady(), ...entrance.notReady()],
    outages,
    waiting: async () => {
      if (nats.notReady().length > 0) return undefined
      const { num_pending, num_ack_pending } = await consumer.info()
      return num_pending + num_ack_pending
    },
    close: async () => {
      closing.abort()
      messages.stop()
      await Promise.all([queue.stop(), within(closeMs, reading, 'NATS is silent').catch(() => {})])
      clearInterval(heart)
      const givenBack = giveBack(nats, consumer, [...inHand.values()])
      await within(closeMs, givenBack, 'events are not given back').catch(err =>
        log.debug({ err }, 'events come again later'),
      )
      await closeNats(connection)
    },
  }
}

/**
 * Keeps events back until all that is not acknowledged has been delivered to us, what a predecessor had in hand included,
 * or this one would be overtaken. Then they begin in the stream's order.
 */
async function afterPredecessor(
  consumer: Consumer,
  { begin, latestMs, signal }: { begin: (held: Held) => void; latestMs: number; signal: AbortSignal },
): Promise<{ add: (held: Held) => void; notReady: () => string[] }> {
  const unacknowledged = async () => (await consumer.info()).num_ack_pending
  let early: Held[] | undefined = (await unacknowledged()) > 0 ? [] : undefined
  const wait = async (kept: Held[]) => {
    const latest = Date.now() + latestMs
    for (let isComplete = false; !isComplete; ) {
      await backoff(1, signal)
      const expected = await unacknowledged().catch(() => Number.POSITIVE_INFINITY)
      isComplete = signal.aborted || expected <= kept.length || Date.now() > latest
    }
    early = undefined
    kept.sort((a, b) => a.message.seq - b.message.seq).forEach(begin)
  }
  if (early) void wait(early)
  return {
    add: held => {
      if (early) early.push(held)
      else begin(held)
    },
    notReady: () => (early ? ['waits for what another instance had in hand to be delivered again'] : []),
  }
}

function remember(sequences: Set<number>, sequence: number): void {
  sequences.add(sequence)
  const [oldest] = sequences
  if (sequences.size > mostRemembered && oldest !== undefined) sequences.delete(oldest)
}

/** Has what was not handled delivered at once to whoever comes next, in its order. */
async function giveBack({ connection, notReady }: Nats, consumer: Consumer, held: Held[]): Promise<void> {
  if (connection.isClosed() || notReady().length > 0) return
  // Server 2.9 loses an event for `ack_wait` that is given back while our last pull is still listed; this unlists it.
  await consumer.info()
  for (const { message } of held.sort((a, b) => a.message.seq - b.message.seq)) message.nak()
  await connection.flush()
}

/** @param message as a consumer delivers it, or as it lies in the stream */
export function eventOf(message: Pick<JsMsg, 'subject' | 'seq' | 'headers' | 'data'>, stream: string): Event {
  const headers = textHeaders(message.headers)
  const { data } = message
  return {
    key: Buffer.from(headers.key ?? message.subject),
    value: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    headers,
    source: `${stream}@${message.seq} (${message.subject})`,
    topic: message.subject,
    offset: String(message.seq),
  }
}

/**
 * Brings results to the JetStream stream that has the subject; their key goes into the header `key`. Where no stream takes
 * the subject, all wait for one; a subject from a template that no stream takes puts its own event off.
 */
export function natsProcessor(config: NatsProcessor, log: Logger): Processor {
  const render = compileTemplate(config.subject, { ofResult: true })
  const isFixed = !isTemplate(config.subject)
  const connect = async () => {
    const nats = await connectNats(config)
    return { ...nats, close: () => closeNats(nats.connection) }
  }
  const kept = keepSession('NATS for results', connect, log)
  return {
    start: async () => kept.start(),
    stop: kept.stop,
    notReady: kept.notReady,
    publish: async ({ key, value, headers }, scope) => {
      const subject = render(scope)
      if (!isSubject(subject)) throw new UnreadableRecordError('the template makes no subject for the result')
      const { connection } = await kept.open(connectedWithinMs)
      try {
        const all = key === null ? headers : { ...headers, key: String(key) }
        await publish(connection, subject, { value, headers: all })
      } catch (error) {
        if (!(error instanceof UntakenError) || isFixed) throw error
        throw new PutOffError('no JetStream stream takes the subject that the template makes', {
          cause: error,
        })
      }
    },
  }
}
