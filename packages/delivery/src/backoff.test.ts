import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

describe('backoff', () => {
  it('doubles up to five seconds, less a random part', () => {
    expect([1, 2, 3, 10].map(attempt => backoffMs(attempt, { random: () => 0 }))).toEqual([
      200, 400, 800, 5000,
    ])
    expect(backoffMs(1, { random: () => 1 })).toBe(100)
  })
})
