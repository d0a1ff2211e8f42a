import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shiftedPorts } from 'kafka-restaurants-dev-env/ports'
import { command, runScript } from 'kafka-restaurants-dev-env/testing/processes'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { expect, inject, onTestFinished, test } from 'vitest'

/** Has somebody listen on a port; whoever does so already will do as well. */
async function occupied(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>(resolve => {
    server.once('error', () => resolve())
    server.listen(port, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
}

const eventor = (bootstrap: string) => `
- name: beside
  eventListener:
    type: kafka
    topic: beside-eventor
    consumerConfig: { bootstrap.servers: ${bootstrap}, group.id: beside, auto.offset.reset: earliest, enable.auto.commit: false }
  eventHandler: { type: http, method: POST, url: 'http://127.0.0.1:9/' }
`
const eventBus = (bootstrap: string, folder: string) => `
kafka_events: { bootstrap_servers: ${bootstrap}, spool_file: ${join(folder, 'spool.sqlite')} }
`

const gateway = (bootstrap: string) => `
kafka: { bootstrap.servers: ${bootstrap} }
createTopics: true
routes: [{ path: /beside, topic: beside-requests, feedbackTopic: beside-replies }]
`

test.each([
  ['eventor', '-f', eventor, 5008],
  ['event-bus', '--config', eventBus, 5009],
  ['gateway', '-f', gateway, 5014],
])('npm run %s runs beside npm start, whose ports are all taken', async (name, option, config, port) => {
  for (const port of Object.values(shiftedPorts(0))) await occupied(port)
  const folder = mkdtempSync(join(tmpdir(), 'beside-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'config.yaml')
  writeFileSync(file, config(inject('bootstrap'), folder))
  const { METRICS_PORT: _, PORT: __, ...env } = process.env
  const beside = command(['node', 'scripts/run.mjs', name, option, file], { ...env, HOST: '127.0.0.1' })
  const health = await waitUntil(`${name} answers`, 30_000, async () => {
    if (/in use already/.test(beside.printed())) throw new Error(beside.printed())
    return fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined)
  })
  expect(await health.json()).toEqual({ status: 'healthy' })
  beside.signal('SIGTERM')
  expect(await beside.ended).toBe(0)
})

test.each([
  ['bank', 'PORT', { METRICS_PORT: '0', ADMIN_PORT: '0' }],
  ['bank', 'METRICS_PORT', { PORT: '0', ADMIN_PORT: '0' }],
  ['bank', 'ADMIN_PORT', { PORT: '0', METRICS_PORT: '0' }],
  ['inbox', 'SMTP_PORT', { PORT: '0', METRICS_PORT: '0' }],
])('a %s whose %s is taken says whose it is, and shows no stack', async (name, variable, others) => {
  const folder = mkdtempSync(join(tmpdir(), 'taken-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const server = createServer()
  const port = await new Promise<number>(resolve =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
  const files = {
    LEDGER_FILE: join(folder, 'a'),
    KEYS_FILE: join(folder, 'b'),
    INBOX_FILE: join(folder, 'c'),
  }
  const env = { ...files, ...others, HOST: '127.0.0.1', LOG_LEVEL: 'error', [variable]: String(port) }
  const { code, printed } = await runScript('service', [name], env)
  server.close()
  expect(printed).toMatch(
    new RegExp(
      `^${name}: Port ${port} \\(${variable}\\) is in use already, by .+ \\(process ${process.pid}\\)\\. Stop what listens there, or set ${variable} to another port\\.\\n$`,
    ),
  )
  expect(code).toBe(1)
})

test.each([
  ['bank', { LEDGER_FILE: 'package.json' }, "package.json can't be opened as a database ("],
  ['bank', { LEDGER_FILE: '/dev/null/ledger' }, "/dev/null/ledger can't be opened as a database ("],
  ['bank', { KEYS_FILE: '/dev/null/keys' }, "KEYS_FILE /dev/null/keys can't be made ("],
  ['search-order', { CATALOGUE_FILE: '/dev/null/none' }, "The catalogue /dev/null/none can't be used:"],
])('a %s with %j says so in a sentence, and shows no stack', async (name, files, words) => {
  const folder = mkdtempSync(join(tmpdir(), 'files-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const own = {
    LEDGER_FILE: join(folder, 'a'),
    KEYS_FILE: join(folder, 'b'),
    PAYMENT_KEY_FILE: join(folder, 'c'),
  }
  const ports = { PORT: '0', METRICS_PORT: '0', ADMIN_PORT: '0' }
  const { code, printed } = await runScript('service', [name], { ...own, ...ports, ...files })
  expect(printed.startsWith(`${name}: ${words}`), printed).toBe(true)
  expect(printed).not.toMatch(/^ +at |"stack"/m)
  expect(code).toBe(2)
})
