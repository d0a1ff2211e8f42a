import { expect, test } from 'vitest'
import { countPlaywright, countVitest, sum } from './count.ts'

test('a test file that could not be loaded counts as a failure', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] },
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
  ]
  const report = { numPassedTests: 2, numFailedTests: 1, numPendingTests: 4, testResults }
  expect(countVitest(report)).toEqual({ passed: 2, failed: 2, skipped: 4 })
})

test('a journey that passed when repeated has passed', () => {
  expect(countPlaywright({ stats: { expected: 3, flaky: 1, unexpected: 2, skipped: 5 } })).toEqual({
    passed: 4,
    failed: 2,
    skipped: 5,
  })
})

test('counts add up', () => {
  const counts = [
    { passed: 1, failed: 0, skipped: 4 },
    { passed: 2, failed: 3, skipped: 1 },
  ]
  expect(sum(counts)).toEqual({ passed: 3, failed: 3, skipped: 5 })
})
