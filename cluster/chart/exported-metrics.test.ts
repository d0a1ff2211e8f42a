import { expect, test } from 'vitest'
import { exportedMetrics, labelsOf } from './exported-metrics.ts'

const markdown = `
| metric         | type      | labels             | what  |
| -------------- | --------- | ------------------ | ----- |
| \`lag\`        | gauge     | \`group\`, \`topic\` | so    |
| \`took\`       | histogram |                    | \`x\` |

| other | \`not_one\` |
`

test('a metric has the labels of its table and those of its target; a histogram is read by its parts', () => {
  const exported = exportedMetrics(markdown)
  expect([...exported.keys()]).toEqual(['lag', 'took'])
  expect(labelsOf('lag', exported)).toEqual(['group', 'topic', 'namespace', 'pod', 'job', 'instance'])
  expect(labelsOf('took_bucket', exported)).toContain('le')
  expect(labelsOf('took_count', exported)).not.toContain('le')
  for (const unknown of ['took', 'lag_bucket', 'not_one', 'x'])
    expect(labelsOf(unknown, exported)).toBeUndefined()
})
