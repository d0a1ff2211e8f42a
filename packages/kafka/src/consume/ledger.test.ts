import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Commit, commitOf, progressOf } from '../progress.ts'
import type { OutputRecord } from '../record.ts'
import { createLedger, type Gathered, type Ledger } from './ledger.ts'

const output = (offset: bigint): OutputRecord => ({ topic: 'out', key: null, value: String(offset) })
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => BigInt(from + index))
const read = (
  ledger: Ledger,
  offsets: bigint[],
  from = offsets[0] ?? 0n,
  end = (offsets.at(-1) ?? 0n) + 1n,
) => ledger.take(from, end, offsets)
const handle = (ledger: Ledger, ...offsets: bigint[]) => {
  for (const offset of offsets) ledger.handled(offset, [output(offset)])
}
const commit = (ledger: Ledger): Commit | undefined => {
  const gathered = ledger.gather()
  if (!gathered) return undefined
  ledger.committed(gathered)
  return commitOf(gathered.progress)
}

describe('what of a partition is committed', () => {
  it('is one offset where nothing is open, with what is passed over between records', () => {
    const ledger = createLedger()
    read(ledger, [100n, 102n, 104n], 100n, 106n)
    handle(ledger, 104n, 100n, 102n)
    expect(commit(ledger)).toEqual({ offset: '106', metadata: '' })
    expect(ledger.gather()).toBeUndefined()
  })

  it('is what is open and what is done behind it', () => {
    const ledger = createLedger()
    read(ledger, range(0, 5))
    handle(ledger, 1n, 3n)
    expect(commit(ledger)).toEqual({ offset: '0', metadata: 'o1d1o1d1' })
    handle(ledger, 0n)
    expect(commit(ledger)).toEqual({ offset: '2', metadata: 'o1d1' })
  })

  it('goes up to the first open record, as there are none between that and what is done', () => {
    const ledger = createLedger()
    read(ledger, [0n, 7n], 0n, 8n)
    handle(ledger, 0n)
    expect(commit(ledger)).toEqual({ offset: '7', metadata: '' })
  })

  it('is nothing of aborted transactions but the end of them', () => {
    const ledger = createLedger()
    read(ledger, [], 40n, 52n)
    expect(commit(ledger)).toEqual({ offset: '52', metadata: '' })
  })

  it('has how often open records were tried, and another ledger goes on from there', () => {
    const ledger = createLedger()
    read(ledger, range(0, 3))
    ledger.tried(1n, 2)
    const committed = commit(ledger)
    expect(committed).toEqual({ offset: '0', metadata: 'o1o1x2' })
    const successor = createLedger()
    successor.begin(progressOf(committed as Commit))
    expect(read(successor, range(0, 3))).toEqual([0n, 1n, 2n])
    expect([0n, 1n, 2n].map(successor.triesOf)).toEqual([0, 2, 0])
  })

  it('is gathered in the order in which it was handled', () => {
    const ledger = createLedger()
    read(ledger, range(0, 4))
    handle(ledger, 2n, 0n, 3n)
    const outputs = [...(ledger.gather()?.outputs.values() ?? [])].flat()
    expect(outputs.map(({ value }) => value)).toEqual(['2', '0', '3'])
  })

  it('takes no more bytes along than a commit should have, and the rest is urgent', () => {
    const ledger = createLedger(10)
    read(ledger, range(0, 4))
    for (const offset of [3n, 0n, 2n, 1n])
      ledger.handled(offset, [{ topic: 'out', key: null, value: Buffer.alloc(100) }])
    expect(commit(ledger)).toEqual({ offset: '1', metadata: '' })
    expect(ledger.isUrgent()).toBe(true)
    expect([1, 2, 3].map(() => commit(ledger)?.offset)).toEqual(['2', '3', '4'])
    expect([ledger.isUrgent(), ledger.bytes(), ledger.gather()]).toEqual([false, 0, undefined])
  })

  it('is not urgent while it is being committed, and is again when that failed', () => {
    const ledger = createLedger()
    read(ledger, range(0, 2))
    expect(ledger.isUrgent()).toBe(false)
    handle(ledger, 0n)
    expect(ledger.isUrgent()).toBe(true)
    ledger.gather()
    expect(ledger.isUrgent()).toBe(false)
    ledger.notCommitted()
    expect(ledger.isUrgent()).toBe(true)
  })
})

