import { utimesSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Caller, createCaller } from '../src/adapters/http/http.ts'
import { NetworkError } from '../src/adapters/http/network-error.ts'
import type { HttpHandler } from '../src/adapters/http/schema.ts'
import { scopeOf } from '../src/config/template.ts'
import type { Event } from '../src/event.ts'
import { bodyOf, certificate, folder, serve } from './endpoint.ts'
import { tcpServer } from './tcp-server.ts'

const event: Event = {
  key: Buffer.from('k/1'),
  value: Buffer.from('{"orderId":"o 1"}'),
  headers: { traceparent: '00-aa-bb-01', correlation_id: 'c1', 'X-Tenant': 'fig', 'x-inner': 'no' },
  source: 'IN-0@7',
  topic: 'IN',
  partition: 0,
  offset: '7',
}

function callerFor(handler: Partial<HttpHandler>, options?: Parameters<typeof createCaller>[1]): Caller {
  const caller = createCaller(
    {
      type: 'http',
      method: 'POST',
      url: 'http://localhost',
      headers: {},
      passHeaders: [],
      timeoutMs: 20_000,
      ...handler,
    },
    options,
  )
  onTestFinished(caller.stop)
  return caller
}

const send = (caller: Caller, changes: Partial<Event> = {}) => {
  const changed = { ...event, ...changes }
  return caller.call(changed, scopeOf(changed))
}

/** Answers with what it was asked. */
const mirror = () =>
  serve(async (request, response) => {
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers, body: (await bodyOf(request)).toString('latin1') }))
  })

const mirrored = async (handler: Partial<HttpHandler>, changes?: Partial<Event>) => {
  const { url = await mirror(), ...rest } = handler
  return JSON.parse(String((await send(callerFor({ url, ...rest }), changes)).body))
}

/** A server that speaks no HTTP but what `act` does; resolves with its origin. */
const rawServer = async (act: (socket: Socket) => void) =>
  `http://${await tcpServer(socket => socket.on('data', () => act(socket)))}`

