import fc from 'fast-check'
import { createContext } from 'kafka-restaurants-service'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { OutageError, PutOffError } from './errors.ts'
import { createKeyedQueue, type KeyedQueue } from './keyed-queue.ts'

const { log } = createContext('test', 'silent')
const hourMs = 3_600_000

/** What becomes of a try, after so long; `releasesMs` is when it releases its place. */
const attempt = fc.record({
  takesMs: fc.constantFrom(0, 0, 1, 50, 300, 5_000),
  releasesMs: fc.option(fc.constantFrom(0, 10, 100), { nil: undefined }),
  end: fc.constantFrom('done', 'done', 'fails', 'asks', 'puts off', 'puts off for 0'),
})
const item = fc.record({
  key: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
  comesMs: fc.constantFrom(0, 0, 0, 10, 500, 4_000, 30_000),
  attemptsBefore: fc.constantFrom(0, 0, 0, 3),
  tries: fc.array(attempt, { maxLength: 5 }),
})
const event = fc.record({
  atMs: fc.constantFrom(0, 5, 100, 700, 3_000, 20_000),
  what: fc.oneof(
    fc.record({ pausesMs: fc.constantFrom(0, 20, 1_000, 100_000) }),
    fc.record({ drops: fc.constantFrom('a', 'b', 'odd', 'all') }),
  ),
})
const outage = fc.record({
  fromMs: fc.constantFrom(0, 50, 600, 10_000),
  lastsMs: fc.constantFrom(100, 3_000, 60_000),
})
const course = fc.record({
  concurrency: fc.integer({ min: 1, max: 5 }),
  items: fc.array(item, { minLength: 1, maxLength: 25 }),
  events: fc.array(event, { maxLength: 3 }),
  outages: fc.array(outage, { maxLength: 2 }),
  /** Keeping the tries takes so long, and fails so often. */
  keepsMs: fc.constantFrom(0, 0, 10, 500),
  keepFails: fc.integer({ min: 0, max: 3 }),
})
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never

interface Known {
  number: number
  key: string | undefined
  /** The number of its next try, or how low and high that may be. */
  attempt: { from: number; to: number }
  tries: Course['items'][number]['tries']
  state: 'waits' | 'in hand' | 'done' | 'dropped'
  isDropped: boolean
  kept: number
}

/** Lets it all happen, and checks each step. */
async function happen({ concurrency, items, events, outages, keepsMs, keepFails }: Course) {
  const start = performance.now()
  const known: Known[] = []
  let keepFailures = keepFails
  let inPlace = 0
  let isPaused = false
  const faults: unknown[] = []
  /** What a handler throws is the queue's to catch. */
  const check = (expected: () => void) => {
    try {
      expected()
    } catch (error) {
      faults.push(error)
    }
  }
  const isDown = () =>
    outages.some(({ fromMs, lastsMs }) => {
      const now = performance.now() - start
      return now >= fromMs && now < fromMs + lastsMs
    })

  const queue: KeyedQueue<Known> = createKeyedQueue<Known>({
    concurrency,
    keyOf: ({ key }) => key,
    nameOf: ({ number }) => String(number),
    log,
    handle: async (each, attempt, release) => {
      inPlace += 1
      check(() => {
        expect(each.state).toBe('waits')
        expect(isPaused).toBe(false)
        const sameKey = known.filter(({ key }) => key !== undefined && key === each.key)
        expect(sameKey.filter(({ state }) => state === 'in hand')).toEqual([])
        expect(sameKey.filter(({ state, number }) => state === 'waits' && number < each.number)).toEqual([])
        expect(attempt).toBeGreaterThanOrEqual(each.attempt.from)
        expect(attempt).toBeLessThanOrEqual(each.attempt.to)
        expect(each.kept).toBe(attempt - 1)
        expect(inPlace).toBeLessThanOrEqual(concurrency)
      })
      each.state = 'in hand'
      each.attempt = { from: attempt, to: attempt }
      let hasPlace = true
      const leave = () => {
        if (hasPlace) inPlace -= 1
        hasPlace = false
      }
      const { takesMs, releasesMs, end } = each.tries.shift() ?? {
        takesMs: 0,
        releasesMs: undefined,
        end: 'done',
      }
      const releaseNow = () => {
        if (concurrency > 1 && !queue.outage()) leave()
        release()
      }
      if (releasesMs === 0) releaseNow()
      else if (releasesMs !== undefined && releasesMs < takesMs) setTimeout(releaseNow, releasesMs)
      if (takesMs > 0) await new Promise(resolve => setTimeout(resolve, takesMs))
      leave()
      const isOver = !isDown() && end === 'done'
      each.state = each.isDropped ? 'dropped' : isOver ? 'done' : 'waits'
      if (isOver) return
      if (!isDown() && end.startsWith('puts off')) {
        each.attempt = { from: attempt + 1, to: attempt + 1 }
        throw new PutOffError('later', { waitMs: end === 'puts off' ? undefined : 0 })
      }
      if (end === 'asks') throw new OutageError('away', { waitMs: 1_500 })
      each.attempt = { from: attempt, to: attempt + 1 }
      throw new Error('fails')
    },
    keepAttempts: async (each, attempts) => {
      check(() => {
        expect(attempts).toBeGreaterThanOrEqual(each.attempt.from - 1)
        expect(attempts).toBeLessThanOrEqual(each.attempt.to - 1)
      })
      if (keepsMs > 0) await new Promise(resolve => setTimeout(resolve, keepsMs))
      if (keepFailures-- > 0) throw new Error('not kept')
      each.kept = attempts
    },
  })

  for (const { key, comesMs, attemptsBefore, tries } of items) {
    setTimeout(() => {
      const from = attemptsBefore + 1
      const each: Known = {
        number: known.length,
        key,
        attempt: { from, to: from },
        tries: [...tries],
        state: 'waits',
        isDropped: false,
        kept: attemptsBefore,
      }
      known.push(each)
      queue.add(each, attemptsBefore)
    }, comesMs)
  }
  for (const { atMs, what } of events) {
    setTimeout(() => {
      if ('drops' in what) {
        const isMeant = ({ key, number }: Known) =>
          what.drops === 'all' || (what.drops === 'odd' ? number % 2 === 1 : key === what.drops)
        for (const each of known.filter(each => each.state !== 'done' && isMeant(each))) {
          each.isDropped = true
          if (each.state === 'waits') each.state = 'dropped'
        }
        queue.drop(isMeant)
      } else if (!isPaused) {
        isPaused = true
        void queue.pause().then(() => {
          if (isPaused) check(() => expect(known.filter(({ state }) => state === 'in hand')).toEqual([]))
        })
        setTimeout(() => {
          isPaused = false
          queue.resume()
        }, what.pausesMs)
      }
    }, atMs)
  }

  await vi.advanceTimersByTimeAsync(hourMs)
  expect(faults).toEqual([])
  expect(known).toHaveLength(items.length)
  expect(known.filter(({ state }) => state === 'waits' || state === 'in hand')).toEqual([])
  expect([queue.size(), queue.waiting(), queue.outage()]).toEqual([0, 0, undefined])
  await queue.stop()
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('keeps all its rules, whatever happens, and in the end everything is done', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  await fc.assert(
    fc.asyncProperty(course, async each => {
      await happen(each)
      expect(unhandled).toEqual([])
    }),
    { numRuns: Number(process.env.RUNS ?? 300) },
  )
  process.off('unhandledRejection', note)
})

