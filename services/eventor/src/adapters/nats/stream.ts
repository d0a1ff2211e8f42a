import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type JsMsg,
  ReplayPolicy,
  RetentionPolicy,
  type StreamInfo,
} from '@nats-io/jetstream'
import { millis, nanos } from '@nats-io/transport-node'
import { covers, isSubject, retriesStream, streamOf } from '../names.ts'
import { UnusableError } from '../session.ts'
import type { NatsListener } from './schema.ts'

type Place = Pick<NatsListener, 'stream' | 'subject' | 'durable'>

/** How long a consumer of ours may be silent about an event until it is delivered again. */
const ackWaitMs = 10_000
const retriesKeptMs = 30 * 24 * 3_600_000
const streamNameInUse = 10_058

/** The stream of the events. @throws Error when it is not there (yet) */
export async function sourceStream(manager: JetStreamManager, name: string): Promise<StreamInfo> {
  const stream = await ifThere(manager.streams.info(name))
  if (!stream) throw new Error(`there is no stream ${name}`)
  return stream
}

/**
 * Sees to it that a stream takes the dead letters: where none does, one is made, named after the subject.
 * @throws UnusableError when they would come back as events
 */
export async function deadLetterStream(
  manager: JetStreamManager,
  deadLetterSubject: string,
  { subject }: Place,
  like: StreamInfo,
): Promise<void> {
  if (!isSubject(deadLetterSubject))
    throw new UnusableError(`${deadLetterSubject} is no subject that one can publish to`)
  if (covers(subject, deadLetterSubject)) {
    throw new UnusableError(`dead letters on ${deadLetterSubject} would come back as events of ${subject}`)
  }
  const names = await manager.streams.names(deadLetterSubject).next()
  if (names.length > 0) return
  await addStream(manager, {
    name: streamOf(deadLetterSubject),
    subjects: [deadLetterSubject],
    num_replicas: like.config.num_replicas,
  })
}

/** How often which event was tried, kept at the server. */
export interface Retries {
  attemptsOf: (message: JsMsg) => Promise<number>
  keep: (message: JsMsg, attempts: number) => Promise<void>
  forget: (message: JsMsg) => Promise<void>
}

/**
 * Makes the stream `<stream>_RETRIES`, where it is not there, that holds a record for each event that is tried again:
 * `{attempts, timestamp}` on `eventor.retries.<stream>.<durable>.<sequence>`, the last of each subject. The event's
 * timestamp tells it from one at the same place of a stream that was made anew.
 */
export async function retryRecords(
  manager: JetStreamManager,
  { stream, durable }: Place,
  like: StreamInfo,
): Promise<Retries> {
  const name = retriesStream(stream)
  const prefix = `eventor.retries.${stream}.${durable}`
  await addStream(manager, {
    name,
    subjects: [`eventor.retries.${stream}.>`],
    max_msgs_per_subject: 1,
    max_age: nanos(retriesKeptMs),
    num_replicas: like.config.num_replicas,
  })
  const jetstream = manager.jetstream()
  const read = async (subject: string) => {
    const record = await manager.streams.getMessage(name, { last_by_subj: subject })
    return record?.json<{ attempts: number; timestamp: string }>()
  }
  // Server 2.9 may deliver an event again and say that it is the first time, so that all records are read at first.
  const { state } = await manager.streams.info(name, { subjects_filter: `${prefix}.>` })
  const found = new Map<string, Awaited<ReturnType<typeof read>>>()
  for (const subject of Object.keys(state.subjects ?? {})) found.set(subject, await read(subject))

  const subjectOf = ({ seq }: JsMsg) => `${prefix}.${seq}`
  return {
    attemptsOf: async message => {
      const subject = subjectOf(message)
      const record = message.redelivered ? await read(subject) : found.get(subject)
      return record?.timestamp === String(message.timestampNanos) ? record.attempts : 0
    },
    keep: async (message, attempts) => {
      const record = { attempts, timestamp: String(message.timestampNanos) }
      await jetstream.publish(subjectOf(message), JSON.stringify(record))
    },
    forget: async message => {
      await manager.streams.purge(name, { filter: subjectOf(message) })
    },
  }
}

/**
 * The durable consumer, made where it is not there.
 * @returns for how long an event may be in hand without a sign of life, in ms
 * @throws UnusableError when it is there, and not such that nothing is lost with it
 */
export async function durableConsumer(
  manager: JetStreamManager,
  { stream, durable, subject }: Place,
  mostInHand: number,
): Promise<{ ackWaitMs: number }> {
  const there = await existingConsumer(manager, { stream, durable, subject })
  if (there) return { ackWaitMs: millis(there.config.ack_wait ?? nanos(ackWaitMs)) }
  await manager.consumers.add(stream, {
    durable_name: durable,
    filter_subject: subject,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1,
    max_ack_pending: mostInHand,
  })
  return { ackWaitMs }
}

/**
 * The durable consumer; undefined where there is none yet.
 * @throws UnusableError when it is there, and not such that nothing is lost with it
 */
export async function existingConsumer(
  manager: JetStreamManager,
  { stream, durable, subject }: Place,
): Promise<ConsumerInfo | undefined> {
  const there = await ifThere(manager.consumers.info(stream, durable))
  const fault = there && consumerFault(there.config, subject)
  if (fault) throw new UnusableError(`the consumer ${durable} of ${stream} ${fault}`)
  return there
}

function consumerFault(config: ConsumerConfig, subject: string): string | undefined {
  const filters = config.filter_subjects ?? [config.filter_subject ?? '>']
  if (config.deliver_subject) return 'pushes, and eventor pulls'
  if (config.ack_policy !== AckPolicy.Explicit) return `has ack_policy ${config.ack_policy}, not explicit`
  if ((config.max_deliver ?? -1) > 0) {
    return `gives an event up after ${config.max_deliver} deliveries (max_deliver), and outages count for these`
  }
  if (filters.join() !== subject) return `reads ${filters.join(', ')}, and not ${subject}`
  return undefined
}

async function addStream(
  manager: JetStreamManager,
  config: Parameters<JetStreamManager['streams']['add']>[0],
): Promise<void> {
  const there = await ifThere(manager.streams.info(config.name))
  const [subject = ''] = config.subjects ?? []
  if (there?.config.subjects?.some(each => covers(each, subject))) return
  if (there) throw new UnusableError(`there is another stream ${config.name}, which does not take ${subject}`)
  try {
    await manager.streams.add({ ...config, retention: RetentionPolicy.Limits })
  } catch (error) {
    // Another instance was faster.
    if (!(error instanceof JetStreamApiError && error.code === streamNameInUse)) throw error
  }
}

const notFound: number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound]

const ifThere = <Info>(info: Promise<Info>): Promise<Info | undefined> =>
  info.catch(error => {
    if (error instanceof JetStreamApiError && notFound.includes(error.code)) return undefined
    throw error
  })
