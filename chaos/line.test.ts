import { expect, test } from 'vitest'
import { longestLine } from './line.ts'

const asked = (id: string, writtenAt: number, resource = 'Fig') => ({ at: '', resource, id, writtenAt })
const started = (id: string, fence: number, resource = 'Fig') => ({ at: '', resource, id, fence })

test('the longest line is of one resource, and ends with a start', () => {
  const starts = [started('a', 5), started('b', 10), started('c', 12, 'Olive')]
  expect(longestLine([asked('a', 1), asked('b', 5), asked('c', 2, 'Olive')], starts)).toBe(1)
  expect(longestLine([asked('a', 1), asked('b', 4), asked('c', 2)], starts)).toBe(3)
})

test('who never starts waits, and without commands there is no line', () => {
  expect(longestLine([asked('a', 1), asked('b', 9)], [])).toBe(2)
  expect(longestLine([], [])).toBe(0)
})
