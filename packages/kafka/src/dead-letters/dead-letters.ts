import { asideTopicSpec, deadLetterTopic, maskCardNumbers, parkedTopic } from 'kafka-restaurants-contracts'
import { type Logger, readConfig } from 'kafka-restaurants-service'
import kafkajs, { type Admin } from 'kafkajs'
import { z } from 'zod'
import { createTopics, groupProgress, isWithoutCoordinator, patiently } from '../admin.ts'
import { hasCause, type KafkaConnection, kafkaClient, kafkaConnection, kafkaEnv } from '../client.ts'
import type { TopicPartition } from '../commit/store.ts'
import type { Cluster } from '../commit/transaction.ts'
import { isDone, type Progress } from '../progress.ts'
import { readTopics } from '../read/read-topics.ts'
import type { InputRecord, OutputRecord } from '../record.ts'
import { type OpenLetters, openLetters } from './open-letters.ts'
import { type Decide, recordId, type Settled, settleRecords } from './settle.ts'

export { type OpenLetters, openLetters, type Settled }

/** What the headers of a dead letter say, card numbers masked; empty or 0 where they say nothing. */
export interface DeadLetter {
  /** Where it is, `topic-partition@offset`: `order.dead-letters-3@17`. */
  id: string
  /** When it was set aside, ISO 8601. */
  at: string
  /** Where it came from: `order-3@42`. */
  source: string
  /** The consumer group that could not handle it. */
  group: string
  /** How often that group tried. */
  attempts: number
  /** How often it was sent back before. */
  redriven: number
  /** Whether a card number in it was masked: it is not as it came then. */
  masked: boolean
  /** What is not in it as it came, in words; empty where it is whole. */
  cut: string
  reason: string
  /** When it was parked, ISO 8601. */
  parkedAt: string
}

/**
 * The dead letters of a cluster, for people. What was dealt with is the progress of the consumer group `dead-letters`,
 * with what is done beyond the first open one in its commit's metadata.
 */
export interface DeadLetters {
  /**
   * Those that nobody has dealt with, by topic, partition and offset.
   * @param topic what they are dead letters of, such as `order`; all topics unless given
   * @throws DeadLettersError when it has none
   */
  open: (topic?: string) => Promise<DeadLetter[]>
  /** The same for who asks again and again: brings what it knew before up to date, and reads what is new alone. */
  update: <Letter>(known: OpenLetters<Letter>) => Promise<void>
  /** Those that were parked. */
  parked: (topic?: string) => Promise<DeadLetter[]>
  /** @throws NoSuchDeadLetterError */
  find: (id: string) => Promise<{ record: InputRecord; state: 'open' | 'done' | 'parked' }>
  /**
   * Writes records back to where they came from, with the key, value and headers that they had, and one more:
   * `dead_letter_redriven`. In their order, and each once, whatever is killed.
   * @param most how often a record may be sent back
   */
  redrive: (ids: string[], most: number) => Promise<Settled>
  /** Moves records to `<topic>.parked`, which nobody reads. */
  park: (ids: string[]) => Promise<Settled>
}

/** Something that the person who asked can put right; the message says what, and how. */
export class DeadLettersError extends Error {
  override name = 'DeadLettersError'
}

export class NoSuchDeadLetterError extends DeadLettersError {
  override name = 'NoSuchDeadLetterError'
}

const group = 'dead-letters'
const deadSuffix = deadLetterTopic('')
const parkedSuffix = parkedTopic('')
/** Partitions and offsets by number. */
const byPlace = new Intl.Collator('en', { numeric: true })
const answerWithinMs = 10_000

/**
 * How to reach Kafka, with the same environment as every service.
 * @throws ConfigError
 */
export const deadLettersConnection = (env: NodeJS.ProcessEnv, log: Logger): KafkaConnection =>
  kafkaConnection(readConfig(z.object(kafkaEnv), env), 'dead-letters', log)

/**
 * Gives access to the dead letters of a cluster.
 * @throws DeadLettersError when no Kafka answers within 10 s, or not any more, or lets nobody in
 */
