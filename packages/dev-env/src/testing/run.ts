import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, type Command, spawnLogged } from '../child.ts'
import { cacheDir, root } from '../paths.ts'
import { startGuardian } from '../platform/guardian.ts'
import { type Count, nothing } from './count.ts'

/** One whole test run: its temporary data, the processes that it started, and what they say. */
export interface TestRun {
  /** Removed at the end. */
  dataDir: string
  /** Aborted when the run is ended: nothing more is started then. */
  signal: AbortSignal
  /** Runs a tool to its end. @returns whether it succeeded; what it printed is shown if it did not */
  tool: (name: string, command: string, args: string[], env?: Record<string, string>) => Promise<boolean>
  /** Runs a check that counts as one failure when it fails, and as nothing otherwise. */
  check: (name: string, command: string, args: string[]) => Promise<Count>
  /** Runs something of ours as a check. */
  attempt: (name: string, work: () => Promise<unknown>) => Promise<Count>
  /** The JSON report that a tool wrote into `dataDir`, counted; a failed run always counts at least one failure. */
  counted: (file: string, succeeded: boolean, count: (report: never) => Count) => Count
  /** A child that is ended with the run; one that may not be cut off is waited for instead. */
  watch: (child: Child, mayNotBeCut?: boolean) => void
  /** Ends what runs, and removes the data. */
  end: () => Promise<void>
}

export function testRun(): TestRun {
  const dataDir = join(cacheDir, `test-${process.pid}`)
  mkdirSync(dataDir, { recursive: true })
  const ending = new AbortController()
  const children = new Map<Child, () => Promise<unknown>>()
  const guardian = startGuardian()
  const watch: TestRun['watch'] = (child, mayNotBeCut) => {
    if (!mayNotBeCut) guardian.watch(child)
    children.set(child, () => (mayNotBeCut ? child.exited : child.stop(3_000)))
    void child.exited.then(() => children.delete(child))
  }

  const tool: TestRun['tool'] = async (name, command, args, env) => {
    ending.signal.throwIfAborted()
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
    ending.signal.throwIfAborted()
    report(name, startedAt, code === 0, code === 0 ? '' : readFileSync(logFile, 'utf8'))
    return code === 0
  }
  const attempt: TestRun['attempt'] = async (name, work) => {
    const startedAt = Date.now()
    try {
      await work()
      report(name, startedAt, true)
      return nothing
    } catch (error) {
      ending.signal.throwIfAborted()
      report(name, startedAt, false, error instanceof Error ? error.message : String(error))
      return { ...nothing, failed: 1 }
    }
  }
  return {
    dataDir,
    signal: ending.signal,
    tool,
    attempt,
    watch,
    check: async (name, command, args) => ({ ...nothing, failed: (await tool(name, command, args)) ? 0 : 1 }),
    counted: (file, succeeded, count) => {
      const path = join(dataDir, file)
      const counted = existsSync(path) ? count(JSON.parse(readFileSync(path, 'utf8')) as never) : nothing
      return { ...counted, failed: succeeded ? counted.failed : Math.max(1, counted.failed) }
    },
    end: async () => {
      ending.abort()
      await Promise.all([...children.values()].map(end => end()))
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
