import { randomUUID } from 'node:crypto'
import { deadLetterTopic, parkedTopic } from 'kafka-restaurants-contracts'
import { backoffMs } from 'kafka-restaurants-delivery'
import { kafkaClient, quickRetry } from '../client.ts'
import { withDeadLetterTopics } from '../dead-letters/make-topics.ts'
import { endsOf } from '../lag.ts'
import type { WorkerOptions } from './options.ts'
import { within } from './within.ts'
import { atLeastOnceWorker, type Worker } from './worker.ts'

/** How long Kafka may take to say which topics there are, and to delete a group, in ms. */
const [longestAnswerMs, longestDeletingMs] = [5_000, 500]

type Others = Omit<WorkerOptions, 'group' | 'inputs' | 'copartitioned' | 'consumer'>
export interface PatternWorkerOptions extends Others {
  /** Unless given, one of this worker's own, in which it reads all: it is deleted when the worker stops. */
  group?: string | undefined
  /** Whether a topic, which may be made only later, is one to read: none of dead letters or of parked ones is. */
  matches: (topic: string) => boolean
  /**
   * With `fromBeginning: false`, a group that has no commit yet begins with what comes after this worker's first look at
   * the topics, whenever it reads them.
   */
  consumer?: Omit<NonNullable<WorkerOptions['consumer']>, 'fromBeginning'> & { fromBeginning?: boolean }
  /** How often it looks whether topics have come or gone, in ms: 5,000 unless given. */
  lookMs?: number | undefined
}

export interface PatternWorker extends Omit<Worker, 'start' | 'has'> {
  /**
   * From now on it reads those topics of which this is true as well. Resolves when no other is read any more; for those
   * that are to be read, `topics` tells.
   */
  read: (isWanted: (topic: string) => boolean) => Promise<void>
  /** What it reads now. */
  topics: () => string[]
}

/**
 * An at-least-once worker over topics that are not known beforehand. One that is made later is read from its beginning,
 * also where `fromBeginning` is false. Where they change it leaves its group, and joins it with the new ones.
 */
export function patternWorker({
  matches,
  group,
  lookMs = 5_000,
  consumer: { fromBeginning = true, ...consumer } = {},
  ...options
}: PatternWorkerOptions): PatternWorker {
  const { kafka } = options
  const groupId = group ?? `${kafka.clientId}-${randomUUID()}`
  const admin = kafkaClient(kafka, quickRetry).admin()
  const crash = Promise.withResolvers<never>()
  crash.promise.catch(() => {})
  const stopping = new AbortController()
  let isWanted: Parameters<PatternWorker['read']>[0] | undefined
  /** Where the topics ended at the first look. */
  let ends: Map<string, bigint> | undefined
  let topics: string[] = []
  let failures = 0
  let current: { worker: Worker; inputs: string[] } | undefined
  let looking = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const workerOf = (inputs: string[]) => {
    const begins = fromBeginning || (ends ?? new Map())
    const each = { ...options, group: groupId, inputs, consumer: { ...consumer, fromBeginning: begins } }
    return withDeadLetterTopics(atLeastOnceWorker(each), each)
  }
  const readThese = async (inputs: string[]) => {
    if (inputs.join() === (current?.inputs ?? []).join()) return
    await current?.worker.stop()
    if (stopping.signal.aborted) return
    current = inputs.length > 0 ? { worker: workerOf(inputs), inputs } : undefined
    current?.worker.crashed.catch(crash.reject)
    await current?.worker.start()
  }
  const list = async () => {
    await admin.connect()
    const found = (await admin.listTopics()).filter(topic => matches(topic) && !isAside(topic)).sort()
    if (!fromBeginning) ends ??= await endsOf(admin, found)
    return found
  }
  const deleteGroup = async () => {
    await admin.connect()
    await admin.deleteGroups([groupId])
  }
  const listTopics = async () => {
    try {
      topics = await within(longestAnswerMs, list())
      failures = 0
    } catch (err) {
      failures += 1
      kafka.log.warn({ err, attempt: failures }, 'the topics can not be listed now')
    }
  }
  const mayRead = (topic: string) => !stopping.signal.aborted && isWanted?.(topic) === true
  /** Lets go of what is not wanted any more, which needs no answer of Kafka. */
  const letGo = () => {
    looking = looking.then(() => readThese((current?.inputs ?? []).filter(mayRead))).catch(crash.reject)
    return looking
  }
  const look = async () => {
    if (isWanted && !stopping.signal.aborted) await listTopics()
    await readThese(topics.filter(mayRead))
  }
  const lookNow = () => {
    clearTimeout(timer)
    looking = looking.then(look).catch(crash.reject)
    void looking.then(lookLater)
  }
  const lookLater = () => {
    clearTimeout(timer)
    if (stopping.signal.aborted || !isWanted) return
    timer = setTimeout(lookNow, failures > 0 ? backoffMs(failures, { longestMs: lookMs }) : lookMs)
  }

  return {
    crashed: crash.promise,
    topics: () => current?.inputs ?? [],
    notReady: () => current?.worker.notReady() ?? (failures > 0 ? ['Kafka can not be reached'] : []),
    outages: () => current?.worker.outages() ?? [],
    read: async wanted => {
      isWanted = wanted
      await letGo()
      void lookNow()
    },
    stop: async () => {
      stopping.abort()
      clearTimeout(timer)
      // Not when Kafka has answered what it is being asked.
      await current?.worker.stop()
      if (group === undefined) await within(longestDeletingMs, deleteGroup()).catch(() => {})
      await admin.disconnect()
    },
  }
}

const isAside = (topic: string) =>
  topic.startsWith('__') || [deadLetterTopic(''), parkedTopic('')].some(ending => topic.endsWith(ending))
