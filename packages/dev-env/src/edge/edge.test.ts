import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../ports.ts'
import { waitUntil } from '../wait-until.ts'
import { htpasswdLine } from './htpasswd.ts'
import { nginxCommand, nginxIsHere } from './nginx.ts'
import { type EdgePlace, standInCommand } from './stand-in.ts'

const friend = 'https://first.example'
const staff = { authorization: `Basic ${btoa('staff:secret')}` }
const endings: (() => unknown)[] = []
afterAll(() => Promise.all(endings.reverse().map(end => end())))

interface Seen {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

/** A server that says what it was asked, or what the test wants of it. */
async function upstream(name: string) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body })
    if (url.includes('hang-up')) return void request.socket.destroy()
    if (url.includes('live')) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
      return void response.write('data: []\n\n')
    }
    response.writeHead(url.includes('teapot') ? 418 : 200, { 'Content-Type': 'text/plain', 'X-From': name })
    response.end(`${name} ${url}`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  endings.push(() => server.close())
  return { seen, address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

const edges: [string, (place: EdgePlace, folder: string) => ReturnType<typeof standInCommand>, boolean][] = [
  ['NGINX', (place, RUN_DIR) => nginxCommand({ ...place, RUN_DIR }), nginxIsHere()],
  ['the stand-in', standInCommand, true],
]

describe.each(edges)('%s', (_name, commandOf, isHere) => {
  const it_ = it.skipIf(!isHere)
  let port = 0
  let withoutOthers = 0
  let web: Awaited<ReturnType<typeof upstream>>
  let searchOrder: Awaited<ReturnType<typeof upstream>>
  let tracking: Awaited<ReturnType<typeof upstream>>
  let gateway: Awaited<ReturnType<typeof upstream>>
  let kitchen: Awaited<ReturnType<typeof upstream>>
  let commandQueue: Awaited<ReturnType<typeof upstream>>
  let backstage: Awaited<ReturnType<typeof upstream>>

  const start = async (place: Omit<EdgePlace, 'LISTEN' | 'KITCHEN_USERS'>) => {
    const own = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'edge-'))
    const KITCHEN_USERS = join(folder, 'the staff')
    writeFileSync(KITCHEN_USERS, htpasswdLine('staff', 'secret'))
    const whole = { LISTEN: `127.0.0.1:${own}`, KITCHEN_USERS, ...place }
    const { command, args, cwd, env } = commandOf(whole, folder)
    const child = spawn(command, args, { cwd, env, stdio: 'ignore' })
    const exited = once(child, 'exit')
    endings.push(async () => {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true })
    })
    await waitUntil('the edge', 20_000, () =>
      fetch(`http://127.0.0.1:${own}/edge/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    return own
  }

  beforeAll(async () => {
    if (!isHere) return
    ;[web, searchOrder, tracking, gateway, kitchen, commandQueue, backstage] = await Promise.all([
      upstream('web'),
      upstream('search-order'),
      upstream('tracking'),
      upstream('gateway'),
      upstream('kitchen'),
      upstream('command-queue'),
      upstream('backstage'),
    ])
    const nobody = `127.0.0.1:${await freePort()}`
    port = await start({
      WEB_UPSTREAM: web.address,
      SEARCH_ORDER_UPSTREAM: searchOrder.address,
      TRACKING_UPSTREAM: tracking.address,
      GATEWAY_UPSTREAM: gateway.address,
      KITCHEN_UPSTREAM: kitchen.address,
      COMMAND_QUEUE_UPSTREAM: commandQueue.address,
      BACKSTAGE_UPSTREAM: backstage.address,
      ALLOWED_ORIGINS: `https://other.example,${friend}`,
    })
    withoutOthers = await start({
      WEB_UPSTREAM: nobody,
      SEARCH_ORDER_UPSTREAM: nobody,
      TRACKING_UPSTREAM: nobody,
      GATEWAY_UPSTREAM: nobody,
      KITCHEN_UPSTREAM: nobody,
      COMMAND_QUEUE_UPSTREAM: nobody,
      BACKSTAGE_UPSTREAM: nobody,
      ALLOWED_ORIGINS: '',
    })
  })

  const ask = (path: string, init: RequestInit = {}, at = port) =>
    fetch(`http://127.0.0.1:${at}${path}`, init)
  /** Sends bytes as they are, and reads all that comes back until the connection ends. */
  const send = async (bytes: string, at = port) => {
    const socket = connect(at, '127.0.0.1')
    socket.on('error', () => {}).write(bytes)
    let text = ''
    for await (const chunk of socket) {
      text += chunk
      const [, length] = /content-length: (\d+)\r\n/i.exec(text) ?? []
      if (length && text.length >= text.indexOf('\r\n\r\n') + 4 + Number(length)) break
    }
    const [head = '', body = ''] = text.split('\r\n\r\n')
    return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), head: head.toLowerCase(), body }
  }
  const problemIn = (status: number, { status: seen, head, body }: Awaited<ReturnType<typeof send>>) => {
    expect(seen).toBe(status)
    expect(head).toContain('content-type: application/problem+json')
    expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', status, message: expect.any(String) })
  }
  const headersOf = (answer: Response, ...names: string[]) => names.map(name => answer.headers.get(name))

  it_('passes calls of /api on to search-order, and all others to the site', async () => {
    const answer = await ask('/api/search?restaurant_name=a%26b', { headers: { 'X-Request-Id': 'r-1' } })
    expect(await answer.text()).toBe('search-order /search?restaurant_name=a%26b')
    expect(searchOrder.seen.at(-1)?.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1' })
    expect([...answer.headers.keys()].filter(name => name.startsWith('x-'))).toEqual(['x-from'])
    expect(await (await ask('/api/restaurants/jade-pavilion')).text()).toBe(
      'search-order /restaurants/jade-pavilion',
    )
    expect(await (await ask('/api/health/ready')).text()).toBe('search-order /health/ready')
    expect(await (await ask('/orders/1?a=b')).text()).toBe('web /orders/1?a=b')
    expect(await (await ask('/api/orders/one?a=b')).text()).toBe('tracking /orders/one?a=b')
    expect(await (await ask('/apis')).text()).toBe('web /apis')
    expect((await ask('/teapot')).status).toBe(418)
    const order = { method: 'POST', body: 'ü'.repeat(20_000), headers: { 'Idempotency-Key': 'k' } }
    expect(await (await ask('/api/orders', order)).text()).toBe('search-order /orders')
    expect(searchOrder.seen.at(-1)).toMatchObject({
      method: 'POST',
      body: order.body,
      headers: { 'idempotency-key': 'k' },
    })
  })

  it_('answers a health check that speaks HTTP/1.0 and names no host', async () => {
    for (const path of ['/edge/health', '/api/health', '/api/search', '/']) {
      expect((await send(`GET ${path} HTTP/1.0\r\n\r\n`)).status).toBe(200)
    }
    expect(searchOrder.seen.at(-1)?.headers.host).toBe('localhost')
  })

  it_.each([
    ['a path that can not be decoded', 400, 'GET /api/restaurants/% HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['another one', 400, 'GET /api/search/%zz?a=b HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no host', 400, 'GET /api/search HTTP/1.1\r\n\r\n'],
    ['a header that is none', 400, 'GET /api/search HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n'],
    ['two hosts', 400, 'GET /api/search HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['a host that is none', 400, 'GET /api/search HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['a path with a NUL', 400, 'GET /api/restaurants/%00 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method that no path takes', 405, 'TRACE /api/search HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a length that is none', 400, 'POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n'],
    [
      'an address of 9,000 characters',
      414,
      `GET /api/search?restaurant_name=${'a'.repeat(9_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    ],
    [
      'a header of 18,000 characters',
      431,
      `GET /api/search HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(18_000)}\r\n\r\n`,
    ],
    [
      'headers of 40,000 characters',
      431,
      `GET /api/search HTTP/1.1\r\nHost: x\r\n${`X-A: ${'a'.repeat(995)}\r\n`.repeat(40)}\r\n`,
    ],
  ])('refuses %s with a problem: %d', async (_what, status, bytes) => {
    const answer = await send(bytes)
    problemIn(status, answer)
    if (status === 405) expect(answer.head).toMatch(/^allow: get, head/m)
  })

  it_('answers whatever else a caller sends with a problem, if it is not taken', async () => {
    const order = 'POST /api/orders HTTP/1.1\r\nHost: x\r\n'
    for (const bytes of [
      'BREW /api/search HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET\r\n\r\n',
      `${order}Transfer-Encoding: gzip\r\n\r\n`,
      `${order}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    ]) {
      const answer = await send(bytes)
      expect([400, 405, 501]).toContain(answer.status)
      problemIn(answer.status, answer)
    }
    expect(
      (await send(`${order}Connection: close\r\nExpect: magic\r\nContent-Length: 2\r\n\r\n{}`)).status,
    ).toBe(200)
  })

  it_(
    "passes a question for a quote on to the gateway, with the caller's id, and its answer back as it is",
    async () => {
      const headers = { 'X-Request-Id': 'r-2', Prefer: 'wait=3' }
      const answer = await ask('/api/quotes', { method: 'POST', body: '{"restaurant":"Fig"}', headers })
      expect([answer.status, await answer.text()]).toEqual([200, 'gateway /quotes'])
      expect(gateway.seen.at(-1)).toMatchObject({
        body: '{"restaurant":"Fig"}',
        headers: { 'x-request-id': 'r-2', prefer: 'wait=3' },
      })
      expect((await ask('/api/quotes?teapot', { method: 'POST' })).status).toBe(418)
    },
  )

  it_('says which methods a path takes, and of no other path that it is there', async () => {
    const outcome = async (method: string, path: string) => {
      const answer = await ask(path, { method })
      expect(answer.headers.get('content-type')).toMatch('application/problem+json')
      expect(await answer.json()).toMatchObject({ status: answer.status, message: expect.any(String) })
      return [answer.status, answer.headers.get('allow')?.split(', ').sort().join(' ')]
    }
    expect(await outcome('DELETE', '/api/orders')).toEqual([405, 'OPTIONS POST'])
    expect(await outcome('GET', '/api/orders')).toEqual([405, 'OPTIONS POST'])
    expect(await outcome('POST', '/api/search')).toEqual([405, 'GET HEAD OPTIONS'])
    expect(await outcome('PUT', '/api/restaurants/fig')).toEqual([405, 'GET HEAD OPTIONS'])
    expect(await outcome('GET', '/api/quotes')).toEqual([405, 'OPTIONS POST'])
    expect(await outcome('POST', '/api/orders/1')).toEqual([405, 'GET HEAD OPTIONS'])
    for (const path of [
      '/api',
      '/api/',
      '/api/nothing',
      '/api/orders/1/2',
      '/api/quotes/1',
      '/api/replies/1',
      '/api/restaurants/a/b',
      '/api/searching',
      '/api/metrics',
    ]) {
      expect(await outcome('GET', path)).toEqual([404, undefined])
    }
    expect((await ask('/api/search', { method: 'HEAD' })).status).toBe(200)
  })

  it_.each([
    ['of 12 MB', { body: 'x'.repeat(12_000_000) }],
    [
      'of 12 MB, whose length is not told',
      { body: new Blob(['x'.repeat(12_000_000)]).stream(), duplex: 'half' },
    ],
    ['of a byte too many', { body: 'x'.repeat(64 * 1024 + 1) }],
  ])('answers a body %s, and passes nothing of it on', async (_size, init) => {
    const before = searchOrder.seen.length
    const answer = await ask('/api/orders', { method: 'POST', ...init } as RequestInit)
    expect([answer.status, ...headersOf(answer, 'content-type')]).toEqual([
      413,
      expect.stringMatching('application/problem\\+json'),
    ])
    expect(await answer.json()).toMatchObject({
      title: 'The body is too large',
      message: 'The body is too large',
    })
    expect(searchOrder.seen).toHaveLength(before)
  })

  it_(
    'says of a search that is not answered that it may be asked again, of an order that only its repeat is sure',
    async () => {
      for (const [path, at, init] of [
        ['/api/restaurants/hang-up', port, {}],
        ['/api/search', withoutOthers, {}],
        ['/api/quotes', withoutOthers, { method: 'POST', body: '{}' }],
      ] as const) {
        const answer = await ask(path, init, at)
        expect([answer.status, ...headersOf(answer, 'retry-after')]).toEqual([503, '1'])
        expect(await answer.json()).toMatchObject({
          status: 503,
          message: 'The restaurant is away for a moment',
        })
      }
      const order = await ask('/api/orders', { method: 'POST', body: '{}' }, withoutOthers)
      expect([order.status, ...headersOf(order, 'retry-after')]).toEqual([502, '2'])
      expect(await order.json()).toMatchObject({
        title: 'No answer to the order',
        detail: expect.stringMatching('Idempotency-Key'),
        message: expect.stringMatching(/^No answer to the order: It may have been taken/),
      })
      expect((await ask('/', {}, withoutOthers)).status).toBe(502)
    },
  )

  it_('lets pages of allowed origins read what it says itself', async () => {
    const cors = ['access-control-allow-origin', 'vary']
    for (const [path, init] of [
      ['/api/nothing', {}],
      ['/api/orders', { method: 'POST', body: 'x'.repeat(100_000) }],
      ['/api/restaurants/hang-up', {}],
    ] as const) {
      const from = (origin: string) => ask(path, { ...init, headers: { origin } })
      expect(headersOf(await from(friend), ...cors)).toEqual([friend, 'Origin'])
      expect(headersOf(await from('https://first.example.evil.example'), ...cors)).toEqual([null, 'Origin'])
      expect(headersOf(await from('https://first'), ...cors)).toEqual([null, 'Origin'])
    }
    const forbidden = await ask('/api/nothing', { headers: { origin: friend } }, withoutOthers)
    expect(headersOf(forbidden, ...cors)).toEqual([null, null])
    expect(headersOf(await ask('/', { headers: { origin: friend } }), 'access-control-allow-origin')).toEqual(
      [null],
    )
    const preflight = await ask('/api/orders', { method: 'OPTIONS', headers: { origin: friend } })
    expect(await preflight.text()).toBe('search-order /orders')
  })

  it_('opens of backstage the pipeline, live, and the records of an order, to be read alone', async () => {
    const records = '/api/backstage/orders/one/records'
    expect(await (await ask(records)).text()).toBe('backstage /orders/one/records')
    const left = new AbortController()
    const { body } = await ask('/api/backstage/pipeline?live', { signal: left.signal })
    const first = await body?.getReader().read()
    expect(Buffer.from(first?.value ?? []).toString()).toBe('data: []\n\n')
    left.abort()
    expect(backstage.seen).toHaveLength(2)
    for (const path of [records, '/api/backstage/pipeline']) {
      const answer = await ask(path, { method: 'POST' })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
    expect(await (await ask('/api/backstage/breaks')).text()).toBe('backstage /breaks')
    const pressed = await ask('/api/backstage/breaks/bank-away', {
      method: 'POST',
      headers: { 'x-backstage': 'yes' },
    })
    expect(await pressed.text()).toBe('backstage /breaks/bank-away')
    expect(backstage.seen.at(-1)?.headers['x-backstage']).toBe('yes')
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await ask('/api/backstage/breaks/bank-away', { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
    for (const path of ['', '/', '/health', '/openapi.json', '/orders/one', '/pipeline/x', '/metrics'])
      expect((await ask(`/api/backstage${path}`)).status).toBe(404)
    expect((await ask(records, {}, withoutOthers)).status).toBe(503)
  })

  const press = '/api/kitchen/tickets/order-1/ready'
  const fromBoard = { ...staff, 'x-kitchen-board': 'yes' }

  it_('lets the staff see the board, and passes on what it needs, without the password', async () => {
    for (const [path, answer] of [
      ['/kitchen?restaurant=a%26b', 'web /kitchen?restaurant=a%26b'],
      ['/api/kitchen/tickets?restaurant=a%26b', 'kitchen /tickets?restaurant=a%26b'],
      ['/api/kitchen/settings', 'kitchen /settings'],
      ['/api/kitchen/resources?limit=2', 'command-queue /resources?limit=2'],
    ] as const) {
      expect(await (await ask(path, { headers: staff })).text()).toBe(answer)
    }
    const ready = await ask(press, { method: 'POST', headers: fromBoard })
    expect(await ready.text()).toBe('kitchen /tickets/order-1/ready')
    expect(await (await ask('/ops?a=b', { headers: staff })).text()).toBe('web /ops?a=b')
    expect([kitchen, commandQueue, web].map(({ seen }) => seen.at(-1)?.headers.authorization)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it_('says of the staff alone who has logged in, whatever anybody says of himself', async () => {
    const forged = { 'x-staff': 'boss', 'X-STAFF': 'boss' }
    const told = async (path: string, headers: Record<string, string>, method = 'GET') => {
      const answer = await ask(path, { method, headers })
      return [answer.status, web.seen.at(-1)?.headers['x-staff'] || undefined]
    }
    expect(await told('/ops/act', { ...staff, ...forged }, 'POST')).toEqual([200, 'staff'])
    expect(await told('/kitchen', { ...staff, ...forged })).toEqual([200, 'staff'])
    for (const path of ['/', '/opsis', '/orders', '/_next/image?url=/ops'])
      expect(await told(path, { ...staff, ...forged })).toEqual([200, undefined])
    await ask('/api/search', { headers: { ...staff, ...forged } })
    expect(searchOrder.seen.at(-1)?.headers['x-staff'] || undefined).toBeUndefined()
    await ask('/api/kitchen/tickets', { headers: { ...staff, ...forged } })
    expect(kitchen.seen.at(-1)?.headers['x-staff'] || undefined).toBeUndefined()
  })

  it_('passes each event of the board on as it comes', async () => {
    for (const path of ['/api/kitchen/tickets?restaurant=live', '/api/kitchen/resources?live']) {
      const left = new AbortController()
      const { body } = await ask(path, { headers: staff, signal: left.signal })
      const first = await body?.getReader().read()
      expect(Buffer.from(first?.value ?? []).toString()).toBe('data: []\n\n')
      left.abort()
    }
  })

  it_.each([
    ['nobody', undefined],
    ['a wrong password', 'staff:wrong'],
    ['no password', 'staff:'],
    ['another user', 'chef:secret'],
    ['the hash', `staff:${htpasswdLine('staff', 'secret').slice(6)}`],
  ])('answers %s with 401, and passes nothing on', async (_who, login) => {
    const headers: Record<string, string> = login ? { authorization: `Basic ${btoa(login)}` } : {}
    const before = [kitchen, commandQueue, web].map(({ seen }) => seen.length)
    for (const [path, method] of [
      ['/api/kitchen/tickets', 'GET'],
      ['/api/kitchen/settings', 'GET'],
      ['/api/kitchen/resources', 'GET'],
      [press, 'POST'],
    ] as const) {
      const answer = await ask(path, { method, headers: { ...headers, 'x-kitchen-board': 'yes' } })
      expect([answer.status, ...headersOf(answer, 'www-authenticate', 'content-type')]).toEqual([
        401,
        'Basic realm="kitchen"',
        expect.stringMatching('application/problem\\+json'),
      ])
      expect(await answer.json()).toMatchObject({ status: 401, title: 'The staff alone may see the kitchen' })
    }
    for (const path of [
      ...['/kitchen', '/kitchen/', '/kitchen?a=b', '/kitchen.rsc', '/%6bitchen'],
      ...['/ops', '/ops/', '/ops/act', '/ops/letters/a@1?b=c', '/ops.rsc', '/%6fps/act'],
    ]) {
      const answer = await ask(path, { headers: { ...headers, 'x-staff': 'staff' } })
      expect([answer.status, ...headersOf(answer, 'www-authenticate')]).toEqual([
        401,
        'Basic realm="kitchen"',
      ])
    }
    expect([kitchen, commandQueue, web].map(({ seen }) => seen.length)).toEqual(before)
    expect((await ask('/kitchens', { headers })).status).toBe(200)
  })

  it_('opens nothing else of kitchen and command queue, to nobody', async () => {
    const refusal = async (method: string, path: string) => {
      const answer = await ask(path, { method, headers: fromBoard })
      expect(answer.headers.get('content-type')).toMatch('application/problem+json')
      return [answer.status, answer.headers.get('allow')?.split(', ').sort().join(' ')]
    }
    expect(await refusal('POST', '/api/kitchen/tickets')).toEqual([405, 'GET HEAD'])
    expect(await refusal('POST', '/api/kitchen/resources')).toEqual([405, 'GET HEAD'])
    expect(await refusal('GET', press)).toEqual([405, 'POST'])
    for (const path of [
      'quotes',
      '',
      'health',
      'openapi.json',
      'tickets/order-1',
      'resources/a',
      'command/a',
    ])
      expect(await refusal('POST', `/api/kitchen/${path}`)).toEqual([404, undefined])
    for (const path of ['/api/kitchen', '/api/kitchens', '/api/tickets', '/api/resources', `${press}/now`])
      expect(await refusal('GET', path)).toEqual([404, undefined])
  })

  it_('takes "ready" from the board alone: not from another page that the staff has open', async () => {
    const before = kitchen.seen.length
    for (const origin of [friend, 'https://evil.example', 'null']) {
      const preflight = await ask(press, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-kitchen-board',
        },
      })
      expect(preflight.status).toBe(405)
      const simple = await ask(press, { method: 'POST', headers: { ...staff, origin } })
      expect(simple.status).toBe(403)
      expect(await simple.json()).toMatchObject({ detail: expect.stringMatching('X-Kitchen-Board') })
    }
    expect(kitchen.seen).toHaveLength(before)
  })

  it_('says of a kitchen that is away that it may be asked again', async () => {
    for (const [path, method] of [
      ['/api/kitchen/tickets', 'GET'],
      ['/api/kitchen/resources', 'GET'],
      [press, 'POST'],
    ] as const) {
      const answer = await ask(path, { method, headers: fromBoard }, withoutOthers)
      expect([answer.status, ...headersOf(answer, 'retry-after')]).toEqual([503, '1'])
    }
  })
})
