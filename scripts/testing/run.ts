import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, type Command, spawnLogged } from '../child.ts'
import { cacheDir, root } from '../paths.ts'
import { startGuardian } from '../platform/guardian.ts'
import type { Count } from './count.ts'

/** One whole test run: its temporary data, the processes that it started, and what they say. */
export interface TestRun {
  /** Removed at the end. */
  dataDir: string
  /** Runs a tool to its end. @returns whether it succeeded; what it printed is shown if it did not */
  tool: (name: string, command: string, args: string[], env?: Record<string, string>) => Promise<boolean>
  /** Runs a check that counts as one failure when it fails, and as nothing otherwise. */
  check: (name: string, command: string, args: string[]) => Promise<Count>
  /** Runs something of ours as a check. */
  attempt: (name: string, work: () => Promise<unknown>) => Promise<Count>
  /** The JSON report that a tool wrote into `dataDir`, counted; a failed run always counts at least one failure. */
  counted: (file: string, succeeded: boolean, count: (report: never) => Count) => Count
  watch: (child: Child) => void
  /** Ends what runs, and removes the data. */
  end: () => Promise<void>
}

export function testRun(): TestRun {
  const dataDir = join(cacheDir, `test-${process.pid}`)
  mkdirSync(dataDir, { recursive: true })
  const children = new Set<Child>()
  const guardian = startGuardian()
  const watch = (child: Child) => {
    children.add(guardian.watch(child))
    void child.exited.then(() => children.delete(child))
  }

  const tool: TestRun['tool'] = async (name, command, args, env) => {
    const logFile = join(dataDir, `${name.replaceAll(/\W+/g, '-')}.log`)
    const startedAt = Date.now()
    const toRun: Command = {
      command,
      args,
      cwd: root,
      env: { ...process.env, TEST_DATA_DIR: dataDir, ...env },
    }
    const child = spawnLogged(toRun, logFile)
    watch(child)
    const { code } = await child.exited
    report(name, startedAt, code === 0, code === 0 ? '' : readFileSync(logFile, 'utf8'))
    return code === 0
  }
  const attempt: TestRun['attempt'] = async (name, work) => {
    const startedAt = Date.now()
    try {
      await work()
      report(name, startedAt, true)
      return { passed: 0, failed: 0 }
    } catch (error) {
      report(name, startedAt, false, error instanceof Error ? error.message : String(error))
      return { passed: 0, failed: 1 }
    }
  }
  return {
    dataDir,
    tool,
    attempt,
    watch,
    check: async (name, command, args) => ({ passed: 0, failed: (await tool(name, command, args)) ? 0 : 1 }),
    counted: (file, succeeded, count) => {
      const path = join(dataDir, file)
      const { passed, failed } = existsSync(path)
        ? count(JSON.parse(readFileSync(path, 'utf8')) as never)
        : { passed: 0, failed: 0 }
      return { passed, failed: succeeded ? failed : Math.max(1, failed) }
    },
    end: async () => {
      await Promise.all([...children].map(child => child.stop(3_000)))
      guardian.dismiss()
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function report(name: string, startedAt: number, ok: boolean, output = ''): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)
  console.log(`${ok ? '✓' : '✗'} ${name.padEnd(22)} ${seconds} s`)
  if (output) console.log(`\n${output.trimEnd().replaceAll(/^/gm, '    ')}\n`)
}
