import type { Count } from './count.ts'

interface Ran {
  count: Count
  /** What was not run, as something is missing: a sentence each. */
  notRun: string[]
  seconds: number
  /** There, each of these is a failure: nobody would read the sentence. */
  isCi: boolean
  /** Whether it is a failure that no test was run. */
  mustRun: boolean
}

/** What is said at the end of a test run, and how it exits. */
export function verdict({ count, notRun, seconds, isCi, mustRun }: Ran): {
  lines: string[]
  exitCode: number
} {
  const { passed, skipped } = count
  const failed = count.failed + (isCi ? notRun.length : 0)
  const strict = isCi && notRun.length > 0 ? ['With CI=true, each of these is a failure.'] : []
  const lines = [
    '',
    ...notRun,
    ...strict,
    `in ${seconds} s`,
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  ]
  const nothingRan = mustRun && passed + skipped === 0
  return { lines, exitCode: failed > 0 || nothingRan ? 1 : 0 }
}
