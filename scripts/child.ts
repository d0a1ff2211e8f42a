import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
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
  exited: Promise<Exit>
  /** Set as soon as the process has ended. */
  exit: Exit | undefined
  signal: (signal: NodeJS.Signals) => void
  /** SIGTERM, and SIGKILL after `limitMs` (0: SIGKILL at once). Resolves when the process is gone. */
  stop: (limitMs: number) => Promise<Exit>
}

/**
 * Starts a process in a group of its own, so that the terminal's Ctrl-C does not reach it and a signal reaches its
 * own children too. What it prints is appended to `logFile`.
 */
export function spawnLogged({ command, args, cwd, env }: Command, logFile: string): Child {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  const process_ = spawn(command, args, {
    cwd,
    env,
    detached: process.platform !== 'win32',
    stdio: ['ignore', log, log],
    windowsHide: true,
  })
  closeSync(log)

  const exited = new Promise<Exit>(resolve => {
    process_.once('error', error => resolve({ code: null, reason: error.message }))
    process_.once('exit', (code, signal) => resolve({ code, reason: signal ?? `exit code ${code}` }))
  }).then(exit => {
    child.exit = exit
    return exit
  })
  const child: Child = {
    pid: process_.pid ?? 0,
    exited,
    exit: undefined,
    signal: name => signalGroup(process_.pid, name),
    stop: async limitMs => {
      if (child.exit) return child.exit
      child.signal(limitMs > 0 ? 'SIGTERM' : 'SIGKILL')
      const timer = setTimeout(() => child.signal('SIGKILL'), limitMs)
      const exit = await exited
      clearTimeout(timer)
      return exit
    },
  }
  return child
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

/** The last lines of a log, indented, for a message. */
export function lastLines(logFile: string, count = 12): string {
  try {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count)
    return lines.map(line => `    ${line.slice(0, 300)}`).join('\n')
  } catch {
    return '    (no log)'
  }
}
