import { mkdirSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { positiveNumber, readArgs, reportFailure, Trouble, UsageError, wholeNumber } from './command.ts'

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

function reported(work: () => unknown) {
  const said: unknown[] = []
  vi.spyOn(console, 'error').mockImplementation(what => void said.push(what))
  try {
    work()
  } catch (error) {
    reportFailure(error)
  }
  return { said, code: process.exitCode }
}

test('what the system refuses is told in its words, without a stack', () => {
  const { said, code } = reported(() => mkdirSync(import.meta.filename))
  expect(said).toEqual([
    expect.stringMatching(/^\nEEXIST: file already exists, mkdir '.*command\.test\.ts'$/),
  ])
  expect(code).toBe(1)
})

test('trouble is told as it is, and exits 1; a wrong call exits 2', () => {
  const trouble = reported(() => {
    throw new Trouble('No Java.')
  })
  expect(trouble).toEqual({ said: ['\nNo Java.'], code: 1 })
  const usage = reported(() => {
    throw new UsageError('No such option.')
  })
  expect(usage).toEqual({ said: ['No such option.'], code: 2 })
})

test.each([
  [['--foo'], 'There is no option --foo. There are: --keep, --rate.'],
  [['-x'], 'There is no option -x. There are: --keep, --rate.'],
  [['word'], '"word" is no option. There are: --keep, --rate.'],
  [['--rate'], "Option '--rate <value>' argument missing. There are: --keep, --rate."],
  [['--keep=5'], "Option '--keep' does not take an argument. There are: --keep, --rate."],
])('%j is refused with what there is', (args, words) => {
  const read = () => readArgs({ args, options: { keep: { type: 'boolean' }, rate: { type: 'string' } } })
  expect(read).toThrow(new UsageError(words))
})

test.each(['', 'x', '-1', '1.5', '1e3', '0x10', ' 5', '0', '101', '9'.repeat(13)])(
  '%j is no whole number from 1 to 100',
  given => {
    expect(() => wholeNumber('--rate', given, 7, { min: 1, max: 100 })).toThrow(
      new UsageError(`--rate must be a whole number from 1 to 100, not "${given}".`),
    )
  },
)

test.each(['', 'x', '-1', '1e9', '0', '0.0', '101', 'Infinity'])('%j is no number above 0, to 100', given => {
  expect(() => positiveNumber('--minutes', given, 7, 100)).toThrow(
    new UsageError(`--minutes must be a number above 0, to 100, not "${given}".`),
  )
})

test('numbers that are given are taken, and others have their default', () => {
  expect(wholeNumber('--rate', '100', 7, { min: 1, max: 100 })).toBe(100)
  expect(wholeNumber('--rate', undefined, 7)).toBe(7)
  expect(positiveNumber('--minutes', '0.5', 7, 100)).toBe(0.5)
  expect(positiveNumber('--minutes', undefined, 7, 100)).toBe(7)
})