describe('with more open than the metadata of a commit has room for', () => {
  const many = range(0, 6_000)
  const odd = many.filter(offset => offset % 2n === 1n)
  const even = many.filter(offset => offset % 2n === 0n)

  it('what is done in front is committed, and the rest as soon as there is room', () => {
    const ledger = createLedger()
    read(ledger, many)
    handle(ledger, ...odd)
    const first = ledger.gather() as Gathered
    expect(commitOf(first.progress).metadata.length).toBeGreaterThan(3_900)
    expect(first.outputs.size).toBeGreaterThan(900)
    expect([...first.outputs.keys()]).toEqual(odd.slice(0, first.outputs.size))
    ledger.committed(first)
    expect(ledger.gather()).toBeUndefined()
    expect(ledger.isUrgent()).toBe(false)
    handle(ledger, ...even)
    expect(commit(ledger)).toEqual({ offset: '6000', metadata: '' })
  })

  it('what was committed as done before stays so, though what is open in front becomes more ranges', () => {
    const ledger = createLedger()
    read(ledger, many)
    handle(ledger, 5_999n)
    expect(commit(ledger)).toEqual({ offset: '0', metadata: 'o5999d1' })
    handle(ledger, ...odd.slice(0, -1))
    const next = ledger.gather() as Gathered
    expect(next.outputs.size).toBeGreaterThan(900)
    expect(next.progress.seenTo).toBe(6_000n)
    expect(commitOf(next.progress).metadata.length).toBeLessThanOrEqual(4_096)
  })

  it('tries are left out before what is done is', () => {
    const ledger = createLedger()
    read(ledger, many.slice(0, 2_000))
    for (const offset of range(0, 1_500)) ledger.tried(offset, 12)
    handle(ledger, 1_999n)
    const gathered = ledger.gather() as Gathered
    expect([...gathered.outputs.keys()]).toEqual([1_999n])
    const { metadata } = commitOf(gathered.progress)
    expect(metadata).toMatch(/^(o1x12){700,}o\d+d1$/)
    expect(metadata.length).toBeLessThanOrEqual(4_096)
  })

  it('takes no time that grows with the square of it', () => {
    const ledger = createLedger()
    const lots = range(0, 40_000)
    read(ledger, lots)
    for (const offset of lots.slice(0, 20_000)) if (offset % 2n) ledger.tried(offset, 3)
    handle(ledger, ...lots.slice(20_000).filter(offset => offset % 2n))
    const begun = performance.now()
    expect(ledger.gather()).toBeDefined()
    expect(performance.now() - begun).toBeLessThan(5_000)
  })
})

describe('what others did meanwhile', () => {
  it('is not to be done again, and what they left is', () => {
    const ledger = createLedger()
    read(ledger, range(0, 4))
    handle(ledger, 2n)
    ledger.begin({ seenTo: 8n, open: [[0n, 1n], [3n, 4n], [6n, 7n]], tries: new Map([[6n, 5]]) }) // biome-ignore format: a line
    expect(range(0, 8).filter(ledger.holds)).toEqual([0n, 3n, 6n])
    expect(ledger.toRead()).toBe(6n)
    expect(read(ledger, range(0, 10))).toEqual([6n, 8n, 9n])
    expect(ledger.triesOf(6n)).toBe(5)
    handle(ledger, 0n, 3n, 6n, 8n, 9n)
    expect(commit(ledger)).toEqual({ offset: '10', metadata: '' })
  })

  it('closes offsets that turn out to be no records', () => {
    const ledger = createLedger()
    ledger.begin(progressOf({ offset: '101', metadata: 'o1d1o1d1' }))
    expect(read(ledger, [102n, 106n], 101n, 107n)).toEqual([106n])
    handle(ledger, 106n)
    expect(commit(ledger)).toEqual({ offset: '107', metadata: '' })
  })

  it('says that the topic is another one, where it had a commit and has none', () => {
    const ledger = createLedger()
    expect(ledger.begin(undefined)).toBe('known')
    read(ledger, range(0, 1))
    expect(ledger.begin(undefined)).toBe('known')
    handle(ledger, 0n)
    commit(ledger)
    expect(ledger.begin(undefined)).toBe('new')
  })

  it('makes nothing of a record that is handled only then', () => {
    const ledger = createLedger()
    read(ledger, range(0, 2))
    ledger.begin({ seenTo: 2n, open: [] })
    handle(ledger, 0n)
    ledger.tried(1n, 1)
    expect(ledger.gather()).toBeUndefined()
  })
})

/** One step in the life of a partition. `at` and `many` choose among what there is. */
interface Step {
  does: 'fetch' | 'fetch again' | 'handle' | 'handle each second' | 'try' | 'commit' | 'take over' | 'compact'
  at: number
  many: number
  outcome: 'done' | 'failed' | 'undecided'
}

