import { createHeap } from './heap.ts'
import type { Held } from './held.ts'

/** The items in their lines, one a key; only the first of a line is ever tried. */
export interface Lines<Item> {
  /** Puts one at the end of its line. */
  join: (held: Held<Item>) => void
  /** Takes the first of a line away for good; the next one comes forward. */
  leave: (held: Held<Item>) => void
  /** Puts the first of a line, which was in hand, back until it is due. */
  putBack: (held: Held<Item>) => void
  /** The oldest that may be tried now, and has not failed. */
  fresh: (now: number) => Held<Item> | undefined
  /** Of those that have failed and may be tried now, the one that has been due for longest. */
  failed: (now: number) => Held<Item> | undefined
  /** Takes in hand what `fresh` or `failed` has just given. */
  take: (held: Held<Item>) => void
  /** When the next may be tried that may not yet; infinity where there is none. */
  nextDueAt: (now: number) => number
  /** Puts all in their places anew, oldest first, when some are gone or due at another time. */
  rebuild: (all: Iterable<Held<Item>>) => void
}

export function createLines<Item>(): Lines<Item> {
  const isOlder = (a: Held<Item>, b: Held<Item>) => a.number < b.number
  const isDueBefore = (a: Held<Item>, b: Held<Item>) =>
    a.dueAt < b.dueAt || (a.dueAt === b.dueAt && isOlder(a, b))
  const last = new Map<string, Held<Item>>()
  const ready = createHeap(isOlder)
  const putOff = createHeap(isDueBefore)
  const failed = createHeap(isDueBefore)

  const place = (held: Held<Item>) => {
    if (held.failures > 0) failed.push(held)
    else if (held.dueAt > 0) putOff.push(held)
    else ready.push(held)
  }
  const join = (held: Held<Item>) => {
    const before = held.key === undefined ? undefined : last.get(held.key)
    if (held.key !== undefined) last.set(held.key, held)
    held.next = undefined
    if (before) before.next = held
    else if (!held.inHand) place(held)
  }

  return {
    join,
    leave: ({ key, next }) => {
      if (next) place(next)
      else if (key !== undefined) last.delete(key)
    },
    putBack: held => {
      held.inHand = false
      place(held)
    },
    fresh: now => {
      for (let first = putOff.first(); first && first.dueAt <= now; first = putOff.first()) {
        putOff.shift()
        ready.push(first)
      }
      return ready.first()
    },
    failed: now => {
      const first = failed.first()
      return first && first.dueAt <= now ? first : undefined
    },
    take: held => {
      const from = held.failures > 0 ? failed : ready
      from.shift()
      held.inHand = true
    },
    nextDueAt: now => Math.min(laterThan(now, putOff.first()), laterThan(now, failed.first())),
    rebuild: all => {
      last.clear()
      for (const heap of [ready, putOff, failed]) heap.clear()
      for (const held of all) join(held)
    },
  }
}

const laterThan = <Item>(now: number, held: Held<Item> | undefined): number =>
  held && held.dueAt > now ? held.dueAt : Number.POSITIVE_INFINITY
