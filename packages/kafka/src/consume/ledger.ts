import { sizeOf } from '../producer.ts'
import { type Commit, commitOf, isDone, longestMetadata, type Progress, rangesOf } from '../progress.ts'
import type { OutputRecord } from '../record.ts'

/** What of a partition goes into the next commit. */
export interface Gathered {
  /** By the offset of the record that they are of, in the order in which these were handled. */
  outputs: ReadonlyMap<bigint, OutputRecord[]>
  /** Of the outputs. */
  bytes: number
  progress: Progress
}

/** What a group has done of one partition, and what not. Knows no Kafka, and no time. */
export interface Ledger {
  /**
   * Begins, or goes on, with what is committed: what others have done meanwhile is not to be done again.
   * @returns `new` where the group had a commit, and has none now: then the topic is another one, by the same name, and
   *   nothing is known of it
   */
  begin: (committed: Progress | undefined) => 'known' | 'new'
  /**
   * Takes note of what was read.
   * @param from the offset from which it was read
   * @param end the offset behind it: between the two there are no other records
   * @returns the offsets of those that are to be handled
   */
  take: (from: bigint, end: bigint, offsets: bigint[]) => bigint[]
  /**
   * A record was handled; its outputs wait to be committed.
   * @returns false where it was not open any more
   * @throws TypeError for outputs that no client could write
   */
  handled: (offset: bigint, outputs: OutputRecord[]) => boolean
  /** Records that wait to be committed, by their offsets, are to be handled again instead. */
  reopen: (offsets: bigint[]) => void
  /** A record was tried in vain. */
  tried: (offset: bigint, attempts: number) => void
  /** How often it was tried. */
  triesOf: (offset: bigint) => number
  /** Whether a record is not done, or not committed. */
  holds: (offset: bigint) => boolean
  /** Gives records that wait to be committed other outputs, where there is something to change. */
  replace: (otherwise: (offset: bigint, outputs: OutputRecord[]) => OutputRecord[] | undefined) => void
  /** What is to be committed; undefined when there is nothing that was not. */
  gather: () => Gathered | undefined
  /** Whether a commit has room for all that waits. */
  hasRoom: () => boolean
  /** Of the outputs that wait to be committed. */
  bytes: () => number
  committed: (gathered: Gathered) => void
  /** What was gathered could not be committed, and is to be gathered again. */
  notCommitted: () => void
  /** Whether something was handled, or tried in vain, since `gather`. What is only to be passed is not as urgent. */
  isUrgent: () => boolean
  /** Whether the group had a commit for the partition when that was last known: a topic takes its own with it. */
  wasCommitted: () => boolean
  /** The first offset that is not committed as done; undefined before anything is known. */
  next: () => bigint | undefined
  /** The first offset that is to be read; undefined before anything is known. */
  toRead: () => bigint | undefined
}

