import { expect, it } from 'vitest'
import { percentile } from './measure.ts'

it('a percentile is the nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([50, 99, 100].map(percent => percentile(values, percent))).toEqual([50, 99, 100])
  expect(percentile([7], 50)).toBe(7)
})
