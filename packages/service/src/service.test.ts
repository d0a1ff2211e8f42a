import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express from 'express'
import getPort from 'get-port'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import {
  type App,
  allowedOrigins,
  ConfigError,
  createContext,
  HttpProblem,
  parseRequest,
  readConfig,
  serviceEnv,
  startService,
} from './index.ts'
import { lossyOutput } from './log.ts'

const Config = z.object({ ...serviceEnv(5999), BANK_URL: z.url(), SECRET: z.string().min(20).optional() })

describe('a configuration', () => {
  it('has defaults, and takes empty variables as absent', () => {
    expect(readConfig(Config, { BANK_URL: 'http://bank', PORT: '' })).toMatchObject({
      PORT: 5999,
      METRICS_PORT: 9464,
    })
  })

  it('with faults names every one, and repeats no value', () => {
    const read = () => readConfig(Config, { PORT: 'many', LOG_LEVEL: 'loud', SECRET: 'hunter2' })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(/PORT: .*LOG_LEVEL: .*BANK_URL: .*SECRET: /s)
    expect(read).not.toThrow(/hunter2/)
  })
})

describe('allowed origins', () => {
  const Origins = z.object({ ALLOWED_ORIGINS: allowedOrigins })
  const read = (ALLOWED_ORIGINS: string) => readConfig(Origins, { ALLOWED_ORIGINS }).ALLOWED_ORIGINS

  it('are none unless given, or as many as are joined by commas', () => {
    expect(read('')).toEqual([])
    expect(read('https://a.example,http://localhost:3000')).toEqual([
      'https://a.example',
      'http://localhost:3000',
    ])
  })

  it.each([
    '*',
    'null',
    'a.example',
    'https://a.example/',
    'https://a.example/path',
    'https://a.example, https://b.example',
    ' https://a.example',
    'https://a.example,',
    'https://A.example',
    'https://a.example:443',
    'https://*.example',
    'https://user@a.example',
    'https://münchen.example',
    'ftp://a.example',
    'https://a.example"; return 200; #',
  ])('that no browser would say so are refused: %j', origin => {
    expect(() => read(origin)).toThrow('ALLOWED_ORIGINS: must be origins as browsers send them')
  })
})

const Errors = z.object({ errors: z.array(z.object({ field: z.string() })) })

async function start(app: App) {
  const logged: string[] = []
  const context = createContext('test', 'info', { write: line => void logged.push(line) })
  const config = readConfig(Config, {
    BANK_URL: 'http://bank',
    PORT: '0',
    METRICS_PORT: '0',
    HOST: '127.0.0.1',
  })
  const running = await startService(app, config, context)
  onTestFinished(() => running.stop())
  return { logged, running, get: (path: string) => fetch(`http://127.0.0.1:${running.port}${path}`) }
}

describe('the log', () => {
  const shown = (error: unknown): { err: Record<string, unknown> } => {
    const logged: string[] = []
    createContext('test', 'info', { write: line => void logged.push(line) }).log.warn({ err: error }, 'm')
    expect(logged.join().length).toBeLessThan(22_000)
    return JSON.parse(logged.join())
  }

  it('tells of an error what it is and why, and nothing that it carries', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', address: '10.0.0.1' })
    const error = Object.assign(new TypeError('no order', { cause }), { records: ['diner@example.com'] })
    const { err } = shown(error)
    expect(err).toMatchObject({
      type: 'TypeError',
      message: 'no order',
      stack: expect.stringContaining('service.test.ts'),
      causes: [{ message: 'refused', code: 'ECONNREFUSED' }],
    })
    expect(JSON.stringify(err)).not.toMatch(/diner@|10\.0\.0\.1/)
    expect(shown(new AggregateError([cause])).err).toMatchObject({ causes: [{ code: 'ECONNREFUSED' }] })
    expect(shown('a word').err).toBe('a word')
  })

  it('stays short, however long an error is, and ends where its causes go round', () => {
    const error = new Error('x'.repeat(1_000_000), { cause: new AggregateError([]) })
    error.cause = error
    expect(String(shown(error).err.message)).toHaveLength(2_000)
  })
})

