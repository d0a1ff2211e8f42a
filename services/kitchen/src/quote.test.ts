import fc from 'fast-check'
import { expect, it } from 'vitest'
import { minutesUntilReady } from './quote.ts'

const idle = { recentMinutes: [], usualMinutes: 15, cooking: 0, waiting: 0 }

it('an idle kitchen needs the time of one order', () => {
  expect(minutesUntilReady(idle)).toBe(15)
  expect(minutesUntilReady({ ...idle, slots: 4 })).toBe(15)
  expect(minutesUntilReady({ ...idle, slots: 4, cooking: 3 })).toBe(15)
})

it('the latest orders say how long one takes, and one that was forgotten does not count', () => {
  expect(minutesUntilReady({ ...idle, recentMinutes: [4, 600, 5] })).toBe(5)
  expect(minutesUntilReady({ ...idle, recentMinutes: [4, 5, 6, 600] })).toBe(6)
})

it('with all slots taken, the order waits for one, and for those before it', () => {
  expect(minutesUntilReady({ ...idle, slots: 3, cooking: 3 })).toBe(20)
  expect(minutesUntilReady({ ...idle, slots: 3, cooking: 3, waiting: 2 })).toBe(30)
  expect(minutesUntilReady({ ...idle, slots: 1, cooking: 1, waiting: 3 })).toBe(75)
})

it('without a limit, a kitchen cooks as many at a time as it does now', () => {
  expect(minutesUntilReady({ ...idle, cooking: 3 })).toBe(20)
})

it('a restaurant that may cook nothing, or that is instant, gets some quote, too', () => {
  expect(minutesUntilReady({ ...idle, slots: 0 })).toBe(15)
  expect(minutesUntilReady({ ...idle, recentMinutes: [0, 0] })).toBe(1)
})

it('more orders before it never make an order earlier', () => {
  const some = fc.nat({ max: 200 })
  const workload = fc.record({
    recentMinutes: fc.array(fc.float({ min: 0, max: 1_000, noNaN: true }), { maxLength: 20 }),
    usualMinutes: fc.integer({ min: 1, max: 100 }),
    cooking: some,
    waiting: some,
    slots: fc.option(some, { nil: undefined }),
  })
  fc.assert(
    fc.property(workload, work => {
      const minutes = minutesUntilReady(work)
      expect(minutes).toBeGreaterThanOrEqual(1)
      expect(Number.isInteger(minutes)).toBe(true)
      expect(minutesUntilReady({ ...work, waiting: work.waiting + 1 })).toBeGreaterThanOrEqual(minutes)
    }),
  )
})
