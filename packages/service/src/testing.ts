import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A service as a process of its own, as a test needs it. */
export interface SpawnedService {
  url: string
  pid: number
  /** The URL of the admin port, where the service has one. */
  adminUrl: string
  /** The port that takes mail, where the service has one. */
  smtpPort: number
  metricsUrl: string
  /** All that it printed so far. */
  printed: () => string
  /** Its exit code, null if it was killed, once it is gone. */
  exited: Promise<number | null>
  /** Sends a signal; resolves with the exit code (null after SIGKILL) when the process is gone. */
  kill: (signal: NodeJS.Signals) => Promise<number | null>
}

/**
 * Starts `services/<name>` on free ports, and resolves when it is ready.
 * @param args what its command is given
 * @param main its file
 * @throws Error with all that it printed, when it ends or isn't ready in time
 */
export async function spawnService(
  name: string,
  env: Record<string, string>,
  args: string[] = [],
  readyWithinMs = 20_000,
  main = 'main.ts',
): Promise<SpawnedService> {
  const file = fileURLToPath(new URL(`../../../services/${name}/src/${main}`, import.meta.url))
  const free = { PORT: '0', METRICS_PORT: '0', ADMIN_PORT: '0', SMTP_PORT: '0', HOST: '127.0.0.1' }
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'debug', ...free, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>(resolve => child.once('close', resolve))
  const ports = new Map<string, number>()
  let printed = ''
  child.stderr.on('data', chunk => {
    printed += chunk
  })
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${name} ${why}:\n${printed}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail('is not ready in time')
    }, readyWithinMs)
    void exited.then(code => {
      clearTimeout(timer)
      fail(`exited with ${code}`)
    })
    createInterface(child.stdout).on('line', line => {
      printed += `${line}\n`
      const { msg, port, metricsPort } = readLine(line)
      if (msg && port) ports.set(msg, port)
      if (metricsPort) ports.set('metrics', metricsPort)
      if (msg === 'ready') {
        clearTimeout(timer)
        resolve()
      }
    })
  })
  const urlOf = (name: string) => `http://127.0.0.1:${ports.get(name)}`
  return {
    url: urlOf('ready'),
    pid: child.pid ?? 0,
    adminUrl: urlOf('admin listening'),
    smtpPort: ports.get('smtp listening') ?? 0,
    metricsUrl: `${urlOf('metrics')}/metrics`,
    printed: () => printed,
    exited,
    kill: signal => {
      child.kill(signal)
      return exited
    },
  }
}

function readLine(line: string): { msg?: string; port?: number; metricsPort?: number } {
  try {
    return JSON.parse(line)
  } catch {
    return {}
  }
}
