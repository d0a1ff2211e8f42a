import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Breaks } from 'kafka-restaurants-contracts'
import { createContext, startService } from 'kafka-restaurants-service'
import { spawnService } from 'kafka-restaurants-service/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createApp } from '../src/app.ts'
import { Config } from '../src/config.ts'

const nobody = 'http://127.0.0.1:2'

/** A bank with the switch that crashes it, too. */
async function startBank(env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'breaks-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const files = { KEYS_FILE: join(folder, 'keys.json'), LEDGER_FILE: join(folder, 'ledger.sqlite') }
  const bank = await spawnService('bank', { ...files, LOG_LEVEL: 'info', ...env })
  onTestFinished(() => void bank.kill('SIGKILL'))
  return bank
}

async function start(env: Record<string, string>) {
  const config = Config.parse({
    PORT: '0',
    METRICS_PORT: '0',
    HOST: '127.0.0.1',
    BOOTSTRAP_SVR: 'localhost:2',
    TRACKING_URL: nobody,
    ...env,
  })
  const context = createContext('backstage', 'silent')
  const service = await startService(createApp(config, context, []), config, context)
  onTestFinished(() => service.stop())
  return async (path: string, method = 'GET', headers: Record<string, string> = { 'x-backstage': 'yes' }) => {
    const answer = await fetch(`http://127.0.0.1:${service.port}${path}`, { method, headers })
    return { status: answer.status, body: await answer.json() }
  }
}

test('where nothing may be broken, nothing is', async () => {
  const ask = await start({ BANK_ADMIN_URL: nobody })
  expect((await ask('/breaks')).body).toEqual({ allowed: false, broken: [] })
  expect((await ask('/breaks/bank-away', 'POST')).status).toBe(403)
})

test('the bank is away for a while, and says until when; it is broken once at a time', async () => {
  const bank = await startBank()
  const ask = await start({ BREAKS_ALLOWED: 'true', BANK_ADMIN_URL: bank.adminUrl })
  const { status, body } = await ask('/breaks/bank-away', 'POST')
  expect(status).toBe(200)
  const until = Date.parse(Breaks.parse(body).broken[0]?.until ?? '')
  expect(until - Date.now()).toBeGreaterThan(20_000)
  expect(until - Date.now()).toBeLessThanOrEqual(30_000)
  await expect(fetch(`${bank.url}/.well-known/jwks.json`)).rejects.toThrow()
  expect((await ask('/breaks/bank-slow', 'POST')).status).toBe(409)
  await fetch(`${bank.adminUrl}/mode`, { method: 'PUT', body: JSON.stringify({ mode: 'normal' }) })
  expect((await ask('/breaks')).body).toEqual({ allowed: true, broken: [] })
})

test('a worker is killed, where that itself has been told that it may be', async () => {
  const bank = await startBank({ BREAKS_ALLOWED: 'true' })
  const ask = await start({ BREAKS_ALLOWED: 'true', WORKER_URL: new URL(bank.metricsUrl).origin })
  expect((await ask('/breaks/worker-killed', 'POST')).status).toBe(200)
  expect(await bank.exited).toBe(null)
  const careful = await startBank()
  const again = await start({ BREAKS_ALLOWED: 'true', WORKER_URL: new URL(careful.metricsUrl).origin })
  expect((await again('/breaks/worker-killed', 'POST')).status).toBe(503)
})

test('without a part, with another name, or from another page, nothing is broken', async () => {
  const ask = await start({ BREAKS_ALLOWED: 'true', INBOX_URL: nobody })
  expect((await ask('/breaks/bank-away', 'POST')).status).toBe(404)
  expect((await ask('/breaks/everything', 'POST')).status).toBe(404)
  expect((await ask('/breaks/mail-away', 'POST')).status).toBe(503)
  expect((await ask('/breaks/mail-away', 'POST', {})).status).toBe(403)
  expect(Breaks.parse((await ask('/breaks')).body)).toEqual({ allowed: true, broken: [] })
  await vi.waitFor(async () => expect((await ask('/health')).status).toBe(200))
})
