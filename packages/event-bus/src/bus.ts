import { topicPattern } from './pattern.ts'

/** Something that happened, as subscribers see it. */
export interface BusEvent {
  /** Its parts are separated by `::`, as in `restaurants::outbound::order-status`. */
  topic: string
  /** Anything; what goes out to Kafka must be JSON. */
  payload: unknown
  /** Events of one key keep their order in Kafka. */
  key?: string | undefined
  headers: Record<string, string>
}

export type Handler = (event: BusEvent) => Promise<void> | undefined | void

export interface EventBus {
  /**
   * Hands an event to all whose pattern its topic matches, at once, in the order in which they subscribed. Resolves when
   * all of them are done: a bridge is when Kafka, or its spool, has the event.
   * @throws what a handler threw; an AggregateError where several did
   */
  publish: (
    topic: string,
    payload: unknown,
    options?: Pick<BusEvent, 'key'> & Partial<BusEvent>,
  ) => Promise<void>
  /**
   * @param pattern a regular expression that has to match from the beginning of the topic, not to its end: `acapy::` is
   *   enough for `acapy::outbound::message`
   * @returns ends the subscription
   * @throws SyntaxError where it is no regular expression
   */
  subscribe: (pattern: string | RegExp, handler: Handler) => () => void
  /** Whether anybody would be given events of a topic: where nobody is, none has to be made. */
  listens: (topic: string) => boolean
}

/** A bus within this process. `kafkaBridge` connects it to others. */
export function eventBus(): EventBus {
  let subscribers: readonly { matches: (topic: string) => boolean; handler: Handler }[] = []
  return {
    publish: async (topic, payload, { key, headers = {} } = {}) => {
      const event = { topic, payload, key, headers }
      const handling: Promise<void>[] = []
      for (const { matches, handler } of subscribers) {
        if (!matches(topic)) continue
        try {
          const handled = handler(event)
          if (handled) handling.push(handled)
        } catch (error) {
          handling.push(Promise.reject(error))
        }
      }
      if (handling.length <= 1) return handling[0]
      const errors = (await Promise.allSettled(handling)).flatMap(result =>
        result.status === 'rejected' ? [result.reason] : [],
      )
      if (errors.length > 1) throw new AggregateError(errors, `${errors.length} handlers of ${topic} failed`)
      if (errors.length === 1) throw errors[0]
    },
    listens: topic => subscribers.some(({ matches }) => matches(topic)),
    subscribe: (pattern, handler) => {
      const subscriber = { matches: topicPattern(pattern).matches, handler }
      subscribers = [...subscribers, subscriber]
      return () => {
        subscribers = subscribers.filter(each => each !== subscriber)
      }
    },
  }
}
