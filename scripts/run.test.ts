import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runScript } from 'kafka-restaurants-dev-env/testing/processes'
import { describe, expect, test } from 'vitest'

const script = resolve(import.meta.dirname, 'run.mjs')
const run = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' })

test('a Node that is too old is told so', () => {
  const pretend = `data:text/javascript,Object.defineProperty(process,'version',{value:'v18.20.0'})`
  const { status, stderr } = run('--import', pretend, script, 'start')
  expect(stderr).toBe(
    'Kafka Restaurants needs Node 20 or later, and this is v18.20.0. Install a newer one and try again.\n',
  )
  expect(status).toBe(1)
})

test.each([['fly'], ['paths'], ['toString'], []])('the command %j is told what there is', (...words) => {
  const { status, stderr } = run(script, ...words)
  expect(stderr).toMatch(
    /There are: start, test, bench, chaos, cluster, logs, clean, eventor, event-bus, gateway, service, dead-letters, format, media; each knows --help\.\n$/,
  )
  expect(status).toBe(2)
})

const commands = [
  'start',
  'test',
  'bench',
  'chaos',
  'cluster',
  'clean',
  'service',
  'dead-letters',
  'format',
  'media',
]

test.each(commands)('%s explains itself', async command => {
  const { code, printed } = await runScript(command, ['--help'])
  expect(printed).toMatch(/^npm (run )?\w+/)
  expect(code).toBe(0)
})

describe.each([...commands, 'eventor', 'event-bus'])('%s', command => {
  test('names the options that there are, when given another', async () => {
    const { code, printed } = await runScript(command, [...(command === 'bench' ? ['orders'] : []), '--foo'])
    expect(printed).toMatch(/--foo/)
    expect(printed).toMatch(command === 'eventor' ? /-f FILE/ : command === 'bench' ? /--orders/ : /--help/)
    expect(printed).not.toMatch(stack)
    expect(code).toBe(2)
  })
})

/** A line of a stack, or of the source that Node shows above it. */
const stack = /^ +at |node:internal|^\s+\^/m

test.each<[string, string[], string]>([
  ['start', ['now'], '"now" is no option. There are: --help, --observe.'],
  ['start', ['--observe=yes'], "'--observe' does not take an argument. There are: --help, --observe."],
  ['bench', ['orders', '--orders', 'x'], '--orders must be a whole number from 1 to 999999999, not "x".'],
  ['bench', ['eventor', '--takes', '1.5'], '--takes must be a whole number from 1 '],
  ['bench', ['toString'], 'There is no bench "toString". There are: orders, eventor'],
  ['chaos', ['--minutes', '1e9'], '--minutes must be a number above 0, to 10000, not "1e9".'],
  ['chaos', ['--brokers', '2'], '--brokers must be 1 or 3, not "2"'],
  ['cluster', ['moon'], 'There is no "moon" to be seen. There are: chart, argocd, load.'],
  ['cluster', ['load', '--rate', 'x'], '--rate must be a whole number from 1 to 10000, not "x".'],
  ['service', ['banc'], 'There is no service "banc". There are: backstage, bank,'],
  ['dead-letters', ['lost'], 'There is no command "lost", but list,'],
])('%s %j is refused in words', async (command, args, words) => {
  const { code, printed } = await runScript(command, args)
  expect(printed).toContain(words)
  expect(printed).not.toMatch(stack)
  expect(code).toBe(2)
})

test.each<[string, Record<string, string>, string]>([
  ['start', { PORT_OFFSET: 'many' }, 'PORT_OFFSET must be a whole number from 0 to '],
  [
    'start',
    { PORT_OFFSET: '3000' },
    'PORT_OFFSET=3000 puts site behind the edge on port 6000, which browsers',
  ],
  ['start', { DATA_DIR: 'package.json' }, "package.json can't be used: it is a file."],
  ['start', { BOOTSTRAP_SVR: 'a:1', KAFKA_CA_FILE: 'x' }, 'KAFKA_CA_FILE needs KAFKA_TLS=true'],
  ['clean', { DATA_DIR: 'scripts' }, 'holds what no platform made'],
  ['clean', { DATA_DIR: 'package.json' }, 'is a file'],
  ['dead-letters', { PORT_OFFSET: 'many' }, 'PORT_OFFSET must be a whole number from 0 to '],
  ['dead-letters', { KAFKA_TLS: 'perhaps' }, 'KAFKA_TLS: '],
])('%s with %j is refused in words, before anything starts', async (command, env, words) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'refused-'))
  const { code, printed } = await runScript(command, [], { PORT_OFFSET: '20000', DATA_DIR: dataDir, ...env })
  expect(printed).toContain(words)
  expect(printed).not.toMatch(stack)
  expect(code).toBe(2)
  expect(readdirSync(dataDir)).toEqual([])
  rmSync(dataDir, { recursive: true })
})

test('start names every variable that is wrong, those of the services too, and shows no value of theirs', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'refused-'))
  const { code, printed } = await runScript('start', [], {
    DATA_DIR: dataDir,
    LOG_LEVEL: 'loud',
    SMTP_URL: 'smtp.example.com:hunter2',
    BOOTSTRAP_SVR: 'foo',
    HOST: '203.0.113.7',
    CONCURRENCY: 'all',
    CAP: '0',
  })
  const [first, ...faults] = printed.trimEnd().split('\n')
  expect(first).toBe("The environment can't be used, so nothing was started:")
  const named = faults.map(line => /^ {2}([A-Z_]+): \S/.exec(line)?.[1])
  expect(new Set(named)).toEqual(new Set(['BOOTSTRAP_SVR', 'CONCURRENCY', 'HOST', 'LOG_LEVEL', 'SMTP_URL']))
  expect(printed).not.toMatch(/hunter2/)
  expect(code).toBe(2)
  expect(readdirSync(dataDir)).toEqual([])
  rmSync(dataDir, { recursive: true })
})

test('a service alone names each variable that is wrong', async () => {
  const { code, printed } = await runScript('service', ['bank'], {
    LOG_LEVEL: 'loud',
    PORT: '6000',
    ADMIN_PORT: '70000',
  })
  expect(printed).toBe(`bank: The environment can't be used:
  PORT: must be another port: browsers and fetch refuse to call this one
  LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent
  ADMIN_PORT: must be a port, 0 to 65535
`)
  expect(code).toBe(2)
})
