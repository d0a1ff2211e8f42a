/** Offsets from the first up to, and without, the second. */
export type OffsetRange = [from: bigint, to: bigint]

/** How far a group is with a partition: all below `seenTo` is done, but for what lies in `open`. */
export interface Progress {
  seenTo: bigint
  /** Ascending and disjoint. */
  open: OffsetRange[]
  /** How often open records were tried, so that a crash does not set it back. */
  tries?: ReadonlyMap<bigint, number>
}

/** What a consumer group commits for a partition. */
export interface Commit {
  offset: string
  metadata: string
}

/** Kafka takes 4,096 bytes of metadata with a commit, unless told otherwise (`offset.metadata.max.bytes`). */
export const longestMetadata = 4_000

/** The first offset that is still to be handled: what a group commits. */
export const nextOffset = ({ seenTo, open }: Progress): bigint => open[0]?.[0] ?? seenTo

export const isDone = ({ seenTo, open }: Progress, offset: bigint): boolean =>
  offset < seenTo && !isIn(open, offset)

function isIn(ranges: OffsetRange[], offset: bigint): boolean {
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const [from, to] = ranges[middle] as OffsetRange
    if (from <= offset && offset < to) return true
    if (offset < from) high = middle
    else low = middle + 1
  }
  return false
}

/**
 * What happens to records behind one that has to wait would be forgotten with the process, as Kafka's commit is one
 * offset: it goes into the commit's metadata, as runs from that offset on. `o1d20o2d5` says that one is open, the next
 * 20 are done, two more are open, and five are done; `o1x3` is an open one that was tried three times. Who does not know
 * of it handles the done ones again.
 */
export function commitOf(progress: Progress): Commit {
  const next = nextOffset(progress)
  let at = next
  let metadata = ''
  const tried = [...(progress.tries?.keys() ?? [])].sort((a, b) => (a < b ? -1 : 1))
  let nextTried = 0
  const write = (to: bigint, tries = 0) => {
    if (to > at) metadata += `o${to - at}${tries ? `x${tries}` : ''}`
    at = to
  }
  for (const [from, to] of progress.open) {
    if (from > at) metadata += `d${from - at}`
    at = from
    // Each offset that was tried before is a run of its own.
    for (let offset = tried[nextTried]; offset !== undefined && offset < to; offset = tried[nextTried]) {
      nextTried += 1
      if (offset < from) continue
      write(offset)
      write(offset + 1n, progress.tries?.get(offset))
    }
    write(to)
  }
  if (metadata !== '' && progress.seenTo > at) metadata += `d${progress.seenTo - at}`
  return { offset: String(next), metadata }
}

/** Reads a commit back. Metadata that is not ours says nothing; a group without a commit (offset -1) has no progress. */
export function progressOf(commit: { offset: string; metadata?: string | null }): Progress | undefined {
  const offset = BigInt(commit.offset)
  if (offset < 0n) return undefined
  const open: OffsetRange[] = []
  const tries = new Map<bigint, number>()
  let at = offset
  if (/^(?:d\d+|o\d+(?:x\d+)?)+$/.test(commit.metadata ?? '')) {
    for (const [, state, length, tried] of (commit.metadata ?? '').matchAll(/([od])(\d+)(?:x(\d+))?/g)) {
      const to = at + BigInt(length ?? 0)
      const last = open.at(-1)
      if (tried) tries.set(at, Number(tried))
      if (state === 'o' && last?.[1] === at) last[1] = to
      else if (state === 'o') open.push([at, to])
      at = to
    }
  }
  return { seenTo: at, open, tries }
}

/** Joins single offsets, in any order, into ranges. */
export function rangesOf(offsets: Iterable<bigint>): OffsetRange[] {
  const ranges: OffsetRange[] = []
  for (const offset of [...offsets].sort((a, b) => (a < b ? -1 : 1))) {
    const last = ranges.at(-1)
    if (last && last[1] === offset) last[1] = offset + 1n
    else ranges.push([offset, offset + 1n])
  }
  return ranges
}
