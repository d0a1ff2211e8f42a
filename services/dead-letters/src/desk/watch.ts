import type { DeadLetterGroups } from 'kafka-restaurants-contracts'
import { type DeadLetters, openLetters, sourceOf } from 'kafka-restaurants-kafka/dead-letters'
import { type Group, groupsOf, letterReader } from './groups.ts'

export type Ask = <T>(use: (letters: DeadLetters) => Promise<T>) => Promise<T>

/** What is open, as it was when somebody looked last. */
export interface Seen {
  topics: DeadLetterGroups['topics']
  groups: ReadonlyMap<string, Group>
}

export interface DeskWatch {
  /** What is open now, by a look that began after the call. One goes on at a time. */
  look: () => Promise<Seen>
  /** What is open, as it was a second ago at most: however many ask, Kafka is asked once. */
  recent: () => Promise<Seen>
}

const recentMs = 1_000

/** @param looked told after each look */
export function deskWatch({
  ask,
  most,
  looked,
}: {
  ask: Ask
  most: number
  looked: (topics: Seen['topics']) => void
}): DeskWatch {
  const reader = letterReader()
  const letters = openLetters({ most, keep: reader.keep })
  let last: { seen: Seen; at: number } | undefined
  let running: Promise<Seen> | undefined
  let waiting: Promise<Seen> | undefined

  const lookNow = async () => {
    const at = performance.now()
    await ask(desk => desk.update(letters))
    const groups = groupsOf(letters.all())
    reader.forgetBut([...groups.values()].map(({ key }) => key))
    const topics = letters
      .counts()
      .map(({ topic, known, unread }) => ({ topic: sourceOf(topic), open: known, unread }))
    last = { seen: { topics, groups }, at }
    looked(topics)
    return last.seen
  }
  const begin = () => {
    running = lookNow().finally(() => {
      running = undefined
    })
    return running
  }
  const look = () => {
    if (!running) return begin()
    // That one may have begun before what the caller wants to see: all who come meanwhile share the next.
    waiting ??= running
      .catch(() => {})
      .then(() => {
        waiting = undefined
        return begin()
      })
    return waiting
  }
  return {
    look,
    recent: async () => {
      if (last && performance.now() - last.at < recentMs) return last.seen
      return running ?? look()
    },
  }
}
