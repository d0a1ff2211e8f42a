import type { App } from 'kafka-restaurants-service'

/** An event as it came from a broker. */
export interface Event {
  /** Kafka's key, a NATS subject, a RabbitMQ routing key. */
  key: Buffer | null
  value: Buffer
  headers: Record<string, string>
  /** Where it came from, for logs and the results' header `source`: `order-3@17`. */
  source: string
  /** The topic, subject or queue. */
  topic: string
  partition?: number
  offset?: string
  /** Why it could not be decoded, if so. */
  unreadable?: string | undefined
}

/** Gives what templates may name; made when the first asks. */
export type Scope = () => object

/** What goes onto the result topic. */
export interface Result {
  key: Buffer | string | null
  value: Buffer
  headers: Record<string, string>
}

/**
 * Calls the endpoint, and publishes its answer. Resolves when both are done, or need not be.
 * @param attempt which try of this event this is, from 1; those while the endpoint is down are not counted
 * @param release called when the endpoint has answered: another event may be called for while the result is published
 * @throws UnreadableRecordError when no retry can help: the event becomes a dead letter
 * @throws PutOffError when this event is to be tried again, after `waitMs` at the earliest
 * @throws Error for anything else: the endpoint or the result's broker is down
 */
export type HandleEvent = (event: Event, attempt: number, release?: () => void) => Promise<void>

/** Brings events from a broker, and acknowledges each when it is handled. */
export interface Listener extends Required<Pick<App, 'start' | 'stop' | 'notReady' | 'crashed'>> {
  /** Why events wait, a sentence each: the endpoint is down, or the broker of the results. None while all is well. */
  outages: () => string[]
  /**
   * How many events are not acknowledged yet; undefined where this instance can't say. Missing where the broker's own
   * client measures it.
   */
  waiting?: () => Promise<number | undefined>
}

/** Brings results to a broker. */
export interface Processor {
  start: () => Promise<void>
  /** Resolves when the broker has it. @throws Error when it can't be reached; UnreadableRecordError when it refuses this result */
  publish: (result: Result, scope: Scope) => Promise<void>
  stop: () => Promise<void>
  notReady: () => string[]
}