describe('the request', () => {
  it("carries the event's bytes, and the headers that always travel", async () => {
    const value = Buffer.from([0, 255, 10, 128])
    const { method, url, headers, body } = await mirrored({ url: `${await mirror()}/payload?a=b` }, { value })
    expect({ method, url, body }).toEqual({
      method: 'POST',
      url: '/payload?a=b',
      body: value.toString('latin1'),
    })
    expect(headers).toMatchObject({
      'content-type': 'application/text',
      'content-length': '4',
      traceparent: '00-aa-bb-01',
      'x-correlation-id': 'c1',
    })
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-tenant']))
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-inner']))
  })

  it('is made from templates', async () => {
    const { method, url, headers, body } = await mirrored({
      method: 'PUT',
      url: `${await mirror()}/orders/{{ key }}?o={{ body.orderId }}`,
      headers: { 'X-Id': '{{ key }} of {{ topic }}', 'CONTENT-TYPE': 'application/json' },
      body: '{"wrapped": {{ body | json }} }',
    })
    expect({ method, url }).toEqual({ method: 'PUT', url: '/orders/k%2F1?o=o%201' })
    expect(headers).toMatchObject({ 'x-id': 'k/1 of IN', 'content-type': 'application/json' })
    expect(JSON.parse(body)).toEqual({ wrapped: { orderId: 'o 1' } })
  })

  it('takes the headers of the event that are allowed, whatever their case, before the configured ones', async () => {
    const { headers } = await mirrored({ passHeaders: ['x-tenant'], headers: { 'X-TENANT': 'nobody' } })
    expect(headers['x-tenant']).toBe('fig')
    expect(headers['x-inner']).toBeUndefined()
  })

  it.each(['GET', 'DELETE'] as const)('%s has no body, unless one is configured', async method => {
    const without = await mirrored({ method })
    expect(without.method).toBe(method)
    expect(without.body).toBe('')
    expect(without.headers['content-type']).toBeUndefined()
    expect((await mirrored({ method, body: 'find {{ key }}' })).body).toBe('find k/1')
  })

  it('has an empty body for an event without a value', async () => {
    const { headers, body } = await mirrored({}, { value: Buffer.alloc(0) })
    expect(body).toBe('')
    expect(headers['content-length']).toBe('0')
  })

  it('has headers in UTF-8', async () => {
    const token = 'grüße'
    const correlation_id = 'Bestellung №1, Café €, 日本 🍜'
    const { headers } = await mirrored(
      { headers: { 'X-Fixed': 'Café €', 'X-Key': '{{ key }} €' }, auth: { type: 'bearer', token } },
      { headers: { correlation_id } },
    )
    const came = (name: string) => Buffer.from(headers[name], 'latin1').toString()
    expect(came('x-correlation-id')).toBe(correlation_id)
    expect(came('x-fixed')).toBe('Café €')
    expect(came('x-key')).toBe('k/1 €')
    expect(came('authorization')).toBe(`Bearer ${token}`)
  })

  it.each([
    ['line\r\nInjected: yes', 'line  Injected: yes'],
    ['\0 nul, \x7f delete and \x1b escape\n', 'nul,   delete and   escape'],
    ['', ''],
    [' \n ', ''],
    ['x'.repeat(100_000), 'x'.repeat(1_000)],
    [`${'x'.repeat(999)}🍜`, `${'x'.repeat(999)}�`],
  ])('is made whatever the tracing headers hold: %j', async (value, expected) => {
    const tracing = { traceparent: value, Correlation_ID: value, 'x-tenant': value.slice(0, 999) }
    const { headers } = await mirrored({ passHeaders: ['X-Tenant'] }, { headers: tracing })
    const came = (name: string) => Buffer.from(headers[name], 'latin1').toString()
    expect(came('traceparent')).toBe(expected)
    expect(came('x-correlation-id')).toBe(expected)
    expect(came('x-tenant')).toBe(expected.slice(0, 999))
    expect(headers.injected).toBeUndefined()
  })

  it('can not be made with a line break in a header that a template makes', async () => {
    const caller = callerFor({ url: await mirror(), headers: { 'X-Note': '{{ body.note }}' } })
    await expect(send(caller, { value: Buffer.from('{"note": "a\\nb"}') })).rejects.toThrow(
      new UnreadableRecordError("the header x-note has characters that HTTP can't hold"),
    )
  })

  it.each([
    ['ftp://localhost/', 'the URL is no http: or https: URL'],
    ['nowhere', 'the URL is no http: or https: URL'],
    ['http://u:p@localhost/', 'the URL has a user or a password, which belong into auth'],
  ])('can not be sent to %s, be it fixed or from a template', async (url, reason) => {
    expect(() => callerFor({ url })).toThrow(reason)
    const template = callerFor({ url: '{{ headers.to | raw }}' })
    await expect(send(template, { headers: { to: url } })).rejects.toThrow(new UnreadableRecordError(reason))
  })

  it.each([
    ['..', '{{ key }}'],
    ['.', '{{ key }}'],
    ['%2e%2E', '{{ key | raw }}'],
    ['a\\..\\b', '{{ key | raw }}'],
    ['.\t.', '{{ key | raw }}'],
  ])('can not be led elsewhere by the key %j in %s', async (key, part) => {
    const caller = callerFor({ url: `http://localhost:1/orders/${part}/cancel` })
    await expect(send(caller, { key: Buffer.from(key) })).rejects.toThrow(
      new UnreadableRecordError('the URL has . or .. in its path'),
    )
  })

  it.each<Partial<HttpHandler>>([
    { headers: { 'Content-Length': '1' } },
    { passHeaders: ['Transfer-Encoding'] },
    { headers: { 'x y': '' } },
    { headers: { x: 'a\nb' } },
  ])("is refused from the start when it would break HTTP's own: %j", handler => {
    expect(() => callerFor(handler)).toThrow()
  })

  it('can be shown without being sent, and without its secrets', () => {
    const caller = callerFor({
      url: 'http://localhost:1/{{ key }}?api_key=s3cret&page=1',
      headers: {
        Cookie: 'id=s3cret',
        'X-Api-Key': 's3cret',
        Authorization: 'Basic s3cret',
        'X-Id': '{{ key }}',
      },
    })
    expect(caller.request(event, scopeOf(event))).toEqual({
      method: 'POST',
      url: 'http://localhost:1/k%2F1?api_key=***&page=1',
      headers: {
        'content-type': 'application/text',
        cookie: '***',
        'x-api-key': '***',
        authorization: 'Basic ***',
        'x-id': 'k/1',
        traceparent: '00-aa-bb-01',
        'x-correlation-id': 'c1',
      },
      body: event.value,
    })
    const auth = { type: 'oauth2', tokenUrl: 'http://localhost:1', clientId: 'c' } as const
    expect(callerFor({ auth }).request(event, scopeOf(event)).headers.authorization).toBe('Bearer ***')
  })

  it.each([
    [2, 2],
    [undefined, 6],
  ])(
    'goes over connections that are kept: of at most %s, 3 calls at once open at most %i',
    async (connections, most) => {
      const sockets = new Set<unknown>()
      const url = await serve(async (request, response) => {
        sockets.add(request.socket)
        await bodyOf(request)
        response.end()
      })
      const caller = callerFor({ url }, { connections })
      for (let round = 0; round < 10; round++) await Promise.all([send(caller), send(caller), send(caller)])
      expect(sockets.size).toBeLessThanOrEqual(most)
    },
  )
})

