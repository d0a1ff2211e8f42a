import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from '../paths.ts'
import { waitUntil } from '../wait-until.ts'

/** Whether a process runs; one that has ended, and that nobody took note of yet, does not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** A script whose process has a child in its group, as NGINX's master has workers. It prints the child's pid. */
export const withWorker = (worker = 'setInterval(() => {}, 1000)') =>
  `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(worker)}], { stdio: 'inherit' })
  console.log(pid)
  setInterval(() => {}, 1000)`

/** A command as somebody at a terminal has it, killed with the test if it still runs. */
export function command(words: string[], env: NodeJS.ProcessEnv = {}) {
  const [program = '', ...args] = words
  let output = ''
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    output += text
  })
  const ended = new Promise<number | null>(done => child.once('close', code => done(code)))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    pid: child.pid ?? 0,
    printed: () => output,
    /** Its exit code, once it has ended and closed its output. */
    ended,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    prints: (text: string, deadlineMs: number) =>
      waitUntil(`"${text}" printed`, deadlineMs, () => output.includes(text)).catch(error => {
        throw new Error(`${error.message}; it printed:\n${output}`)
      }),
  }
}

/** Runs the command of a name, such as `start`, to its end. */
export async function runScript(name: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const files = JSON.parse(readFileSync(resolve(root, 'scripts/commands.json'), 'utf8'))
  const run = command(['node', resolve(root, files[name]), ...args], env)
  return { code: await run.ended, printed: run.printed() }
}
