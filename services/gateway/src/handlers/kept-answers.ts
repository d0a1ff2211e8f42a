import { type KafkaConnection, readRecord } from 'kafka-restaurants-kafka'
import type { LiveUpdates } from 'kafka-restaurants-service'
import { nameOf } from '../adapters/replies.ts'
import type { Route } from '../config/schema.ts'
import { type Answer, answerOf, type Unusable } from '../reply.ts'
import type { Call, ReplyPlace } from '../retained.ts'
import { unavailable } from './refusals.ts'

/** The replies of retained calls: from memory, or from the feedback topic, which is their store. */
export interface KeptAnswers {
  /** @returns undefined while there is no reply. @throws HttpProblem 503 where the topic can't be read */
  of: (call: Call) => Promise<Answer | Unusable | undefined>
  /** The reply, as soon as there is one. */
  expect: (call: Call) => { answer: Promise<Answer | Unusable>; forget: () => void }
  /** Tells those who wait that a call has its reply. */
  told: (id: string) => void
}

/** So many wait to be read from a topic at most: each takes some tenths of a second. */
const mostReading = 32

export function keptAnswers(
  kafka: KafkaConnection,
  { routes, live }: { routes: Route[]; live: LiveUpdates },
): KeptAnswers {
  const byName = new Map(routes.map(route => [nameOf(route), route]))
  const waiting = new Map<string, Set<() => void>>()
  const reading = new Map<string, Promise<Answer | Unusable>>()
  let last: Promise<unknown> = Promise.resolve()

  const read = async (call: Call, place: ReplyPlace): Promise<Answer | Unusable> => {
    const route = byName.get(call.route)
    const record = await readRecord(kafka, { ...place, reader: 'gateway' }).catch(error => {
      throw unavailable('The reply can not be read now', error)
    })
    return record && route ? answerOf(record, route.replies) : 'unreadable'
  }
  /** One after another, and one that several ask for once. */
  const readOnce = (call: Call, place: ReplyPlace) => {
    const known = reading.get(call.id)
    if (known) return known
    if (reading.size >= mostReading) throw unavailable('Too many old replies are being read')
    const found = last.then(() => read(call, place)).finally(() => reading.delete(call.id))
    last = found.catch(() => {})
    reading.set(call.id, found)
    return found
  }
  const of: KeptAnswers['of'] = async call => call.answer ?? (call.place && readOnce(call, call.place))
  return {
    of,
    expect: call => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer | Unusable>()
      promise.catch(() => {})
      const look = () => void of(call).then(answer => answer && resolve(answer), reject)
      const all = waiting.get(call.id) ?? new Set()
      waiting.set(call.id, all.add(look))
      look()
      const forget = () => {
        all.delete(look)
        if (all.size === 0 && waiting.get(call.id) === all) waiting.delete(call.id)
      }
      return { answer: promise, forget }
    },
    told: id => {
      for (const look of waiting.get(id) ?? []) look()
      live.changed(id)
    },
  }
}
