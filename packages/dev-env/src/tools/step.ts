import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { Trouble } from 'kafka-restaurants-service/command'
import { type LoggedChild, spawnLogged } from '../child.ts'
import type { TestRun } from '../testing/run.ts'

const tellEveryMs = 15_000

/** Runs a command to its end. @throws Trouble with the end of what it said, when it fails */
export type Exec = (
  command: string,
  args: string[],
  options?: { cwd?: string; env?: NodeJS.ProcessEnv; mayNotBeCut?: boolean },
) => Promise<void>

/**
 * Gets something with commands, and says so: when it begins, now and then what it is at, and how long it took.
 * Ctrl-C ends its commands, but for one that may not be cut off.
 * @throws what `get` throws
 */
export async function step(what: string, run: TestRun, get: (exec: Exec) => Promise<void>): Promise<void> {
  const logFile = join(run.dataDir, `get-${what.replaceAll(/\W+/g, '-')}.log`)
  const startedAt = Date.now()
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(0)} s`.padStart(6)
  console.log(`  ${what} …`)
  let child: LoggedChild | undefined
  const timer = setInterval(() => {
    const at = stripVTControlCharacters(child?.lastLines(1) ?? '').trim()
    console.log(`  ${seconds()}  ${at.slice(0, 100)}`)
  }, tellEveryMs)
  try {
    await get(async (command, args, { cwd, env, mayNotBeCut } = {}) => {
      run.signal.throwIfAborted()
      child = spawnLogged({ command, args, cwd, env: env ?? process.env }, logFile)
      run.watch(child, mayNotBeCut)
      const { code, reason } = await child.exited
      run.signal.throwIfAborted()
      if (code !== 0) throw new Trouble(`${command} ${args[0]}: ${reason}\n${child.lastLines(6)}`)
    })
    console.log(`✓ ${what.padEnd(44)} ${seconds()}`)
  } finally {
    clearInterval(timer)
  }
}
