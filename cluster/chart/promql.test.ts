import { expect, test } from 'vitest'
import { resultLabels, usedIn } from './promql.ts'

test('a query tells its metrics, with the labels that it matches, groups by and joins by', () => {
  const lag = 'sum by (namespace, group) (lag{topic=~"a|b"}) > 10'
  expect(usedIn(`${lag} unless on (namespace) group by (namespace) (members)`)).toEqual([
    { metric: 'lag', labels: ['group', 'namespace', 'topic'] },
    { metric: 'members', labels: ['namespace'] },
  ])
  expect(usedIn('topk(3, sum by (queue) (length))')).toEqual([{ metric: 'length', labels: ['queue'] }])
  expect(usedIn('min_over_time(lag[10m:1m] offset 5m)')).toEqual([{ metric: 'lag', labels: [] }])
})

test('what is no PromQL, names no metric, or asks for a label that is gone, is refused', () => {
  expect(() => usedIn('sum by (group (lag)')).toThrow('not PromQL at')
  expect(() => usedIn('rate(lag[5 minutes])')).toThrow('not PromQL at')
  expect(() => usedIn('{group="a"}')).toThrow('without the name of a metric')
  expect(() => usedIn('sum by (group) (max by (topic) (lag))')).toThrow('"group" is not kept by "max by')
  expect(() => usedIn('sum(lag) and on (group) members')).toThrow('"group" is not kept by "sum(lag)"')
})

test('the labels of a result are those that every part of it has', () => {
  expect(resultLabels('sum by (a, b) (x) / sum by (a) (y)')).toEqual(['a'])
  expect(resultLabels('topk(3, sum by (queue) (length))')).toEqual(['queue'])
  expect(resultLabels('sum by (a, b) (x) unless on (a) group by (a) (y)')).toEqual(['a', 'b'])
  expect(resultLabels('sum by (a) (x) or absent(y)')).toEqual([])
  expect(resultLabels('histogram_quantile(0.5, sum by (le, job) (x_bucket))')).toEqual(['le', 'job'])
  expect(resultLabels('x')).toBeUndefined()
})
