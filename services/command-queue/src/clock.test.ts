import { describe, expect, it } from 'vitest'
import { dueAt, remindersOf } from './clock.ts'
import type { Limits } from './decide.ts'

const limits: Limits = { semaphoreLimit: 1, queueLimit: 5, leaseMs: null, dedupeMs: 60_000, dedupeLimit: 100 }
const leases =
  (...until: (number | undefined)[]) =>
  () =>
    until.map((leaseUntil, index) => ({ id: `${index}`, fence: index, startedAt: 1_000, leaseUntil }))
const nothing = { fence: 7, running: 0, waiting: 0 }

describe('a resource is looked at again', () => {
  it('when a lease runs out', () => {
    const resource = { ...nothing, running: 4, leaseUntil: 5_000, waiting: 1 }
    const running = leases(6_000, 5_000, undefined, 5_000)
    const over = (fence: number) => ({ type: 'LEASE_OVER', id: `${fence}`, fence })
    expect(dueAt(resource, limits)).toBe(5_000)
    expect(remindersOf(resource, running, limits, 4_999)).toEqual([])
    expect(remindersOf(resource, running, limits, 5_000)).toEqual([over(1), over(3)])
    expect(remindersOf(resource, running, limits, 6_000)).toEqual([over(0), over(1), over(3)])
  })

  it('at once where somebody waits and may start, as the limits are others', () => {
    const resource = { ...nothing, running: 1, waiting: 1 }
    expect(dueAt(resource, limits)).toBe(Number.POSITIVE_INFINITY)
    expect(dueAt(resource, { ...limits, semaphoreLimit: 2 })).toBe(0)
    expect(dueAt(resource, { ...limits, semaphoreLimit: null })).toBe(0)
    expect(remindersOf(resource, leases(undefined), { ...limits, semaphoreLimit: 2 }, 1)).toEqual([
      { type: 'LOOK' },
    ])
  })

  it('when all of it may be forgotten, its last fence too', () => {
    expect(dueAt({ ...nothing, endedUntil: 9_000 }, limits)).toBe(9_000)
    expect(dueAt({ ...nothing, fence: 9_000 }, limits)).toBe(9_001)
  })

  it('never where somebody runs without a lease', () => {
    expect(dueAt({ ...nothing, running: 1, endedUntil: 9_000 }, limits)).toBe(Number.POSITIVE_INFINITY)
  })
})
