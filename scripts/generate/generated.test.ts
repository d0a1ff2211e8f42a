import { relative } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { expect, test } from 'vitest'
import { withValues } from './chart-readme.ts'
import { generated } from './generated.ts'

test.each(generated().map(each => ({ ...each, name: relative(root, each.file) })))(
  '$name is what it is made of; `npm run format` makes it',
  ({ is, shouldBe }) => {
    expect(is).toBe(shouldBe)
  },
)

test('a text without the markers is refused', () => {
  expect(() => withValues('no markers')).toThrow('there is no "<!-- values')
})

test('each value has its key, its default and the comment above it', () => {
  const begin = '<!-- values: made by `npm run format` from the comments in values.yaml -->'
  const yaml = '# about a\na:\n  # about b\n  b: [1]\n  c: {}\n# about d\nd: ""\n'
  const lines = withValues(`${begin}\n<!-- end of values -->`, yaml).split('\n')
  expect(lines.filter(line => line.startsWith('| `'))).toEqual([
    '| `a`   |         | about a |',
    '| `a.b` | `[1]`   | about b |',
    '| `a.c` | `{}`    |         |',
    '| `d`   | `""`    | about d |',
  ])
})
