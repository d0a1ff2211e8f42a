import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Trouble } from './trouble.ts'

const lockFile = (dataDir: string) => join(dataDir, 'platform.pid')

/**
 * Makes this process the only one that runs a platform on `dataDir`, until the returned function is called. A lock
 * that a killed process left behind is taken over.
 * @throws Trouble when a platform runs on it
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true })
  const holder = lockHolder(dataDir)
  if (holder) {
    throw new Trouble(
      `A platform already runs on ${dataDir} (process ${holder}). Stop it, or start with another DATA_DIR and PORT_OFFSET.`,
    )
  }
  rmSync(lockFile(dataDir), { force: true })
  // `wx` decides between two that start in the same moment.
  writeFileSync(lockFile(dataDir), String(process.pid), { flag: 'wx' })
  return () => rmSync(lockFile(dataDir), { force: true })
}

/** The process that runs a platform on `dataDir`, if one does. */
export function lockHolder(dataDir: string): number | undefined {
  try {
    const pid = Number(readFileSync(lockFile(dataDir), 'utf8'))
    return isPlatform(pid) ? pid : undefined
  } catch {
    return undefined
  }
}

/** Whether a process lives and, where the system tells (Linux), is a Node: pids are given out again. */
function isPlatform(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node')
  } catch {
    return true
  }
}
