import {
  type AwaitedReplies,
  awaitedReplies,
  type InputRecord,
  type KafkaConnection,
} from 'kafka-restaurants-kafka'
import type { Gateway, Route } from '../config/schema.ts'
import type { GatewayMetrics } from '../metrics.ts'
import { recent } from '../recent.ts'
import { answerOf, idsOf, type Matching } from '../reply.ts'
import { type Call, clocksDifferMs, type ReplyPlace, type RetainedCalls } from '../retained.ts'

export interface Replies extends AwaitedReplies {
  /** Notes that nobody waits for an id any more, so that a reply that comes later is known. */
  ended: (id: string, how: 'timed out' | 'left') => void
  /** Looks whether the reply to a call was read before its claim was. */
  claimed: (call: Call) => void
}

/** Of replies that were nobody's, and of calls that are over: both only lately. */
const mostRemembered = 50_000

/**
 * Reads all replies of all routes: tells those who wait, and keeps what retained calls are answered with.
 * @param told called with the id of a retained call whose reply has come
 */
export function replies(
  kafka: KafkaConnection,
  {
    routes,
    calls,
    metrics,
    told,
  }: {
    routes: Gateway['routes']
    calls: RetainedCalls
    metrics: GatewayMetrics
    told: (id: string) => void
  },
): Replies {
  const ways = matchingOf(routes)
  const byName = new Map(routes.map(route => [nameOf(route), route]))
  /** Calls of this replica that are over, and replies to ids that were not claimed, so far. */
  const over = recent<'answered' | 'timed out' | 'left'>(mostRemembered)
  const unclaimed = recent<ReplyPlace>(mostRemembered)

  const keep = (call: Call, record: InputRecord) => {
    const route = byName.get(call.route)
    const answer = route && answerOf(record, route.replies)
    // The record's bytes are part of all that was fetched with it.
    const own = typeof answer === 'object' ? { ...answer, body: Buffer.from(answer.body) } : undefined
    calls.replied(call, placeOf(record), own)
    told(call.id)
  }
  const seeId = (id: string, record: InputRecord) => {
    const call = calls.get(id)
    const how = over.get(id)
    if (call) {
      metrics.reply(call.place ? 'duplicate' : 'retained')
      if (!call.place) keep(call, record)
    } else if (how === 'answered') metrics.reply('duplicate')
    else if (all.isExpected(id)) {
      over.set(id, 'answered')
      metrics.reply('matched')
    } else {
      if (!unclaimed.get(id)) unclaimed.set(id, placeOf(record))
      metrics.reply(how ? 'late' : "nobody's here")
    }
  }
  const all = awaitedReplies(kafka, {
    topics: [...ways.keys()],
    group: 'gateway-replies',
    // Of calls that may be asked for, the replies may have come before we did.
    since: () => (calls.oldest() ?? Date.now() + clocksDifferMs) - clocksDifferMs,
    idsOf: record => idsOf(record, ways.get(record.topic) ?? []),
    see: (record, ids) => {
      for (const id of ids) seeId(id, record)
      if (ids.length === 0) metrics.reply(record.undecodable ? 'unreadable' : 'without id')
    },
  })
  return {
    ...all,
    expect: id => {
      over.delete(id)
      return all.expect(id)
    },
    ended: (id, how) => over.set(id, how),
    claimed: call => {
      const place = call.place ? undefined : unclaimed.get(call.id)
      if (!place) return
      calls.replied(call, place, undefined)
      told(call.id)
    },
  }
}

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`

const placeOf = ({ topic, partition, offset }: InputRecord): ReplyPlace => ({ topic, partition, offset })

/** How replies are matched, by feedback topic. */
function matchingOf(routes: Gateway['routes']): Map<string, Matching[]> {
  const ways = new Map<string, Matching[]>()
  for (const { feedbackTopic, replies } of routes) {
    const known = ways.get(feedbackTopic) ?? []
    const same = known.find(({ header, field }) => header === replies.header && field === replies.field)
    if (same) same.maxBytes = Math.max(same.maxBytes, replies.maxBytes)
    else known.push({ header: replies.header, field: replies.field, maxBytes: replies.maxBytes })
    ways.set(feedbackTopic, known)
  }
  return ways
}
