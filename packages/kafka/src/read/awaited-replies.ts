import type { KafkaConnection } from '../client.ts'
import type { InputRecord } from '../record.ts'
import { type FollowedTopics, followTopics } from './follow-topics.ts'

/** Requests whose replies are waited for; every process reads all replies, and takes those that it waits for (ADR 8). */
export interface AwaitedReplies extends FollowedTopics {
  /** Has the replies to an id waited for, from now on: call it before the request is written. */
  expect: (id: string) => ExpectedReply
  isExpected: (id: string) => boolean
  /** How many ids are waited for. */
  pending: () => number
}

export interface ExpectedReply {
  /** The first reply that is read. Never rejects; never settles when nobody replies. */
  reply: Promise<InputRecord>
  /** Ends the waiting, whether the reply has come or not. Nothing is kept of an id for which nobody waits. */
  forget: () => void
}

interface Pending extends PromiseWithResolvers<InputRecord> {
  waiting: number
}

/**
 * The half of request–reply that waits (Hohpe and Woolf, Enterprise Integration Patterns: Correlation Identifier). Replies
 * that nobody waits for are dropped.
 * @param idsOf the ids that a record replies to: none, one, or, where it is a list, several. Every process asks it of every
 * reply, most of which are another's: it should look at as little as it can
 * @param see sees each record that is read, too, with its ids, after those that wait have been told
 * @param since begins with the replies written then or later (see `followTopics`); with those written from its start unless given
 */
export function awaitedReplies(
  connection: KafkaConnection,
  {
    topics,
    group,
    idsOf,
    see,
    since = Date.now,
  }: {
    topics: string[]
    group: string
    idsOf: (record: InputRecord) => string[]
    see?: (record: InputRecord, ids: string[]) => void
    since?: () => number
  },
): AwaitedReplies {
  const all = new Map<string, Pending>()
  const followed = followTopics(connection, {
    topics,
    group,
    since,
    see: records => {
      if (all.size === 0 && !see) return
      for (const record of records) {
        const ids = idsOf(record)
        for (const id of ids) all.get(id)?.resolve(record)
        see?.(record, ids)
      }
    },
  })
  return {
    ...followed,
    expect: id => {
      const pending = all.get(id) ?? { ...Promise.withResolvers<InputRecord>(), waiting: 0 }
      pending.waiting += 1
      all.set(id, pending)
      let isForgotten = false
      const forget = () => {
        if (isForgotten) return
        isForgotten = true
        pending.waiting -= 1
        if (pending.waiting === 0) all.delete(id)
      }
      return { reply: pending.promise, forget }
    },
    isExpected: id => all.has(id),
    pending: () => all.size,
  }
}