describe.runIf(existsSync('/dev/full'))('a log that can not be written', () => {
  it('loses its lines, counts them, says so, and goes on where it can again', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'log')
    let lost = 0
    const [full, disk] = [openSync('/dev/full', 'w'), openSync(file, 'w')]
    onTestFinished(() => [full, disk].forEach(closeSync))
    const output = lossyOutput(() => lost++, full)
    output.write('a\n')
    output.write('b\n')
    expect([lost, output.trouble()]).toEqual([2, '2 lines of its log could not be written: ENOSPC'])
    const other = lossyOutput(() => lost++, disk)
    other.write('c\n')
    expect([readFileSync(file, 'utf8'), other.trouble()]).toEqual(['c\n', undefined])
  })

  it('keeps no service from answering, whose health says so', async () => {
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const [port, metricsPort] = [await getPort(), await getPort()]
    const main = fileURLToPath(new URL('../../../services/inbox/src/main.ts', import.meta.url))
    const child = spawn(process.execPath, [main], {
      env: {
        PATH: process.env.PATH,
        HOST: '127.0.0.1',
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        SMTP_PORT: '0',
        INBOX_FILE: join(mkdtempSync(join(tmpdir(), 'log-')), 'inbox.sqlite'),
      },
      stdio: ['ignore', full, full],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const get = async (at: number, path: string) => (await fetch(`http://127.0.0.1:${at}${path}`)).text()
    await vi.waitFor(
      async () => expect(await get(port, '/health/ready')).toMatch(/"ready".*could not be written: ENOSPC/),
      20_000,
    )
    expect(await get(metricsPort, '/metrics')).toMatch(/^log_lines_lost_total [1-9]/m)
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})

describe('a service', () => {
  it('is ready when nothing speaks against it, and else says what does', async () => {
    const reasons: string[] = []
    const outages = ['order[3] waits']
    const { get } = await start({ notReady: () => reasons, outages: () => outages })
    const ready = await get('/health/ready')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toEqual({ status: 'ready', reasons: [], outages })
    reasons.push('the bank is away')
    const answer = await get('/health/ready')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual({ status: 'not ready', reasons: ['the bank is away'], outages })
    expect(await (await get('/health')).json()).toEqual({ status: 'healthy' })
  })

  it('answers errors as problems, and tells no stranger what broke', async () => {
    const { get, logged } = await start({
      routes: http => {
        http.get('/no', () => {
          throw new HttpProblem(409, 'No', { detail: 'Because.', headers: { 'Retry-After': '3' } })
        })
        http.get('/bug', () => {
          throw new TypeError('the inside of it')
        })
      },
    })
    const no = await get('/no')
    expect([no.status, no.headers.get('content-type'), no.headers.get('retry-after')]).toEqual([
      409,
      expect.stringMatching('application/problem\\+json'),
      '3',
    ])
    expect(await no.json()).toEqual({
      type: 'about:blank',
      title: 'No',
      status: 409,
      detail: 'Because.',
      message: 'No: Because.',
    })
    const bug = await get('/bug')
    expect(bug.status).toBe(500)
    expect(await bug.text()).not.toContain('inside')
    expect(logged.join()).toContain('the inside of it')
    expect((await get('/nowhere')).status).toBe(404)
  })

  it('says in one sentence what is wrong, for callers that know no problems', async () => {
    const faults = [
      { field: 'email', message: 'is none' },
      { field: 'card', message: 'is none' },
    ]
    const { get } = await start({
      routes: http => {
        http.get('/fields', () => {
          throw new HttpProblem(422, 'Invalid order', { errors: faults })
        })
        http.get('/body', () => parseRequest(z.object({}), [], 'Invalid order'))
        http.get('/plain', () => {
          throw new HttpProblem(404, 'No such order')
        })
      },
    })
    const message = async (path: string) => {
      const { message } = z.object({ message: z.string() }).parse(await (await get(path)).json())
      return message
    }
    expect(await message('/fields')).toBe('Invalid order: email: is none, and 1 more')
    expect(await message('/body')).toMatch(/^Invalid order: Invalid input/)
    expect(await message('/plain')).toBe('No such order')
    expect(await message('/nowhere')).toBe('Not found: There is nothing at GET /nowhere')
  })

  it('answers 405 where a path takes other methods, and says which', async () => {
    const { running } = await start({
      routes: http => {
        http.get('/things/:id', (_request, response) => void response.json('here'))
        http.put('/things/:id', (_request, response) => void response.json('put'))
        http.post('/things', (_request, response) => void response.json('made'))
      },
    })
    const ask = async (method: string, path: string) => {
      const { status, headers } = await fetch(`http://127.0.0.1:${running.port}${path}`, { method })
      return [status, headers.get('allow')]
    }
    expect(await ask('DELETE', '/things/1')).toEqual([405, 'GET, HEAD, PUT'])
    expect(await ask('GET', '/things')).toEqual([405, 'POST'])
    expect(await ask('POST', '/health')).toEqual([405, 'GET, HEAD'])
    expect(await ask('HEAD', '/things/1')).toEqual([200, null])
    expect(await ask('DELETE', '/nowhere')).toEqual([404, null])
  })

  it.each([
    [400, 'no HTTP at all', 'what?\r\n\r\n'],
    [400, 'a method that there is not', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n'],
    [431, 'too many headers', `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(5_000)}\r\n`],
  ])('answers %d as a problem, too, to %s', async (status, _what, bytes) => {
    const { running } = await start({})
    const socket = connect(running.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {}).write(bytes)
    let answer = ''
    for await (const chunk of socket) answer += chunk
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(`HTTP/1.1 ${status} `)
    expect(head).toMatch('Content-Type: application/problem+json')
    expect(JSON.parse(body)).toMatchObject({ status, message: expect.stringMatching('can not be read') })
  })

  it('answers 400 to a path or a body that can not be decoded', async () => {
    const { running } = await start({
      routes: http => {
        http.get('/things/:id', () => {})
        http.post('/', express.json({ type: () => true }), () => {})
      },
    })
    const url = `http://127.0.0.1:${running.port}`
    expect((await fetch(`${url}/things/%E0%A4%A`)).status).toBe(400)
    const zipped = { method: 'POST', body: '{}', headers: { 'Content-Encoding': 'gzip' } }
    expect((await fetch(url, zipped)).status).toBe(400)
  })

  it('stops although a client stands still in the middle of a request', async () => {
    const { running } = await start({ routes: http => void http.post('/', express.json(), () => {}) })
    const socket = connect(running.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const closed = new Promise(resolve => socket.on('error', () => {}).on('close', resolve))
    await new Promise<void>(resolve => {
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n')
      socket.once('data', () => resolve())
    })
    await running.stop()
    await closed
  })

  it('tells of each faulty field once, and of no more than 200', async () => {
    const { get } = await start({
      routes: http => {
        const short = z.string().min(9).regex(/^y/)
        http.get('/few', () => parseRequest(z.object({ a: short, b: short }), { a: 'x', b: 'x' }, 'Bad'))
        http.get('/many', () => parseRequest(z.array(short), Array(5_000).fill('x'), 'Bad'))
      },
    })
    const fields = async (path: string) => {
      const { errors } = Errors.parse(await (await get(path)).json())
      return errors.map(({ field }) => field)
    }
    expect(await fields('/few')).toEqual(['a', 'b'])
    expect(await fields('/many')).toHaveLength(200)
  })

  it('shows its metrics on a port of their own', async () => {
    const { running } = await start({})
    const text = await (await fetch(`http://127.0.0.1:${running.metricsPort}/metrics`)).text()
    expect(text).toContain('process_cpu_seconds_total')
  })
})