export async function withDeadLetters<T>(
  connection: KafkaConnection,
  use: (deadLetters: DeadLetters) => Promise<T>,
): Promise<T> {
  const kafka = kafkaClient(connection)
  const admin = kafka.admin()
  await connectInTime(admin, connection.brokers)
  try {
    return await use(deadLetters({ kafka, admin }, connection))
  } catch (error) {
    if (!(error instanceof kafkajs.KafkaJSError)) throw error
    const sentence = isWithoutCoordinator(error)
      ? 'Kafka names no coordinator of the consumer groups dead-letters…: it has just started, or this user may not read them.'
      : `Kafka does not answer as it should: ${error.message}. Try again.`
    throw new DeadLettersError(sentence, { cause: error })
  } finally {
    admin.disconnect().catch(() => {})
  }
}

/** What a topic is that of the dead letters of. */
export const sourceOf = (deadLetterTopic: string): string => deadLetterTopic.slice(0, -deadSuffix.length)

/** Reads an id; undefined when it is none. */
export function parseId(id: string): (TopicPartition & { offset: bigint }) | undefined {
  const [, topic, partition, offset] = /^([\w.-]+)-(\d{1,9})@(\d{1,18})$/.exec(id) ?? []
  return topic ? { topic, partition: Number(partition), offset: BigInt(offset ?? 0) } : undefined
}

/** Reads what the headers of a dead letter say. */
export function describe(record: InputRecord): DeadLetter {
  const text = (name: string) => maskCardNumbers(record.headers[`dead_letter_${name}`] ?? '')
  return {
    id: recordId(record),
    at: text('at'),
    source: text('topic') && `${text('topic')}-${text('partition')}@${text('offset')}`,
    group: text('group'),
    attempts: Number(text('attempts')) || 0,
    redriven: Number(text('redriven')) || 0,
    masked: text('masked') !== '',
    cut: text('cut'),
    reason: text('reason'),
    parkedAt: text('parked_at'),
  }
}

async function connectInTime(admin: Admin, brokers: string): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('too late')), answerWithinMs)
  try {
    await Promise.race([admin.connect(), late.promise])
  } catch (cause) {
    admin.disconnect().catch(() => {})
    const why = cause instanceof kafkajs.KafkaJSError ? ` (${cause.message})` : ''
    const sentence = hasCause(cause, ({ name }) => name === 'KafkaJSSASLAuthenticationError')
      ? `Kafka at ${brokers} does not take the login${why}.`
      : `No Kafka answers at ${brokers}${why}. Start it, or give the address of another.`
    throw new DeadLettersError(sentence, { cause })
  } finally {
    clearTimeout(timer)
  }
}

function deadLetters(cluster: Cluster, connection: KafkaConnection): DeadLetters {
  const { admin } = cluster

  const list = async (topics: string[], done?: (at: TopicPartition) => Progress | undefined) => {
    const found: DeadLetter[] = []
    await readTopics(cluster, topics, record => found.push(describe(record)), { done })
    return found.toSorted((a, b) => byPlace.compare(a.id, b.id))
  }

  const settle = async (
    ids: string[],
    deciderOf: (source: string, partitions: number) => Promise<Decide>,
  ) => {
    const settled: Settled = { done: [], refused: [] }
    const topics = new Set(await admin.listTopics())
    for (const [topic, own] of Map.groupBy(ids, id => parseId(id)?.topic ?? '')) {
      if (!topics.has(topic) || !topic.endsWith(deadSuffix)) {
        const why = topic.endsWith(deadSuffix) ? `there is no topic ${topic}` : 'it is no dead letter'
        settled.refused.push(...own.map(id => ({ id, why })))
        continue
      }
      const { length: partitions } = await admin.fetchTopicOffsets(topic)
      const decide = await deciderOf(topic.slice(0, -deadSuffix.length), partitions)
      const { done, refused } = await settleRecords(
        cluster,
        { topic, group },
        offsetsByPartition(own),
        decide,
      )
      settled.done.push(...done)
      settled.refused.push(...refused)
    }
    return settled
  }

  return {
    open: topic =>
      patiently(async () => {
        const topics = await topicsWith(admin, deadSuffix, topic)
        return list(topics, await groupProgress(admin, group, topics))
      }),
    update: known =>
      patiently(async () => known.update(cluster, { group, topics: await topicsWith(admin, deadSuffix) })),
    parked: topic => patiently(async () => list(await topicsWith(admin, parkedSuffix, topic))),
    find: id => patiently(() => find(cluster, id)),
    redrive: async (ids, most) => {
      const topics = new Set(await admin.listTopics())
      return settle(ids, async source => record => redriven(record, source, topics, most))
    },
    park: ids =>
      settle(ids, async (source, partitions) => {
        await createTopics(connection, [asideTopicSpec(parkedTopic(source), partitions)])
        return record => parked(record, source, new Date())
      }),
  }
}

