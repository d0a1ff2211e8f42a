import { RecordTooLargeError } from 'kafka-restaurants-kafka'
import type { Logger } from 'kafka-restaurants-service'
import { createOutages, reasonOf } from './outages.ts'
import { type Outgoing, type Spool, SpoolFullError, sizeOf } from './spool.ts'

/** What sends events: see `kafkaSender`. */
export interface Sender {
  /**
   * Sends events of one topic, in their order.
   * @returns those that Kafka did not take, with the reason of each
   * @throws Error where the topic can't be had
   */
  send: (topic: string, events: readonly Outgoing[]) => Promise<Map<Outgoing, unknown>>
  /** Whether Kafka can be reached at all: what failed is then about its topic. */
  answers: () => Promise<boolean>
  stop: () => Promise<void>
}

export interface Outbox {
  /**
   * Resolves when Kafka has the event, or the spool.
   * @throws SpoolFullError where neither can take it, and RecordTooLargeError
   */
  put: (event: Omit<Outgoing, 'seq'>) => Promise<void>
  /** Keeps events of a pattern back, in the spool. Resolves when none of them is on its way. */
  hold: (pattern: string) => Promise<void>
  release: (pattern: string) => void
  /** Why events wait that are not held, in words. */
  outages: () => string[]
  /** Puts what waits into the spool, and closes it. */
  close: () => Promise<void>
}

export interface OutboxOptions {
  spool: Spool
  sender: Sender
  /** Patterns that are held until they are released. */
  held?: Iterable<string>
  onSent: (event: Outgoing) => void
  log: Logger
  /** How long to wait before the second try, as of `backoffMs`. */
  backoff?: { firstMs?: number | undefined } | undefined
  /** The most bytes of a batch, but for a single event: 512 KiB unless given. */
  maxBatchBytes?: number | undefined
}

/** Somebody waits until the event is kept, or sent. */
interface Waiting {
  event: Outgoing
  done: () => void
  failed: (reason: unknown) => void
}

/** The most events of a batch, and of those that wait in memory for theirs. */
const [mostInBatch, mostInMemory] = [1_000, 10_000]
const usualBatchBytes = 512 * 1024

/**
 * Sends events in the order in which they come: those of one pattern and one topic never overtake each other. While
 * Kafka takes them, they go to it alone. What it does not take, or may not be sent, goes to the spool, and all that comes
 * after it, until that is empty.
 */
