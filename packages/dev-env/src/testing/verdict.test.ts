import { expect, test } from 'vitest'
import { verdict } from './verdict.ts'

const ran = {
  count: { passed: 3, failed: 0, skipped: 0 },
  notRun: [],
  seconds: 7,
  isCi: false,
  mustRun: true,
}
const lacking = { ...ran, count: { passed: 3, failed: 0, skipped: 2 }, notRun: ['without a, not run: b'] }

test('all is well when all ran', () => {
  expect(verdict(ran)).toEqual({ lines: ['', 'in 7 s', '3 passed, 0 failed'], exitCode: 0 })
})

test('what could not be run is said, counted as skipped, and no failure', () => {
  expect(verdict(lacking)).toEqual({
    lines: ['', 'without a, not run: b', 'in 7 s', '3 passed, 0 failed, 2 skipped'],
    exitCode: 0,
  })
})

test('in CI it is a failure', () => {
  const { lines, exitCode } = verdict({ ...lacking, isCi: true })
  expect(lines.at(-1)).toBe('3 passed, 1 failed, 2 skipped')
  expect(exitCode).toBe(1)
})

test('a run of no test is a failure, but where there is none', () => {
  const count = { passed: 0, failed: 0, skipped: 0 }
  expect(verdict({ ...ran, count }).exitCode).toBe(1)
  expect(verdict({ ...ran, count, mustRun: false }).exitCode).toBe(0)
})