/** A queue that handles at once what is there, and what comes of each: `isBad` fails. */
function quick(concurrency: number, isBad: (item: number) => boolean, error: () => Error) {
  const begun: { item: number; at: number }[] = []
  const queue = createKeyedQueue<number>({
    concurrency,
    keyOf: () => undefined,
    handle: async item => {
      begun.push({ item, at: performance.now() })
      if (isBad(item)) throw error()
    },
    nameOf: String,
    log,
  })
  return { queue, begun }
}
const errors = fc.constantFrom(
  () => new Error('fails'),
  () => new OutageError('away', { waitMs: 0 }),
)

it('begins no more in vain in an outage than may be in hand, three at least, and then one, two, four … a wait', async () => {
  const outage = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 3, max: 60 }), errors)
  await fc.assert(
    fc.asyncProperty(outage, async ([concurrency, items, error]) => {
      const { queue, begun } = quick(concurrency, () => true, error)
      for (let item = 0; item < items; item++) queue.add(item)
      await vi.advanceTimersByTimeAsync(60_000)
      const rounds = [...Map.groupBy(begun, ({ at }) => at)].map(([at, { length }]) => ({ at, length }))
      let fresh = items
      for (const [round, { at, length }] of rounds.entries()) {
        const most = round === 0 ? Math.max(concurrency, 3) : Math.min(concurrency, 2 ** (round - 1))
        expect(length).toBe(fresh > 0 ? Math.min(fresh, most) : 1)
        fresh -= Math.min(fresh, length)
        const waitedMs = at - (rounds[round - 1]?.at ?? at - 100)
        expect(waitedMs).toBeGreaterThanOrEqual(100)
        expect(waitedMs).toBeLessThanOrEqual(5_001)
      }
      expect(rounds.length).toBeGreaterThan(10)
      await queue.stop()
    }),
  )
})

it('has those that pass go on behind any number that always fail, and at once when they come later', async () => {
  const mixed = fc.record({
    concurrency: fc.integer({ min: 1, max: 12 }),
    bad: fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
    error: errors,
    later: fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 10 }),
  })
  await fc.assert(
    fc.asyncProperty(mixed, async ({ concurrency, bad, error, later }) => {
      const { queue, begun } = quick(concurrency, item => bad[item] === true, error)
      bad.forEach((_, item) => {
        queue.add(item)
      })
      // One more is known after each wait.
      const bads = bad.filter(isBad => isBad).length
      await vi.advanceTimersByTimeAsync(bads * 5_001)
      expect(queue.size()).toBe(bads)
      queue.add(1_000)
      await vi.advanceTimersByTimeAsync(bads < Math.max(concurrency, 3) ? 0 : 5_001)
      for (const [index, afterMs] of later.entries()) {
        expect(queue.size()).toBe(bads)
        await vi.advanceTimersByTimeAsync(afterMs)
        queue.add(2_000 + index)
        await vi.advanceTimersByTimeAsync(0)
      }
      expect(queue.size()).toBe(bads)
      // What fails is not tried all the time, either.
      await vi.advanceTimersByTimeAsync(600_000)
      const before = begun.length
      await vi.advanceTimersByTimeAsync(600_000)
      expect(begun.length - before).toBeLessThanOrEqual((bads * 600_000) / 30_000 + 1)
      await queue.stop()
    }),
  )
})