describe('the answer', () => {
  const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'
  it.each([
    ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['100 without a reason', 'HTTP/1.1 100\r\n\r\n'],
    ['100 with headers', 'HTTP/1.1 100 Continue\r\nContent-Length: 0\r\nX-A: b\r\n\r\n'],
    ['100 twice', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2)],
    ['102, 103', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
    ['100, 199', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n'],
  ])('is what comes after %s that nobody asked for, at once or in pieces', async (_, before) => {
    for (const pieces of [[before + ok], [before, ok], [...(before + ok)]]) {
      const url = await rawServer(async socket => {
        for (const piece of pieces) {
          socket.write(piece)
          await setImmediate()
        }
      })
      const caller = callerFor({ url })
      for (const _ of [1, 2]) {
        const answer = await send(caller)
        expect(answer).toEqual({ status: 200, headers: { 'content-length': '2' }, body: Buffer.from('hi') })
      }
    }
  })

  it.each([
    ['HTTP/1.0, until the connection ends', 'HTTP/1.0 200 OK\r\n\r\nhi'],
    ['without a reason', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi'],
    [
      'with a trailer',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n0\r\nX-T: 1\r\n\r\n',
    ],
    [
      'that offers another protocol',
      `HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nhi`,
    ],
  ])('may be %s', async (_, text) => {
    const url = await rawServer(socket => socket.end(text))
    expect(await send(callerFor({ url }))).toMatchObject({ status: 200, body: Buffer.from('hi') })
  })

  it('has headers in UTF-8, or in ISO 8859-1 where they are no UTF-8', async () => {
    const head = (value: Buffer) =>
      Buffer.concat([
        Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Place: '),
        value,
        Buffer.from('\t\r\n\r\n'),
      ])
    const placeOf = async (value: Buffer) => {
      const url = await rawServer(socket => socket.end(head(value)))
      return (await send(callerFor({ url }))).headers['x-place']
    }
    expect(await placeOf(Buffer.from('Café €, 日本 🍜'))).toBe('Café €, 日本 🍜')
    expect(await placeOf(Buffer.from('Café', 'latin1'))).toBe('Café')
  })

  const answering = (status: number, headers: Record<string, string | string[]>, body?: Buffer | string) =>
    serve((_, response) => response.writeHead(status, headers).end(body))

  it.each([200, 204, 302, 404, 503])('of status %i is an answer', async status => {
    const url = await answering(status, { 'X-Cost': '3', Location: '/elsewhere', 'Set-Cookie': ['a', 'b'] })
    const answer = await send(callerFor({ url }))
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject({ 'x-cost': '3', location: '/elsewhere', 'set-cookie': 'a, b' })
    expect(answer.body).toEqual(Buffer.alloc(0))
  })

  it('to a HEAD has no body', async () => {
    const url = await answering(200, { 'Content-Encoding': 'gzip', 'Content-Length': '10' })
    expect((await send(callerFor({ url, method: 'HEAD' }))).body).toEqual(Buffer.alloc(0))
  })

  const plain = Buffer.from([0, 1, 255, ...Buffer.from('plain'.repeat(100))])
  it.each([
    ['gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['zstd', zstdCompressSync(plain)],
    ['deflate, GZIP', gzipSync(deflateSync(plain))],
  ])('in %s comes out plain', async (encoding, bytes) => {
    const answer = await send(
      callerFor({ url: await answering(200, { 'Content-Encoding': encoding }, bytes) }),
    )
    expect(answer.body).toEqual(plain)
    expect(answer.headers).not.toHaveProperty('content-encoding')
    expect(answer.headers).not.toHaveProperty('content-length')
  })

  it('with more headers than are read can not be used', async () => {
    const url = await answering(200, { 'X-Long': 'x'.repeat(20_000) })
    await expect(send(callerFor({ url }))).rejects.toThrow(
      new UnreadableRecordError('the answer has too many headers'),
    )
  })

  it('in an encoding that nobody knows stays as it is', async () => {
    const answer = await send(callerFor({ url: await answering(200, { 'Content-Encoding': 'odd' }, plain) }))
    expect(answer.body).toEqual(plain)
    expect(answer.headers['content-encoding']).toBe('odd')
  })

  it('that is not the gzip that it says can not be used, except for its status where that is an error', async () => {
    const headers = { 'Content-Encoding': 'gzip' }
    await expect(send(callerFor({ url: await answering(200, headers, 'Hello') }))).rejects.toEqual(
      new UnreadableRecordError('the answer is not the gzip that it says', { dead_letter_status: '200' }),
    )
    const error = await send(callerFor({ url: await answering(502, headers, '<html>') }))
    expect(error).toMatchObject({ status: 502, body: Buffer.from('<html>') })
  })

  it.each([
    ['as it is', {}, plain],
    ['once it is decoded', { 'Content-Encoding': 'gzip' }, gzipSync(plain)],
  ])('that is too large %s can not be used', async (_, headers, bytes) => {
    const url = await answering(200, headers, bytes)
    await expect(send(callerFor({ url }, { maxBytes: plain.length - 1 }))).rejects.toEqual(
      new UnreadableRecordError(`the answer is larger than ${plain.length - 1} bytes`, {
        dead_letter_status: '200',
      }),
    )
    expect((await send(callerFor({ url }, { maxBytes: plain.length }))).body).toEqual(plain)
  })
})

describe('no answer', () => {
  const failure = async (handler: Partial<HttpHandler>) => {
    const error = await send(callerFor(handler)).catch(error => error)
    expect(error).toBeInstanceOf(NetworkError)
    expect(error.cause).toBeUndefined()
    return error.message
  }

  it('as nobody listens', async () => {
    expect(await failure({ url: 'http://127.0.0.1:1/secret/path' })).toBe(
      'http://127.0.0.1:1: the connection is refused (ECONNREFUSED)',
    )
    expect(await failure({ url: 'http://localhost:1' })).toBe(
      'http://localhost:1: the connection is refused (ECONNREFUSED)',
    )
  })

  it.each([
    ['before its head', ''],
    ['within its body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsecret'],
  ])('as the connection is cut %s', async (_, text) => {
    const url = await rawServer(socket => socket.end(text))
    expect(await failure({ url })).toMatch(`${url}: the connection was cut (`)
  })

  it.each([
    ['no head', ''],
    ['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsecret'],
  ])('in time: there is %s', async (_, text) => {
    const url = await rawServer(socket => socket.write(text))
    expect(await failure({ url, timeoutMs: 300 })).toBe(`${url}: no answer within 300 ms`)
  })

  it('in time, as all connections are taken', async () => {
    const url = await rawServer(() => {})
    const caller = callerFor({ url, timeoutMs: 300 }, { connections: 1 })
    for (const call of [send(caller), send(caller)])
      await expect(call).rejects.toThrow('no answer within 300 ms')
  })

  it('over TLS', async () => {
    const url = (await serve((_, response) => response.end())).replace('http:', 'https:')
    expect(await failure({ url })).toBe(`${url}: no TLS connection (ERR_SSL_WRONG_VERSION_NUMBER)`)
  })

  it('that is HTTP', async () => {
    const url = await rawServer(socket => socket.end('secret\r\n\r\n'))
    const message = await failure({ url })
    expect(message).toMatch(url)
    expect(message).not.toMatch('secret')
  })

  it('is told by check, too', async () => {
    await expect(callerFor({ url: 'http://127.0.0.1:1/{{ key }}' }).check()).rejects.toThrow(
      new NetworkError('http://127.0.0.1:1: the connection is refused (ECONNREFUSED)'),
    )
    let calls = 0
    const url = await serve(() => calls++)
    await callerFor({ url }).check()
    await callerFor({ url: '{{ headers.to | raw }}' }).check()
    expect(calls).toBe(0)
  })
})

describe('authentication', () => {
  it('is Basic, of a user and a password', async () => {
    const auth = { type: 'basic', username: 'Ann', password: 'grüße: s3cret' } as const
    const { headers } = await mirrored({ auth, headers: { Authorization: 'other' } })
    expect(headers.authorization).toBe(`Basic ${Buffer.from('Ann:grüße: s3cret').toString('base64')}`)
  })

  it('is a token from a file, and follows that file', async () => {
    const tokenFile = join(folder(), 'token')
    const rotate = (token: string, at: string) => {
      writeFileSync(tokenFile, `${token}\n`)
      utimesSync(tokenFile, new Date(at), new Date(at))
    }
    const caller = callerFor({ url: await mirror(), auth: { type: 'bearer', tokenFile } })
    const authorization = async () => JSON.parse(String((await send(caller)).body)).headers.authorization
    await expect(send(caller)).rejects.toThrow('ENOENT')
    rotate('one', '2026-01-01')
    expect(await authorization()).toBe('Bearer one')
    rotate('two', '2026-01-02')
    expect(await authorization()).toBe('Bearer two')
  })

  describe('by OAuth 2.0', () => {
    interface TokenService {
      url: string
      asked: URLSearchParams[]
      lifeS: number
      mode: 'up' | 'down'
    }

    async function tokenService(): Promise<TokenService> {
      const basic = `Basic ${Buffer.from('eventor:s3cret').toString('base64')}`
      const service: TokenService = { url: '', asked: [], lifeS: 3600, mode: 'up' }
      service.url = await serve(async (request, response) => {
        service.asked.push(new URLSearchParams(String(await bodyOf(request))))
        const answer = (status: number, body: object) =>
          response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
        if (service.mode === 'down') answer(500, { secret: 'internals' })
        else if (request.headers.authorization !== basic)
          answer(401, { error: 'invalid_client', error_description: 's3cret' })
        else {
          const access_token = `t${service.asked.length}`
          answer(200, { access_token, token_type: 'Bearer', expires_in: service.lifeS })
        }
      })
      return service
    }

    /** An endpoint that takes only some tokens, and remembers all that came. */
    async function guarded(accepts: (token: string) => boolean) {
      const came: string[] = []
      const url = await serve(async (request, response) => {
        const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
        came.push(token)
        response.writeHead(accepts(token) ? 200 : 401).end(await bodyOf(request))
      })
      return { url, came }
    }

    const authFor = ({ url }: Pick<TokenService, 'url'>, clientSecret = 's3cret') =>
      ({
        type: 'oauth2',
        tokenUrl: `${url}/token`,
        clientId: 'eventor',
        clientSecret,
        scope: 'a b',
        audience: 'kitchen',
      }) as const

    it('has one token for all calls, asked for once', async () => {
      const tokens = await tokenService()
      const { url, came } = await guarded(() => true)
      const caller = callerFor({ url, auth: authFor(tokens) })
      await Promise.all(Array.from({ length: 5 }, () => send(caller)))
      await send(caller)
      expect(came).toEqual(Array(6).fill('t1'))
      expect(tokens.asked.map(Object.fromEntries)).toEqual([
        { grant_type: 'client_credentials', scope: 'a b', audience: 'kitchen' },
      ])
    })

    it('gets another token once the last one is about to expire', async () => {
      const tokens = await tokenService()
      tokens.lifeS = 1
      const { url, came } = await guarded(() => true)
      const caller = callerFor({ url, auth: authFor(tokens) })
      await waitUntil('another token', 10_000, async () => {
        await send(caller)
        return came.includes('t2')
      })
      expect(came[0]).toBe('t1')
    })

    it('gets another token, once, and repeats the call, once, when the endpoint refuses', async () => {
      const tokens = await tokenService()
      const { url, came } = await guarded(token => token === 't2')
      const caller = callerFor({ url, auth: authFor(tokens) })
      const answers = await Promise.all(Array.from({ length: 5 }, () => send(caller)))
      expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
        Array(5).fill({ status: 200, body: event.value }),
      )
      expect(came.toSorted()).toEqual([...Array(5).fill('t1'), ...Array(5).fill('t2')])
      expect(tokens.asked).toHaveLength(2)
    })

    it("gives the endpoint's answer back when it refuses the new token, too", async () => {
      const tokens = await tokenService()
      const { url, came } = await guarded(() => false)
      expect((await send(callerFor({ url, auth: authFor(tokens) }))).status).toBe(401)
      expect(came).toEqual(['t1', 't2'])
    })

    it('fails as an outage while there is no token, and works again afterwards', async () => {
      const tokens = await tokenService()
      tokens.mode = 'down'
      const { url, came } = await guarded(() => true)
      const caller = callerFor({ url, auth: authFor(tokens) })
      const error = await send(caller).catch(error => error)
      expect(error).not.toBeInstanceOf(UnreadableRecordError)
      expect(error).not.toBeInstanceOf(NetworkError)
      expect(error.message).toBe(`the token endpoint ${tokens.url} answered 500, which is no token`)
      await expect(caller.check()).rejects.toThrow(error.message)
      expect(came).toEqual([])
      tokens.mode = 'up'
      expect((await send(caller)).status).toBe(200)
    })

    it('says that the token endpoint is away', async () => {
      const caller = callerFor({ auth: authFor({ url: 'http://127.0.0.1:2' }) })
      await expect(send(caller)).rejects.toThrow(
        new Error('the token endpoint http://127.0.0.1:2: the connection is refused (ECONNREFUSED)'),
      )
    })

    it('says that the secret is wrong, and neither the secret nor what the service says', async () => {
      const tokens = await tokenService()
      const caller = callerFor({ auth: authFor(tokens, 'wr0ng') })
      await expect(send(caller)).rejects.toEqual(
        new Error(`the token endpoint ${tokens.url} answered 401, invalid_client`),
      )
    })
  })

  describe('by certificates', () => {
    it('trusts whom caFile names, shows its own, and follows the files', async () => {
      const files = folder()
      const server = certificate(files, 'server')
      const client = certificate(files, 'client')
      const demanding = { key: server.key, cert: server.cert, ca: client.cert, requestCert: true }
      const url = await serve((_, response) => response.end('welcome'), demanding)
      const { certFile, keyFile } = client

      const known = callerFor({ url, tls: { caFile: server.certFile, certFile, keyFile } })
      await known.check()
      expect(String((await send(known)).body)).toBe('welcome')

      await expect(send(callerFor({ url }))).rejects.toThrow(
        new NetworkError(`${url}: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)`),
      )
      await expect(callerFor({ url }).check()).rejects.toThrow(NetworkError)
      await expect(send(callerFor({ url, tls: { caFile: server.certFile } }))).rejects.toThrow(NetworkError)

      const caFile = join(files, 'ca.pem')
      writeFileSync(caFile, client.cert)
      const follows = callerFor({ url, tls: { caFile, certFile, keyFile } })
      await expect(send(follows)).rejects.toThrow(NetworkError)
      writeFileSync(caFile, server.cert)
      utimesSync(caFile, new Date('2026-01-01'), new Date('2026-01-01'))
      expect((await send(follows)).status).toBe(200)
    })

    it('reaches a token endpoint with a certificate of caFile', async () => {
      const server = certificate(folder(), 'server')
      const tokenUrl = await serve(
        (_, response) =>
          response
            .writeHead(200, { 'Content-Type': 'application/json' })
            .end('{"access_token":"t1","token_type":"bearer"}'),
        server,
      )
      const auth = { type: 'oauth2', tokenUrl, clientId: 'c', clientSecret: 's' } as const
      const { headers } = await mirrored({ auth, tls: { caFile: server.certFile } })
      expect(headers.authorization).toBe('Bearer t1')
    })
  })
})
