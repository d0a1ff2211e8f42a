import { expect, test } from 'vitest'
import { longestGapMs } from './gap.ts'

const window = [1_000, 9_000] as const

test('the longest gap is that between two times, whatever their order', () => {
  expect(longestGapMs([8_000, 2_000, 3_000, 6_500, 9_500], window)).toBe(3_500)
})

test('the wait for the first one counts', () => {
  expect(longestGapMs([5_000, 6_000, 8_000, 9_500], window)).toBe(4_000)
})

test('a gap that begins in the window counts whole', () => {
  expect(longestGapMs([3_000, 5_000, 8_500, 15_000, 40_000], window)).toBe(6_500)
})

test('what is before or after the window does not count', () => {
  expect(longestGapMs([0, 2_000, 4_000, 6_000, 8_000, 9_100, 40_000], window)).toBe(2_000)
})

test('without any, it is all of the window', () => {
  expect(longestGapMs([], window)).toBe(8_000)
  expect(longestGapMs([2_000], window)).toBe(7_000)
})
