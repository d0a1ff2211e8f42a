import { accessSync, constants, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from 'kafka-restaurants-service'
import { Trouble, UsageError } from 'kafka-restaurants-service/command'

const lockFile = (dataDir: string) => join(dataDir, 'platform.pid')
const lookEveryMs = 500

export interface Lock {
  /** Whether who held it before was killed: what it started may be ending still. */
  takenOver: boolean
  /** Resolves if somebody takes the lock or its folder away. */
  gone: Promise<void>
  /** No longer looks whether it is there. */
  stopWatching: () => void
  release: () => void
}

/**
 * Makes this process the only one that runs a platform on `dataDir`, until it is released. A lock that a killed process
 * left behind is taken over.
 * @throws UsageError when the folder can't be made or written
 * @throws Trouble when a platform runs on it
 */
export function lockDataDir(dataDir: string): Lock {
  // Kafka would take it for a list of folders.
  if (dataDir.includes(',')) throw new UsageError(`DATA_DIR ${dataDir} can't be used: it holds a comma.`)
  makeWritable(dataDir)
  const holder = lockHolder(dataDir)
  if (holder) throw alreadyRuns(dataDir, holder)
  const takenOver = contentOf(dataDir) !== undefined
  rmSync(lockFile(dataDir), { force: true })
  take(dataDir)
  const isOurs = () => contentOf(dataDir) === String(process.pid)
  const gone = Promise.withResolvers<void>()
  const timer = setInterval(() => {
    if (!isOurs() && (contentOf(dataDir) !== undefined || !existsSync(lockFile(dataDir)))) gone.resolve()
  }, lookEveryMs)
  timer.unref()
  const stopWatching = () => clearInterval(timer)
  return {
    takenOver,
    gone: gone.promise,
    stopWatching,
    release: () => {
      stopWatching()
      if (isOurs()) rmSync(lockFile(dataDir), { force: true })
    },
  }
}

/** The process that runs a platform on `dataDir`, if one does. */
export function lockHolder(dataDir: string): number | undefined {
  const pid = Number(contentOf(dataDir))
  return isPlatform(pid) ? pid : undefined
}

function makeWritable(dataDir: string): void {
  try {
    makeFolder(dataDir)
    if (!statSync(dataDir).isDirectory()) throw new Error('it is a file')
    accessSync(dataDir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw cantBeUsed(dataDir, error)
  }
}

/** `wx` decides between two that start in the same moment. */
function take(dataDir: string): void {
  try {
    writeFileSync(lockFile(dataDir), String(process.pid), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cantBeUsed(dataDir, error)
    throw alreadyRuns(dataDir, lockHolder(dataDir))
  }
}

function contentOf(dataDir: string): string | undefined {
  try {
    return readFileSync(lockFile(dataDir), 'utf8')
  } catch {
    return undefined
  }
}

const alreadyRuns = (dataDir: string, holder: number | undefined) =>
  new Trouble(
    `A platform already runs on ${dataDir}${holder ? ` (process ${holder})` : ''}. Stop it, or start with another DATA_DIR and PORT_OFFSET.`,
  )

function cantBeUsed(dataDir: string, error: unknown): UsageError {
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: Record<string, string> = {
    ENOENT: 'no folder can be made there',
    ENOTDIR: 'a part of the path is a file',
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    EROFS: 'it is on a read-only file system',
    ENOSPC: 'the disk is full',
  }
  return new UsageError(`DATA_DIR ${dataDir} can't be used: ${reasons[code ?? ''] ?? message}.`)
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
