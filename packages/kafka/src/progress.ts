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
  offset < seenTo && !open.some(([from, to]) => from <= offset && offset < to)

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
  for (const [from, to] of progress.open.flatMap(range => cutAtTried(range, progress.tries))) {
    const tries = progress.tries?.get(from)
    if (from > at) metadata += `d${from - at}`
    metadata += `o${to - from}${tries ? `x${tries}` : ''}`
    at = to
  }
  if (metadata !== '' && progress.seenTo > at) metadata += `d${progress.seenTo - at}`
  return { offset: String(next), metadata }
}

/** Each offset that was tried before is a range of its own. */
function cutAtTried([from, to]: OffsetRange, tries: Progress['tries'] = new Map()): OffsetRange[] {
  const inside = [...tries.keys()].filter(offset => from <= offset && offset < to)
  const cuts = [...new Set([from, ...inside, ...inside.map(offset => offset + 1n), to])].sort((a, b) =>
    a < b ? -1 : 1,
  )
  return cuts.slice(1).map((cut, index): OffsetRange => [cuts[index] ?? from, cut])
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