async function find(cluster: Cluster, id: string): ReturnType<DeadLetters['find']> {
  const { admin } = cluster
  const at = parseId(id)
  const known = at && [deadSuffix, parkedSuffix].some(suffix => at.topic.endsWith(suffix))
  if (!known || !(await admin.listTopics()).includes(at.topic)) throw notFound(id)
  const found: InputRecord[] = []
  await readTopics(cluster, [at.topic], record => found.push(record), {
    part: ({ partition, to }) =>
      partition === at.partition && at.offset < to ? [at.offset, at.offset + 1n] : undefined,
  })
  const [record] = found
  if (!record) throw notFound(id)
  if (!at.topic.endsWith(deadSuffix)) return { record, state: 'parked' }
  const progress = (await groupProgress(admin, group, [at.topic]))(at)
  return { record, state: progress && isDone(progress, at.offset) ? 'done' : 'open' }
}

const notFound = (id: string) =>
  new NoSuchDeadLetterError(
    `There is no dead letter ${id} in this cluster. "list" shows those that there are.`,
  )

/** The topics with a suffix; those of one source where it is given. */
async function topicsWith(admin: Admin, suffix: string, source?: string): Promise<string[]> {
  const all = (await admin.listTopics()).filter(name => name.endsWith(suffix)).toSorted()
  if (source === undefined) return all
  if (all.includes(source + suffix)) return [source + suffix]
  const others = all.map(name => name.slice(0, -suffix.length)).join(', ')
  throw new DeadLettersError(
    `There is no topic ${source}${suffix}. ${others ? `Topics that have one: ${others}.` : 'No topic has one.'}`,
  )
}

function redriven(
  record: InputRecord,
  topic: string,
  topics: ReadonlySet<string>,
  most: number,
): ReturnType<Decide> {
  const { masked, cut, redriven } = describe(record)
  if (masked) return { refused: 'its card number was masked and is gone, so nobody can handle it: park it' }
  if (cut) return { refused: `it is not whole, so nobody can handle it: park it. It lacks ${cut}` }
  if (redriven >= most)
    return { refused: `it was redriven ${redriven} times before: park it, or raise --most` }
  if (!topics.has(topic)) return { refused: `its topic ${topic} is not there: make that, or park it` }
  const own = Object.entries(record.rawHeaders).filter(([name]) => !name.startsWith('dead_letter_'))
  const headers = { ...Object.fromEntries(own), dead_letter_redriven: String(redriven + 1) }
  return { ...copyFor(topic, record), headers }
}

const parked = (record: InputRecord, source: string, now: Date): OutputRecord => ({
  ...copyFor(parkedTopic(source), record),
  headers: { ...record.rawHeaders, dead_letter_parked_at: now.toISOString() },
})

const copyFor = (topic: string, { key, value, isTombstone }: InputRecord): OutputRecord => ({
  topic,
  key,
  value: isTombstone ? null : value,
})

function offsetsByPartition(ids: string[]): Map<number, Set<bigint>> {
  const all = new Map<number, Set<bigint>>()
  for (const { partition, offset } of ids.flatMap(id => parseId(id) ?? [])) {
    all.set(partition, (all.get(partition) ?? new Set()).add(offset))
  }
  return all
}
