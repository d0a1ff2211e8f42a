import { expect, test } from 'vitest'
import { labelsOf } from './exported-metrics.ts'

const exported = new Map([
  ['lag', { type: 'gauge', labels: ['group', 'topic'] }],
  ['took', { type: 'histogram', labels: [] }],
])

test('a metric has the labels of its row and those of its target; a histogram is read by its parts', () => {
  expect(labelsOf('lag', exported)).toEqual(['group', 'topic', 'namespace', 'pod', 'job', 'instance'])
  expect(labelsOf('took_bucket', exported)).toContain('le')
  expect(labelsOf('took_count', exported)).not.toContain('le')
  for (const unknown of ['took', 'lag_bucket', 'x']) expect(labelsOf(unknown, exported)).toBeUndefined()
})
