import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'

/** What to run. `env` is the whole environment of the process, ours unless given. */
export interface Command {
  command: string
  args: string[]
  cwd?: string
  env?: NodeJS.ProcessEnv
}

/** How a process ended: `exit code 1`, `SIGKILL`, or why it could not be started. */
export interface Exit {
  code: number | null
  reason: string
}

export interface Child {
  pid: number
  /** Resolves when the process has ended, and what it left of its own children too. */
  exited: Promise<Exit>
  /** Set as soon as the process has ended. */
  exit: Exit | undefined
  signal: (signal: NodeJS.Signals) => void
  /** SIGTERM, and SIGKILL after `limitMs` (0: SIGKILL at once). Resolves as `exited` does. */
  stop: (limitMs: number) => Promise<Exit>
}

/** A child whose output is in a file. */
export interface LoggedChild extends Child {
  /** The end of what it printed, indented, for a message: nothing that earlier runs wrote to the same file. */
  lastLines: (count?: number) => string
}

/** How long what a dead process left may take to die of SIGKILL. */
const groupGoneWithinMs = 5_000
/** So much of the end of a log is looked at for its last lines. */
const logTailBytes = 64 * 1024

/**
 * Starts a process in a group of its own, so that the terminal's Ctrl-C does not reach it and a signal reaches its
 * own children too. What it prints is appended to `logFile`.
 */
export function spawnLogged(command: Command, logFile: string): LoggedChild {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  const from = fstatSync(log).size
  const { child } = spawnGroup(command, ['ignore', log, log])
  closeSync(log)
  return Object.assign(child, { lastLines: (count = 12) => lastLines(logFile, from, count) })
}

/** The same for a process whose output is read, or not. */
export function spawnGroup(
  { command, args, cwd, env }: Command,
  stdio: StdioOptions,
): { child: Child; process: ChildProcess } {
  const process_ = spawn(command, args, {
    cwd,
    env,
    detached: process.platform !== 'win32',
    stdio,
    windowsHide: true,
  })
  const exited = new Promise<Exit>(resolve => {
    process_.once('error', error => resolve({ code: null, reason: error.message }))
    process_.once('exit', (code, signal) => resolve({ code, reason: signal ?? `exit code ${code}` }))
  }).then(async exit => {
    child.exit = exit
    await endGroup(child.pid)
    return exit
  })
  const child: Child = {
    pid: process_.pid ?? 0,
    exited,
    exit: undefined,
    signal: name => signalGroup(process_.pid, name),
    stop: async limitMs => {
      if (child.exit) return exited
      child.signal(limitMs > 0 ? 'SIGTERM' : 'SIGKILL')
      const timer = setTimeout(() => child.signal('SIGKILL'), limitMs)
      const exit = await exited
      clearTimeout(timer)
      return exit
    },
  }
  return { child, process: process_ }
}

/** Signals a process and all of its group; one that is gone already is no error. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (!pid) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, constants.signals[signal])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Whether anything of a process group runs. */
export function groupRuns(pid: number): boolean {
  if (!pid || process.platform === 'win32') return false
  try {
    process.kill(-pid, 0)
  } catch {
    return false
  }
  return process.platform !== 'linux' || readdirSync('/proc').some(name => isMember(name, pid))
}

/** A dead leader leaves its workers, such as NGINX's, which keep its ports. */
async function endGroup(pid: number): Promise<void> {
  if (!groupRuns(pid)) return
  signalGroup(pid, 'SIGKILL')
  const end = Date.now() + groupGoneWithinMs
  while (groupRuns(pid) && Date.now() < end) await new Promise(resolve => setTimeout(resolve, 10))
}

/** Zombies are none: they wait for somebody to take note of them, which in a container may be never. */
function isMember(name: string, group: number): boolean {
  if (!/^\d+$/.test(name)) return false
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(itsGroup) === group && state !== 'Z' && state !== 'X'
  } catch {
    return false // it has ended
  }
}

function lastLines(logFile: string, from: number, count: number): string {
  try {
    const log = openSync(logFile, 'r')
    try {
      const { size } = fstatSync(log)
      const start = Math.max(from, size - logTailBytes)
      const tail = Buffer.alloc(Math.max(0, size - start))
      readSync(log, tail, 0, tail.length, start)
      const lines = tail.toString().trimEnd().split('\n').slice(-count)
      return lines.map(line => `    ${line.slice(0, 300)}`).join('\n')
    } finally {
      closeSync(log)
    }
  } catch {
    return '    (no log)'
  }
}
