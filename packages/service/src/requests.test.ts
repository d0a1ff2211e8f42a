import { request } from 'node:http'
import { connect } from 'node:net'
import { Router } from 'express'
import { expect, it, onTestFinished, vi } from 'vitest'
import { HttpProblem } from './http.ts'
import { liveUpdates } from './live.ts'
import { type App, createContext, startService } from './run.ts'

async function start(app: App, level = 'silent') {
  const logged: string[] = []
  const context = createContext('test', level, { write: line => void logged.push(line) })
  const config = { PORT: 0, METRICS_PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'silent' }
  const running = await startService(app, config, context)
  onTestFinished(() => running.stop())
  const ask = (method: string, path: string) =>
    new Promise<number | undefined>(resolve => {
      request({ port: running.port, method, path }, answer => {
        answer.resume().on('end', () => resolve(answer.statusCode))
      })
        .on('error', () => resolve(undefined))
        .end()
    })
  /** How many requests were measured, by their labels. */
  const counts = async () => {
    const text = await (await fetch(`http://127.0.0.1:${running.metricsPort}/metrics`)).text()
    const lines = text.matchAll(
      /^http_request_duration_seconds_count\{method="(.*)",route="(.*)",status="(.*)"\} (\d+)$/gm,
    )
    return Object.fromEntries(
      [...lines].map(([, ...found]) => [found.slice(0, 3).join(' '), Number(found[3])]),
    )
  }
  const measured = (expected: Record<string, number>) =>
    vi.waitFor(async () => expect(await counts()).toEqual(expected))
  return { running, ask, measured, logged }
}

it('requests are measured by the pattern of their route, whatever they ask for', async () => {
  const { ask, measured } = await start({
    routes: http => {
      http.get('/things/:id', (_request, response) => void response.json('here'))
      http.post('/things', () => {
        throw new HttpProblem(409, 'No')
      })
      const router = Router().get('/parts/:id', (_request, response) => void response.json('part'))
      http.use('/mounted', router)
    },
  })
  for (const path of ['/things/1', '/things/2?q=secret', '/things/a%20b']) await ask('GET', path)
  await ask('HEAD', '/things/1')
  await ask('POST', '/things')
  await ask('GET', '/mounted/parts/7')
  await measured({
    'GET /things/:id 200': 3,
    'HEAD /things/:id 200': 1,
    'POST /things 409': 1,
    'GET /mounted/parts/:id 200': 1,
  })
})

it('words of the caller are no labels: an unknown path has no route, and an odd method is another', async () => {
  const { ask, measured } = await start({ routes: http => void http.get('/things/:id', () => {}) })
  for (let count = 0; count < 50; count++) await ask('GET', `/nowhere/${count}`)
  await ask('DELETE', '/things/1')
  for (const method of ['PROPFIND', 'PURGE', 'M-SEARCH']) await ask(method, '/nowhere')
  await measured({ 'GET none 404': 50, 'DELETE none 405': 1, 'other none 404': 3 })
})

it('what is answered without Express is measured under its route, once', async () => {
  const { ask, measured } = await start({
    direct: ({ url = '' }, response) => {
      if (!url.startsWith('/direct/')) return undefined
      response.end('there')
      return '/direct/:id'
    },
    routes: http => void http.get('/direct/:id', () => {}),
  })
  await ask('GET', '/direct/1')
  await ask('GET', '/direct/2')
  await measured({ 'GET /direct/:id 200': 2 })
})

it('probes and streams of events are not measured', async () => {
  const live = liveUpdates()
  const { ask, measured, running } = await start({
    routes: http => {
      http.get('/things', async (request, response) => {
        await live.stream(request, response, 'things', () => [{ id: '1', data: {} }])
      })
    },
  })
  await ask('GET', '/health')
  await ask('GET', '/health/ready')
  const stream = await fetch(`http://127.0.0.1:${running.port}/things`, {
    headers: { Accept: 'text/event-stream' },
  })
  expect(stream.headers.get('content-type')).toMatch('text/event-stream')
  await stream.body?.cancel()
  await ask('GET', '/nowhere')
  await measured({ 'GET none 404': 1 })
})

it('a request whose connection is cut before anything is said has no status', async () => {
  const { ask, measured, running } = await start({
    routes: http => {
      http.get('/away', request => void request.socket.destroy())
      http.get('/slow', () => {})
    },
  })
  await ask('GET', '/away')
  const socket = connect(running.port, '127.0.0.1')
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n', () => setImmediate(() => socket.end().destroy()))
  await measured({ 'GET /away none': 1, 'GET /slow none': 1 })
})

it('at the level debug the log has a line for each request, without path, query and headers', async () => {
  const routes: App['routes'] = http => {
    http.get('/things/:id', (_request, response) => void response.json('here'))
  }
  const { ask, measured, logged } = await start({ routes }, 'debug')
  await ask('GET', '/things/dana?token=hunter2&card=4242424242424242')
  await ask('GET', '/nowhere/dana?token=hunter2')
  await measured({ 'GET /things/:id 200': 1, 'GET none 404': 1 })
  const requests = logged.map(line => JSON.parse(line)).filter(({ msg }) => msg === 'request')
  expect(requests).toMatchObject([
    { level: 20, method: 'GET', route: '/things/:id', status: 200, ms: expect.any(Number) },
    { level: 20, method: 'GET', route: 'none', status: 404 },
  ])
  expect(logged.join('')).not.toMatch(/dana|hunter2|4242/)
  const quiet = await start({ routes }, 'info')
  await quiet.ask('GET', '/things/1')
  await quiet.measured({ 'GET /things/:id 200': 1 })
  expect(quiet.logged.join('')).not.toContain('"request"')
})