const steps = fc.array(
  fc.record<Step>({
    does: fc.constantFrom(
      'fetch', 'fetch again', 'handle', 'handle each second', 'try', 'commit', 'commit', 'take over', 'compact',
    ), // biome-ignore format: a line
    at: fc.nat(10_000),
    many: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3_000 })),
    outcome: fc.constantFrom('done', 'done', 'failed', 'undecided'),
  }),
  { minLength: 5, maxLength: 60 },
)

/** A topic's partition, its group's commit and outputs, and whoever has it now. */
function partition(hasMarkers: boolean, count: number) {
  const end = BigInt(count)
  const log = new Set(range(0, count).filter(offset => !hasMarkers || offset % 3n !== 2n))
  const kept = { commit: undefined as Commit | undefined, outputs: [] as string[] }
  let ledger = createLedger()
  let inHand: bigint[] = []
  let position = 0n

  const fetch = (from: bigint, many: number) => {
    const to = from + BigInt(many) > end ? end : from + BigInt(many)
    if (to <= from) return
    const todo = ledger.take(from, to, range(Number(from), Number(to)).filter(offset => log.has(offset))) // biome-ignore format: a line
    expect(new Set([...inHand, ...todo]).size).toBe(inHand.length + todo.length)
    inHand.push(...todo)
    if (to > position) position = to
  }
  const goOn = () => {
    ledger.begin(kept.commit && progressOf(kept.commit))
    inHand = inHand.filter(ledger.holds)
  }
  const commitAll = (outcome: Step['outcome']) => {
    const gathered = ledger.gather()
    if (!gathered) return
    const next = commitOf(gathered.progress)
    expect(next.metadata.length).toBeLessThanOrEqual(4_096)
    expect(BigInt(next.offset)).toBeGreaterThanOrEqual(BigInt(kept.commit?.offset ?? 0))
    if (outcome !== 'failed') {
      kept.commit = next
      kept.outputs.push(...[...gathered.outputs.values()].flat().map(({ value }) => String(value)))
    }
    if (outcome === 'done') return ledger.committed(gathered)
    ledger.notCommitted()
    goOn()
  }
  const handleAll = (offsets: bigint[]) => {
    for (const offset of offsets) ledger.handled(offset, [output(offset)])
    const gone = new Set(offsets)
    inHand = inHand.filter(offset => !gone.has(offset))
  }
  const does = {
    fetch: ({ many }: Step) => fetch(position, many),
    'fetch again': ({ at, many }: Step) => {
      const from = BigInt(kept.commit?.offset ?? 0)
      // Of what was taken over, more may be done than was read.
      fetch(from + BigInt(at % Math.max(1, Number(position - from + 1n))), many)
    },
    handle: ({ at, many }: Step) => {
      const from = at % Math.max(1, inHand.length)
      handleAll(inHand.slice(from, from + many))
    },
    'handle each second': ({ many }: Step) =>
      handleAll(inHand.slice(0, 2 * many).filter((_, index) => index % 2)),
    try: ({ at, many }: Step) => {
      const from = at % Math.max(1, inHand.length)
      for (const offset of inHand.slice(from, from + many)) ledger.tried(offset, ledger.triesOf(offset) + 1)
    },
    commit: ({ outcome }: Step) => commitAll(outcome),
    'take over': () => {
      ledger = createLedger()
      goOn()
      inHand = []
      position = BigInt(kept.commit?.offset ?? 0)
    },
    compact: ({ at }: Step) => log.delete(BigInt(at % count)),
  }
  return {
    does: (step: Step) => does[step.does](step),
    finish: () => {
      while (position < end) fetch(position, 1_000)
      handleAll(inHand)
      for (let left = 20; left > 0; left--) commitAll('done')
      return { ...kept, log }
    },
  }
}

it('whatever happens, each record is committed once, and a commit never goes back nor grows too long', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), fc.integer({ min: 1, max: 6_000 }), (all, hasMarkers, count) => {
      const { does, finish } = partition(hasMarkers, count)
      for (const step of all) does(step)
      const { commit, outputs, log } = finish()
      const written = new Set(outputs)
      expect(outputs).toHaveLength(written.size)
      expect([...log].filter(offset => !written.has(String(offset)))).toEqual([])
      expect(commit).toEqual({ offset: String(count), metadata: '' })
    }),
    { numRuns: 300 },
  )
}, 60_000)
