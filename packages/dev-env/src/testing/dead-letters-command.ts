import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { root } from '../paths.ts'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

const script = resolve(root, 'services/dead-letters/src/main.ts')

/** Begins `npm run dead-letters` with nobody at its terminal. `env` is added to this process's own. */
export function beginDeadLetters(
  env: Record<string, string>,
  args: readonly string[],
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>(done => child.once('close', done))
  const ended = Promise.all([code, textOf(child.stdout), textOf(child.stderr)])
  return { child, ended: ended.then(([code, stdout, stderr]) => ({ code, stdout, stderr })) }
}
