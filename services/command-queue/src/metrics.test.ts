import { expect, it } from 'vitest'
import { boundedLines, type Line, mostNamed } from './metrics.ts'

const lines = (count: number): Line[] =>
  Array.from({ length: count }, (_, index) => ({ queue: `q${index}`, length: index, running: 1, limit: 2 }))

it('as many queues as may have a name have one', () => {
  expect(boundedLines(lines(mostNamed))).toEqual(lines(mostNamed))
})

it('of more queues the longest have a name, and all others are one, of which nothing is lost', () => {
  const told = boundedLines(lines(mostNamed + 3))
  expect(told).toHaveLength(mostNamed + 1)
  expect(told[0]).toEqual({ queue: 'q102', length: 102, running: 1, limit: 2 })
  expect(told.at(-2)).toMatchObject({ queue: 'q3' })
  expect(told.at(-1)).toEqual({ queue: 'other', length: 0 + 1 + 2, running: 3, limit: 6 })
})