/** @param mostBytes a commit takes in no more outputs once they have so many bytes */
export function createLedger(mostBytes = Number.POSITIVE_INFINITY): Ledger {
  /** All below is done, but for what is open, or waits to be committed. */
  let seenTo: bigint | undefined
  /** The end of what is committed as done. */
  let doneTo = 0n
  /** Ascending, as it is read in that order; false for what was only heard of in a commit, and is to be read. */
  const open = new Map<bigint, boolean>()
  /** Of what is open. */
  const tries = new Map<bigint, number>()
  /** In the order in which it was handled. */
  const waiting = new Map<bigint, Waiting>()
  let bytes = 0
  let unread = 0
  let last: Commit | undefined
  let isUrgent = false

  const close = (offset: bigint) => {
    if (open.get(offset) === false) unread -= 1
    tries.delete(offset)
    return open.delete(offset)
  }
  const letGo = (offset: bigint) => {
    bytes -= waiting.get(offset)?.bytes ?? 0
    return waiting.delete(offset)
  }
  const firstOpen = (): bigint | undefined => open.keys().next().value
  const later = (a: bigint, b: bigint) => (a > b ? a : b)

  const begin: Ledger['begin'] = committed => {
    if (!committed) return last ? 'new' : 'known'
    for (const offset of [...open.keys(), ...waiting.keys()]) {
      if (!isDone(committed, offset)) continue
      close(offset)
      letGo(offset)
    }
    for (const [from, to] of committed.open) {
      for (let offset = from; offset < to; offset++) {
        if (seenTo !== undefined && offset < seenTo) continue
        open.set(offset, false)
        unread += 1
        const tried = committed.tries?.get(offset)
        if (tried) tries.set(offset, tried)
      }
    }
    seenTo = seenTo === undefined ? committed.seenTo : later(seenTo, committed.seenTo)
    doneTo = later(doneTo, committed.seenTo)
    last = commitOf(committed)
    return 'known'
  }

  const take: Ledger['take'] = (from, end, offsets) => {
    seenTo ??= offsets[0] ?? from
    if (unread > 0) {
      const there = new Set(offsets)
      for (const [offset, isRead] of open) {
        // It has expired, or was no record at all (the marker at the end of a transaction).
        const isGone = offset < from || (offset < end && !there.has(offset))
        if (!isRead && isGone) close(offset)
      }
    }
    const before = seenTo
    const todo = offsets.filter(
      offset => open.get(offset) === false || (offset >= before && !open.has(offset)),
    )
    for (const offset of todo) {
      if (open.get(offset) === false) unread -= 1
      open.set(offset, true)
    }
    seenTo = later(seenTo, end)
    return todo
  }

  /** How many of these, the first in any case, come to so many bytes, or a little more. */
  const countWithin = (most: number, offsets: bigint[]): number => {
    let sum = 0
    const last = offsets.findIndex(offset => {
      sum += waiting.get(offset)?.bytes ?? 0
      return sum > most
    })
    return last + 1
  }

  /** The progress that a commit brings of what waits before `cut`: of all, unless given. */
  const progress = (cut?: bigint, kept: ReadonlyMap<bigint, number> = new Map()): Progress => {
    let to = doneTo
    const left: bigint[] = []
    for (const offset of waiting.keys()) {
      if (cut !== undefined && offset >= cut) left.push(offset)
      else to = later(to, offset + 1n)
    }
    for (const offset of kept.keys()) to = later(to, offset + 1n)
    const below = left.filter(offset => offset < to)
    for (const offset of open.keys()) {
      if (offset >= to) break
      below.push(offset)
    }
    // Between what is done and the first open one there are no records.
    const end = below.length === 0 && cut === undefined ? (firstOpen() ?? seenTo ?? 0n) : to
    return { seenTo: end, open: rangesOf(below), tries: kept }
  }
  const fits = (next: Progress) => commitOf(next).metadata.length <= longestMetadata

  /**
   * The most that there is room for in a commit. What was done last, behind so much that is open, waits until there is;
   * what has too many bytes goes into the next one; of the tries, those are left out that came last.
   */
  const mostProgress = (): { next: Progress; cut: bigint | undefined } | undefined => {
    const waits = [...waiting.keys()].sort((a, b) => (a < b ? -1 : 1))
    const taken = bytes > mostBytes ? waits.slice(0, countWithin(mostBytes, waits)) : waits
    const tooMuch = waits[taken.length]
    const all = progress(tooMuch, tries)
    if (fits(all)) return { next: all, cut: tooMuch }
    const [cut = tooMuch] = fits(progress(tooMuch))
      ? []
      : taken.slice(mostThat(taken.length, count => fits(progress(taken[count]))))
    const bare = progress(cut)
    if (!fits(bare)) return undefined
    const tried = [...tries]
    const kept = mostThat(tried.length + 1, count => fits(progress(cut, new Map(tried.slice(0, count)))))
    return { next: progress(cut, new Map(tried.slice(0, kept))), cut }
  }

  return {
    begin,
    take,
    handled: (offset, outputs) => {
      const each = { outputs, bytes: bytesOf(outputs), tries: tries.get(offset) ?? 0 }
      if (!close(offset)) return false
      waiting.set(offset, each)
      bytes += each.bytes
      isUrgent = true
      return true
    },
    reopen: offsets => {
      for (const offset of offsets) {
        const tried = waiting.get(offset)?.tries
        if (tried) tries.set(offset, tried)
        if (letGo(offset)) open.set(offset, true)
      }
      const ascending = [...open].sort(([a], [b]) => (a < b ? -1 : 1))
      open.clear()
      for (const [offset, isRead] of ascending) open.set(offset, isRead)
    },
    tried: (offset, attempts) => {
      if (!open.has(offset)) return
      tries.set(offset, attempts)
      isUrgent = true
    },
    triesOf: offset => tries.get(offset) ?? waiting.get(offset)?.tries ?? 0,
    holds: offset => open.has(offset) || waiting.has(offset),
    replace: otherwise => {
      for (const [offset, { outputs, tries }] of waiting) {
        const others = otherwise(offset, outputs)
        if (!others) continue
        const each = { outputs: others, bytes: bytesOf(others), tries }
        bytes += each.bytes - (waiting.get(offset)?.bytes ?? 0)
        waiting.set(offset, each)
      }
    },
    gather: () => {
      isUrgent = false
      if (seenTo === undefined) return undefined
      const most = mostProgress()
      if (!most) return undefined
      const { next, cut } = most
      const outputs = new Map<bigint, OutputRecord[]>()
      let outputBytes = 0
      for (const [offset, each] of waiting) {
        if (cut !== undefined && offset >= cut) continue
        outputs.set(offset, each.outputs)
        outputBytes += each.bytes
      }
      isUrgent = bytes - outputBytes > 0 && outputBytes > mostBytes
      const commit = commitOf(next)
      if (outputs.size === 0 && last && commit.offset === last.offset && commit.metadata === last.metadata)
        return undefined
      return { outputs, bytes: outputBytes, progress: next }
    },
    hasRoom: () => fits(progress()),
    bytes: () => bytes,
    committed: ({ outputs, progress }) => {
      for (const offset of outputs.keys()) letGo(offset)
      doneTo = later(doneTo, progress.seenTo)
      last = commitOf(progress)
    },
    notCommitted: () => {
      isUrgent = true
    },
    isUrgent: () => isUrgent,
    wasCommitted: () => last !== undefined,
    next: () => {
      let next = firstOpen()
      for (const offset of waiting.keys()) if (next === undefined || offset < next) next = offset
      return next ?? seenTo
    },
    toRead: () => {
      if (unread > 0) for (const [offset, isRead] of open) if (!isRead) return offset
      return seenTo
    },
  }
}

interface Waiting {
  outputs: OutputRecord[]
  bytes: number
  tries: number
}

const bytesOf = (outputs: OutputRecord[]) => outputs.reduce((sum, output) => sum + sizeOf(output), 0)

/** The largest number below `end`, by halving, for which it holds: it is taken to hold for 0. */
function mostThat(end: number, holds: (count: number) => boolean): number {
  let [low, high] = [0, end]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (holds(middle)) low = middle
    else high = middle
  }
  return low
}
