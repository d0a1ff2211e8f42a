import { expect, it } from 'vitest'
import { cpuTable, percentile } from './measure.ts'

it('a percentile is the nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([50, 99, 100].map(percent => percentile(values, percent))).toEqual([50, 99, 100])
  expect(percentile([7], 50)).toBe(7)
})

it('the CPU of each part is told for all of a run and an order, the most first', () => {
  const before = new Map([
    ['bank', 1],
    ['Kafka', 2],
  ])
  const after = new Map([
    ['bank', 1.5],
    ['Kafka', 4],
    ['load', 0.5],
  ])
  expect(cpuTable(500, before, after)).toEqual([
    'CPU',
    'Kafka           2.00 s   4.00 ms an order   67 %',
    'bank            0.50 s   1.00 ms an order   17 %',
    'load            0.50 s   1.00 ms an order   17 %',
    'all             3.00 s   6.00 ms an order  100 %',
  ])
})
