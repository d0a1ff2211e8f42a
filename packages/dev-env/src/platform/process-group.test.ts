import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { spawnLogged } from '../child.ts'
import { freePort, portIsFree } from '../ports.ts'
import { lives } from '../testing/processes.ts'
import { waitUntil } from '../wait-until.ts'
import { processGroup } from './process-group.ts'

const answering = `require('node:http').createServer((_, answer) => answer.end('{}'))`

/** Like NGINX: the parent opens the port, and a worker of its keeps it open when the parent is killed. */
const edge = (port: number) => `
  const server = require('node:net').createServer().listen(${port}, '127.0.0.1', () => {
    const stdio = ['ignore', 'inherit', 'inherit', server._handle.fd]
    require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`
      ${answering}.listen({ fd: 3 }, () => console.log('worker', process.pid))`)}], { stdio })
  })
  server.on('connection', socket => socket.destroy())`

async function running() {
  const dataDir = mkdtempSync(join(tmpdir(), 'group-'))
  const said: string[] = []
  const port = await freePort()
  const stages = [{ names: ['edge'], sureMs: 500 }]
  const group = processGroup(dataDir, stages, 5_000, line => void said.push(line), 500)
  onTestFinished(async () => {
    await group.kill()
    rmSync(dataDir, { recursive: true })
  })
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => [],
      () => undefined,
    )
  const start = (script = edge(port)) =>
    group.run(
      'edge',
      { site: port },
      () => spawnLogged({ command: process.execPath, args: ['-e', script] }, group.logFile('edge')),
      answers,
    )
  const workers = () =>
    [...readFileSync(group.logFile('edge'), 'utf8').matchAll(/^worker (\d+)$/gm)].map(([, pid]) =>
      Number(pid),
    )
  const isSaid = (what: string) =>
    waitUntil(`"${what}" said`, 20_000, () => said.some(line => line.includes(what))).catch(error => {
      throw new Error(`${error.message}: ${said.join('\n')}`)
    })
  return { group, port, said, start, workers, isSaid }
}

test.skipIf(process.platform === 'win32')(
  'a killed parent comes back once its workers, which keep its port, are ended; and a stop leaves none',
  async () => {
    const { group, port, said, start, workers, isSaid } = await running()
    await start()
    await waitUntil('a worker', 10_000, () => workers().length === 1)
    const parent = group.processes.get('edge')?.pid ?? 0
    process.kill(parent, 'SIGKILL')
    await isSaid('edge is back')
    await waitUntil('another worker', 10_000, () => workers().length === 2)
    const [first = 0, second = 0] = workers()
    expect([lives(first), lives(second)]).toEqual([false, true])
    expect(said.filter(line => line.includes('is back'))).toHaveLength(1)
    await group.stop()
    expect(lives(second)).toBe(false)
    // What an ended process had open may be closed a moment later: its last thread does that.
    await waitUntil('the port is free', 5_000, () => portIsFree(port))
  },
)

test('nothing is back while a stranger has its port, and that is said once', async () => {
  const { group, port, said, start, isSaid } = await running()
  await start(`${answering}.listen(${port}, '127.0.0.1')`)
  const edge = group.processes.get('edge')
  const stranger = createServer(socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
  onTestFinished(() => void stranger.close())
  // It is started again after a while: sometimes it is faster than the stranger, and is killed again.
  await waitUntil('the stranger has the port', 20_000, async () => {
    if (await portIsFree(port)) return listens(stranger, port)
    edge?.kill('SIGKILL')
    return false
  })
  said.length = 0
  await isSaid(`edge can't be started, and is tried again: Port ${port} (site, by `)
  expect(said.join('\n')).not.toContain('is back')
  await new Promise(resolve => stranger.close(resolve))
  await isSaid('edge is back')
  expect(said.filter(line => line.includes("can't be started"))).toHaveLength(1)
})

const listens = (server: Server, port: number) =>
  new Promise<boolean>(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })

test('one that lives and says what it waits for ends nothing: that is told, and when it is over', async () => {
  const { group, said, isSaid } = await running()
  let waitsFor = ['the mail server is away']
  const { supervise } = await import('./supervisor.ts')
  await supervise(
    {
      name: 'email',
      logFile: group.logFile('email'),
      spawn: () =>
        spawnLogged(
          { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1e3)'] },
          group.logFile('email'),
        ),
      waitsFor: async () => waitsFor,
      waitingDeadlineMs: 100,
    },
    line => void said.push(line),
    process => group.processes.set('email', process),
  )
  expect(said).toEqual(['email is not ready yet, and waits on: the mail server is away'])
  waitsFor = []
  await isSaid('email is ready now')
})
