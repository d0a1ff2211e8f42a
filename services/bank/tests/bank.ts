import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CompactEncrypt, importJWK } from 'jose'
import { type PaymentKey, sealing } from 'kafka-restaurants-contracts'
import { createContext, readConfig, startService } from 'kafka-restaurants-service'
import { onTestFinished } from 'vitest'
import { createApp } from '../src/app.ts'
import { Config } from '../src/config.ts'

/** A body, for a test to look into as it likes. */
// biome-ignore lint/suspicious/noExplicitAny: what it holds is what the tests find out
export const json = (response: Response): Promise<any> => response.json()

export const newFolder = () => mkdtempSync(join(tmpdir(), 'bank-'))

const environment = (folder: string) => ({
  PORT: '0',
  METRICS_PORT: '0',
  ADMIN_PORT: '0',
  HOST: '127.0.0.1',
  LEDGER_FILE: join(folder, 'deep/er/ledger.sqlite'),
  KEYS_FILE: join(folder, 'keys/keys.json'),
})

/** A bank in this process, on free ports and files of its own, with what it logged. */
export async function startBank(folder = newFolder()) {
  const logged: string[] = []
  const context = createContext('bank', 'trace', { write: line => void logged.push(line) })
  const config = readConfig(Config, environment(folder))
  const app = createApp(config, context)
  const running = await startService(app, config, context)
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= running.stop()
    return stopped
  }
  onTestFinished(stop)
  const admin = `http://127.0.0.1:${app.adminPort()}`
  return {
    ...callers(`http://127.0.0.1:${running.port}`, admin),
    folder,
    logged,
    stop,
    config,
    metricsPort: running.metricsPort,
  }
}

/** A bank as a process of its own. `exit` settles with its exit code. */
export async function spawnBank(folder = newFolder(), env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    env: { PATH: process.env.PATH, ...environment(folder), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', chunk => {
    errors += chunk
  })
  const exit = once(child, 'close').then(([code]) => ({ code: code as number | null, errors }))
  const ports = await Promise.race([readPorts(child), exit.then(() => undefined)])
  const bank = callers(`http://127.0.0.1:${ports?.public}`, `http://127.0.0.1:${ports?.admin}`)
  return { ...bank, child, exit, folder }
}

async function readPorts(child: ChildProcess) {
  if (!child.stdout) throw new Error('no output')
  let admin = 0
  const lines = createInterface(child.stdout)
  try {
    for await (const line of lines) {
      const { msg, port } = JSON.parse(line)
      if (msg === 'admin listening') admin = port
      if (msg === 'ready') return { admin, public: port as number }
    }
  } finally {
    child.stdout.resume()
  }
}

function callers(url: string, admin: string) {
  return {
    url,
    admin,
    charge: (key: string, body: object | string = {}, headers: Record<string, string> = {}) =>
      fetch(`${url}/charges`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(key && { 'Idempotency-Key': key }), ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    setMode: (mode: object) => fetch(`${admin}/mode`, { method: 'PUT', body: JSON.stringify(mode) }),
    summary: () => fetch(`${admin}/charges/summary`).then(json),
    charges: (query = '') => fetch(`${admin}/charges${query}`).then(json),
    jwks: () => fetch(`${url}/.well-known/jwks.json`).then(json),
  }
}

export const order = (card = '4242424242424242', reference = 'order-3@42') => ({
  card,
  amount_cents: 2500,
  currency: 'EUR',
  reference,
})

/** Seals a number as a browser does. */
export async function seal(number: string, key: PaymentKey): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(number))
    .setProtectedHeader({ ...sealing, kid: key.kid })
    .encrypt(await importJWK(key))
}
