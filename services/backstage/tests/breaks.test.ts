import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Breaks } from 'kafka-restaurants-contracts'
import { createContext, startService } from 'kafka-restaurants-service'
import { spawnService } from 'kafka-restaurants-service/testing'
import { expect, inject, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createApp } from '../src/app.ts'
import { Config } from '../src/config.ts'

const Problem = z.looseObject({ detail: z.string().optional() })
const nobody = 'http://127.0.0.1:2'

async function spawned(name: string, env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'breaks-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const files = ['KEYS_FILE', 'LEDGER_FILE', 'INBOX_FILE'].map(file => [file, join(folder, file)])
  const service = await spawnService(name, { ...Object.fromEntries(files), ...env })
  onTestFinished(() => void service.kill('SIGKILL'))
  return service
}

const workerEnv = { BOOTSTRAP_SVR: inject('bootstrap'), GROUP_ID: 'breaks', ORDER_TOPIC: 'breaks-order' }

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
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${service.port}${path}`, init)
    return { status: answer.status, body: Problem.parse(await answer.json()) }
  }
  return {
    ask,
    press: (name: string) => ask(`/breaks/${name}`, { method: 'POST', headers: { 'x-backstage': 'yes' } }),
    broken: async () => Breaks.parse((await ask('/breaks')).body).broken,
  }
}

const Mode = z.object({ mode: z.string(), until: z.iso.datetime().optional(), forMs: z.number().optional() })
const modeOf = async (url: string) => Mode.parse(await (await fetch(url)).json())
const setMode = (url: string, mode: object) => fetch(url, { method: 'PUT', body: JSON.stringify(mode) })

test('unless it is told where anything is, nothing may be broken', async () => {
  const { ask, press } = await start({})
  expect((await ask('/breaks')).body).toEqual({ allowed: [], broken: [] })
  expect(await press('bank-away')).toMatchObject({
    status: 404,
    body: {
      title: 'It can not be broken here',
      detail: expect.stringMatching(/BANK_ADMIN_URL.*breaksAllowed/),
    },
  })
})

test('the bank is away for half a minute, by its own clock: it is back also without backstage', async () => {
  const bank = await spawned('bank', {})
  const { press, broken } = await start({ BANK_ADMIN_URL: bank.adminUrl })
  const { status, body } = await press('bank-away')
  expect(status).toBe(200)
  const { allowed, broken: now } = Breaks.parse(body)
  expect(allowed).toEqual(['bank-away', 'bank-slow'])
  expect(now.map(({ name }) => name)).toEqual(['bank-away'])
  expect(now[0]?.secondsLeft).toBeOneOf([29, 30])
  await expect(fetch(`${bank.url}/.well-known/jwks.json`)).rejects.toThrow()
  const mode = await modeOf(`${bank.adminUrl}/mode`)
  expect(Date.parse(mode.until ?? '') - Date.now()).toBeGreaterThan(25_000)

  const another = await start({ BANK_ADMIN_URL: bank.adminUrl })
  expect((await another.broken()).map(({ name }) => name)).toEqual(['bank-away'])
  for (const name of ['bank-away', 'bank-slow'])
    expect(await another.press(name)).toMatchObject({
      status: 409,
      body: { title: 'It is broken already', detail: `It is away until ${mode.until}.` },
    })
  expect(await modeOf(`${bank.adminUrl}/mode`)).toEqual(mode)
  await setMode(`${bank.adminUrl}/mode`, { mode: 'away', forMs: 1 })
  await expect.poll(broken).toEqual([])
  expect((await fetch(`${bank.url}/.well-known/jwks.json`)).status).toBe(200)
})

test('what somebody else has broken is told, and stays as it is', async () => {
  const bank = await spawned('bank', {})
  const { press, broken } = await start({ BANK_ADMIN_URL: bank.adminUrl })
  await setMode(`${bank.adminUrl}/mode`, { mode: 'slow' })
  expect(await broken()).toEqual([{ name: 'bank-slow' }])
  expect(await press('bank-away')).toMatchObject({
    status: 409,
    body: { detail: 'It is slow until somebody changes it.' },
  })
})

test('the mail server is away', async () => {
  const inbox = await spawned('inbox', {})
  const { press, broken } = await start({ INBOX_URL: `${inbox.url}/` })
  expect((await press('mail-away')).status).toBe(200)
  expect(await broken()).toEqual([{ name: 'mail-away', secondsLeft: expect.any(Number) }])
  expect(await modeOf(`${inbox.url}/api/mode`)).toMatchObject({ mode: 'away', forMs: 30_000 })
})

test('a worker is killed as by kill -9, where it may be, and not again at once', async () => {
  const worker = await spawned('transaction', { ...workerEnv, CRASH_ALLOWED: 'true' })
  const metricsUrl = new URL(worker.metricsUrl).origin
  expect((await fetch(`${metricsUrl}/crash`, { method: 'POST' })).status).toBe(403)
  const { press, broken } = await start({ WORKER_URL: metricsUrl })
  const two = await Promise.all([press('worker-killed'), press('worker-killed')])
  expect(two.map(({ status }) => status)).toEqual([200, 409])
  expect(two[1]?.body.detail).toMatch(/^It may be killed again in (29|30) s\.$/)
  expect(await worker.exited, 'killed by a signal').toBe(null)
  expect(worker.printed()).not.toContain('"stopping"')
  expect((await broken()).map(({ name }) => name)).toEqual(['worker-killed'])
})

test('a worker that may not be killed lives on, and what to do is said', async () => {
  const worker = await spawned('transaction', workerEnv)
  const { press, broken } = await start({ WORKER_URL: new URL(worker.metricsUrl).origin })
  expect(await press('worker-killed')).toMatchObject({
    status: 503,
    body: { detail: 'The worker may not be killed: set CRASH_ALLOWED=true there.' },
  })
  expect(await broken()).toEqual([])
  expect((await fetch(worker.metricsUrl)).status).toBe(200)
})

test('who is not there can not be broken: that is said, and may be tried again', async () => {
  const { press, broken } = await start({ INBOX_URL: nobody, BANK_ADMIN_URL: nobody, WORKER_URL: nobody })
  for (const [name, path] of [
    ['bank-away', '/mode'],
    ['mail-away', '/api/mode'],
    ['worker-killed', '/crash'],
    ['worker-killed', '/crash'],
  ] as const)
    expect(await press(name)).toMatchObject({
      status: 503,
      body: { title: 'It can not be broken now', detail: `Nobody answers ${path}.` },
    })
  expect(await broken()).toEqual([])
})

test('who is no mock can not be broken', async () => {
  const server = createServer((_request, response) => void response.end('{"mode": 5}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { press } = await start({ BANK_ADMIN_URL: url, WORKER_URL: url })
  expect((await press('bank-away')).body.detail).toBe('/mode is answered with something that is no mode.')
  expect((await press('worker-killed')).body).toMatchObject({ detail: '/crash is answered 200.' })
})

test('pages of other sites, other names and other methods break nothing', async () => {
  const bank = await spawned('bank', {})
  const { ask, press, broken } = await start({ BANK_ADMIN_URL: bank.adminUrl })
  const simple = {
    method: 'POST',
    headers: { Origin: 'https://other.example', 'Content-Type': 'text/plain' },
  }
  expect((await ask('/breaks/bank-away', simple)).status).toBe(403)
  const asking = {
    Origin: 'https://other.example',
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'x-backstage',
  }
  expect((await ask('/breaks/bank-away', { method: 'OPTIONS', headers: asking })).status).toBe(405)
  expect((await ask('/breaks/bank-away')).status).toBe(405)
  for (const name of ['everything', 'toString', 'bank-away%2F', 'BANK-AWAY'])
    expect(await press(name)).toMatchObject({
      status: 404,
      body: { detail: 'There are bank-away, bank-slow, mail-away, worker-killed.' },
    })
  expect((await press('mail-away')).body.detail).toBe('There are bank-away, bank-slow.')
  expect(await broken()).toEqual([])
})
