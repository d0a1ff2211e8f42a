import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { showProgress } from './progress.ts'

/** @param columns of a terminal; none is no terminal */
function output(columns?: number) {
  const stream = Object.assign(new PassThrough(), { isTTY: columns !== undefined, columns })
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => String(stream.read() ?? '') }
}

test.each([undefined, 0])(
  'without a terminal (%s wide) a step is told when it begins and when it is done',
  columns => {
    const { stream, text } = output(columns)
    const { begin, say } = showProgress(stream)
    const done = begin('Kafka')
    say('fetching')
    expect(text()).toBe('  Kafka …\n  fetching\n')
    done()
    expect(text()).toMatch(/^ {2}✓ Kafka {12}\d\.\d s\n$/)
  },
)

test('nothing is said of a step that ends after the end', () => {
  const { stream, text } = output()
  const { begin, end } = showProgress(stream)
  const done = begin('Kafka')
  text()
  end()
  done()
  expect(text()).toBe('')
})