export function createOutbox({
  spool,
  sender,
  held: heldAtFirst = [],
  onSent,
  log,
  backoff,
  maxBatchBytes = usualBatchBytes,
}: OutboxOptions): Outbox {
  let seq = spool.lastSeq
  let isClosed = false
  const held = new Set(heldAtFirst)
  const outages = createOutages(backoff)
  /** Those that go to Kafka next: of none of their lanes is anything in the spool. And those that go to the spool. */
  let waiting: Waiting[] = []
  const toSpool: Waiting[] = []
  let spooling: NodeJS.Immediate | undefined
  let running: Promise<void> | undefined
  let hasNews = false
  let turn: Promise<boolean> | undefined
  let timer: NodeJS.Timeout | undefined
  /** Whose turn it is where some wait in both. */
  let spoolIsNext = true

  const mustWait = ({ pattern, topic }: Outgoing) => held.has(pattern) || outages.concern(topic)
  const isBehindOthers = ({ pattern, topic }: Outgoing) =>
    spool.has({ pattern, topic }) ||
    toSpool.some(({ event }) => event.topic === topic && event.pattern === pattern)

  /** Puts all that is to be spooled on the disk at once. */
  const spoolAll = () => {
    clearImmediate(spooling)
    spooling = undefined
    const all = toSpool.splice(0)
    if (all.length === 0) return
    try {
      const left = new Set(spool.add(all.map(({ event }) => event)))
      const { events, bytes, maxBytes } = spool.status()
      const full = `the spool is full: ${events} events of ${bytes} bytes wait for Kafka, and ${maxBytes} bytes is the most`
      for (const { event, done, failed } of all) left.has(event) ? failed(new SpoolFullError(full)) : done()
    } catch (cause) {
      const error = new Error('the spool can not be written', { cause })
      for (const { failed } of all) failed(error)
    }
  }
  /** What can't go now is spooled: who publishes does not wait until it can. */
  const giveWay = () => {
    if (held.size === 0 && outages.inWords().length === 0) return spoolAll()
    const [go, stay]: [Waiting[], Waiting[]] = [[], []]
    for (const each of waiting) (mustWait(each.event) ? stay : go).push(each)
    waiting = go
    toSpool.push(...stay)
    spoolAll()
  }

  /** @returns the events that Kafka does not have, each with why */
  const attempt = async (topic: string, events: Outgoing[]): Promise<Map<Outgoing, unknown>> => {
    const failures = await sender
      .send(topic, events)
      .catch((error: unknown) => new Map(events.map(event => [event, error])))
    const [error] = [...failures.values()].filter(each => !isTooLarge(each))
    if (error === undefined) outages.passed(topic)
    else {
      const tries = outages.failed(error, (await sender.answers()) ? topic : undefined)
      log.warn({ topic, attempt: tries, err: error }, 'events wait in the spool')
    }
    return failures
  }
  const sendSpooled = async (topic: string, events: Outgoing[]) => {
    const failures = await attempt(topic, events)
    for (const [event, error] of failures) {
      if (!isTooLarge(error)) continue
      log.error({ topic, err: error }, 'Kafka refuses an event, which is kept in the spool')
      spool.refuse(event, reasonOf(error))
    }
    const sent = events.filter(event => !failures.has(event))
    spool.remove(sent)
    sent.forEach(onSent)
  }
  const sendWaiting = async (topic: string, batch: Waiting[]) => {
    const going = new Set(batch)
    waiting = waiting.filter(each => !going.has(each))
    const failures = await attempt(
      topic,
      batch.map(({ event }) => event),
    )
    for (const each of batch) {
      const error = failures.get(each.event)
      if (!failures.has(each.event)) {
        onSent(each.event)
        each.done()
      } else if (isTooLarge(error)) each.failed(error)
      else toSpool.push(each)
    }
  }
  /** Sends a batch. @returns whether there was one that may go */
  const sendNext = async (): Promise<boolean> => {
    giveWay()
    const notYet = outages.notYet()
    if (notYet === 'all') return false
    const spooled = batchOf(spool.next(mostInBatch, { patterns: held, topics: notYet }), event => event)
    const [first] = waiting
    const fromSpool = spooled[0] && (spoolIsNext || !first) ? spooled[0] : undefined
    spoolIsNext = !fromSpool
    if (fromSpool) await sendSpooled(fromSpool.topic, spooled)
    else if (first) {
      const { topic } = first.event
      const own = waiting.filter(({ event }) => event.topic === topic)
      await sendWaiting(
        topic,
        batchOf(own, ({ event }) => event),
      )
    }
    return fromSpool !== undefined || first !== undefined
  }
  /** The first ones, as many as fit. */
  const batchOf = <Item>(items: Item[], eventOf: (item: Item) => Outgoing): Item[] => {
    let bytes = 0
    const end = items.findIndex((item, index) => {
      bytes += sizeOf(eventOf(item))
      return index === mostInBatch || (index > 0 && bytes > maxBatchBytes)
    })
    return end < 0 ? items : items.slice(0, end)
  }

  const wake = () => {
    hasNews = true
    clearTimeout(timer)
    if (!isClosed) running ??= work()
  }
  const work = async () => {
    await new Promise(setImmediate) // those that are published together go together
    try {
      do {
        hasNews = false
        turn = sendNext()
      } while (((await turn) || hasNews) && !isClosed)
    } catch (err) {
      outages.failed(err)
      log.error({ err }, 'the spool can not be used now')
    }
    running = undefined
    const nextTryMs = outages.nextTryMs()
    if (nextTryMs !== undefined && !isClosed) timer = setTimeout(wake, nextTryMs)
  }

  return {
    put: async part => {
      if (isClosed) throw new Error('the bridge is closed, and takes no more events')
      const event = { seq: ++seq, ...part }
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      if (waiting.length >= mostInMemory) toSpool.push(...waiting.splice(0))
      const isDirect = !mustWait(event) && !isBehindOthers(event)
      const each = { event, done: resolve, failed: reject }
      if (isDirect) waiting.push(each)
      else toSpool.push(each)
      // While something is being sent, what is to be spooled needs not wait for that.
      if (toSpool.length > 0) spooling ??= setImmediate(spoolAll)
      wake()
      return promise
    },
    hold: async pattern => {
      held.add(pattern)
      giveWay()
      await turn?.catch(() => {})
    },
    release: pattern => {
      if (held.delete(pattern)) wake()
    },
    outages: outages.inWords,
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await running
      toSpool.push(...waiting.splice(0))
      spoolAll()
      await sender.stop()
      spool.close()
    },
  }
}

const isTooLarge = (error: unknown) => error instanceof RecordTooLargeError
