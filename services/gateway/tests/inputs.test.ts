import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { expect, it, vi } from 'vitest'
import {
  ask,
  call,
  echo,
  fileText,
  metric,
  ownTopics,
  replier,
  replyTo,
  startGateway,
  within,
  written,
} from './gateway.ts'

it('what can not be asked is refused in words, and nothing of it is written', async () => {
  const topics = await ownTopics()
  const { seen } = await replier(topics, echo)
  const schema = {
    type: 'object',
    required: ['item'],
    properties: { item: { type: 'string', maxLength: 5 } },
  }
  const gateway = await startGateway(fileText(topics, { schema, maxBytes: 2_000 }))
  const url = `${gateway.url}/ask`
  const refusals: [unknown, Record<string, string>, number, string][] = [
    ['no JSON', {}, 400, 'The body is not JSON'],
    ['', {}, 400, 'The body is not JSON'],
    ['[1]', {}, 422, 'The body must be a JSON object'],
    ['{"item":"a"}', { 'Content-Type': 'text/plain' }, 415, 'The body must be JSON'],
    [{}, {}, 422, 'Invalid request'],
    [{ item: 'too long' }, {}, 422, 'Invalid request'],
    [{ item: 'a', more: 'x'.repeat(2_000) }, {}, 413, 'The body is too large'],
    [{ item: 'a' }, { 'X-Request-ID': 'x'.repeat(10_000) }, 400, 'Invalid X-Request-ID'],
    [{ item: 'a' }, { 'X-Request-ID': 'a b' }, 400, 'Invalid X-Request-ID'],
    [{ item: 'a' }, { 'Idempotency-Key': 'k'.repeat(256) }, 400, 'Invalid Idempotency-Key'],
  ]
  for (const [body, headers, status, title] of refusals) {
    const answer = await call(url, body, headers)
    expect(answer).toMatchObject({ status, body: { status, title } })
    expect(answer.headers.get('content-type')).toMatch('application/problem+json')
  }
  const invalid = await ask(gateway, { item: 'too long' })
  expect(invalid.body.errors).toEqual([{ field: 'item', message: 'must NOT have more than 5 characters' }])
  expect(await call(url)).toMatchObject({ status: 405 })
  expect(await call(`${gateway.url}/other`, {})).toMatchObject({ status: 404 })
  expect(await withLineBreak(url)).toBe(400)
  expect(seen).toEqual([])
  expect(await ask(gateway, { item: 'a' })).toMatchObject({ status: 200 })
  expect(seen).toHaveLength(1)
})

/** Sends an id over two lines (RFC 9112, 5.2), which no client of HTTP does any more. @returns the status */
async function withLineBreak(url: string): Promise<number> {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`POST ${pathname} HTTP/1.1\r\nHost: a\r\nX-Request-ID: a\r\n b\r\nContent-Length: 2\r\n\r\n{}`)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(String(answer))?.[1])
}

it('replies that are none harm nothing, and are counted', async () => {
  const topics = await ownTopics()
  const { write } = await replier(topics, ({ id, body }) => {
    if (body.how === 'twice') return [replyTo(id, { n: 1 }), replyTo(id, { n: 2 })]
    if (body.how === 'too large') return [replyTo(id, 'x'.repeat(2_000))]
    if (body.how === 'body')
      return [{ key: null, value: JSON.stringify({ correlation_id: id }), headers: { correlation_id: '' } }]
    if (body.how === 'bad headers')
      return [replyTo(id, {}, { response_status: '999', 'content-type': 'x\r\ny', 'x-note': 'a\nb' })]
    if (body.how === 'declined') return [replyTo(id, { no: 1 }, { response_status: '402', 'x-note': 'n' })]
    return []
  })
  const gateway = await startGateway(
    fileText(topics, { timeoutMs: 500, replies: { maxBytes: 1_000, headers: ['X-Note'] } }),
  )
  const counted = (kind: string) => metric(gateway, 'gateway_replies_total', `kind="${kind}"`)
  expect(await ask(gateway, { how: 'twice' })).toMatchObject({ status: 200, body: { n: 1 } })
  await vi.waitFor(async () => expect(await counted('duplicate')).toBe(1), within(5_000))
  expect(await ask(gateway, { how: 'too large' })).toMatchObject({ status: 502, body: { status: 502 } })
  expect(await ask(gateway, { how: 'body' })).toMatchObject({ status: 200 })
  const odd = await ask(gateway, { how: 'bad headers' })
  expect([odd.status, odd.headers.get('content-type'), odd.headers.get('x-note')]).toEqual([
    200,
    'application/json',
    null,
  ])
  const declined = await ask(gateway, { how: 'declined' })
  expect([declined.status, declined.headers.get('x-note'), declined.body]).toEqual([402, 'n', { no: 1 }])

  expect(await ask(gateway, {}, { 'X-Request-ID': 'late' })).toMatchObject({ status: 504 })
  await write(replyTo('late', {}))
  await vi.waitFor(async () => expect(await counted('late')).toBe(1), within(5_000))
  await write(replyTo('nobody', {}))
  await write({ key: null, value: 'no JSON', headers: { correlation_id: 'a b' } })
  await write({ key: null, value: '{"correlation_id":', headers: { correlation_id: '' } })
  await vi.waitFor(async () => expect(await counted("nobody's here")).toBe(1), within(5_000))
  await vi.waitFor(async () => expect(await counted('without id')).toBe(2), within(5_000))
  expect(await metric(gateway, 'gateway_pending')).toBe(0)
  expect(await ask(gateway, { how: 'twice' })).toMatchObject({ status: 200 })
})

it('an id that is pending is 409; who hangs up is forgotten at once', async () => {
  const topics = await ownTopics()
  const gateway = await startGateway(fileText(topics, { timeoutMs: 20_000 }))
  const leaving = new AbortController()
  const first = call(`${gateway.url}/ask`, {}, { 'X-Request-ID': 'mine' }, { signal: leaving.signal })
  const left = first.catch(() => 'left')
  await vi.waitFor(async () => expect(await metric(gateway, 'gateway_pending')).toBe(1), within(5_000))
  expect(await ask(gateway, {}, { 'X-Request-ID': 'mine' })).toMatchObject({
    status: 409,
    body: { title: 'The id of the call is in use' },
  })
  leaving.abort()
  expect(await left).toBe('left')
  await vi.waitFor(async () => expect(await metric(gateway, 'gateway_pending')).toBe(0), within(5_000))
  expect(await metric(gateway, 'gateway_calls_total', 'left')).toBe(1)
})

it('paths, queries, keys and headers go where the route says', async () => {
  const topics = await ownTopics()
  const { seen } = await replier(topics, echo)
  const route = (more: { path: string } & Record<string, unknown>) => ({
    topic: topics.requests,
    feedbackTopic: topics.replies,
    ...more,
  })
  const routes = [
    route({ path: '/restaurants/{restaurant}/quotes', key: 'path.restaurant', headers: ['X-Tenant'] }),
    route({ path: '/prices', method: 'GET', key: 'query.item' }),
    route({
      path: '/bytes',
      body: 'bytes',
      correlationId: { header: 'X-My-Id', field: 'request_id' },
      replies: { header: 'correlation_id' },
    }),
  ]
  const gateway = await startGateway(fileText(topics, {}, { routes }))
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  await call(
    `${gateway.url}/restaurants/jade%20pavilion/quotes`,
    { restaurant: 'other' },
    { 'X-Tenant': 't', traceparent },
  )
  expect(seen[0]).toMatchObject({
    body: { restaurant: 'jade pavilion' },
    record: { headers: { 'x-tenant': 't', traceparent } },
  })
  expect(String(seen[0]?.record.key)).toBe('jade pavilion')
  expect(await call(`${gateway.url}/prices?item=tea`)).toMatchObject({
    status: 200,
    body: { echo: { item: 'tea' } },
  })
  expect(String(seen[1]?.record.key)).toBe('tea')
  expect(await call(`${gateway.url}/prices`)).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'query.item' }] },
  })
  await call(`${gateway.url}/bytes`, 'no JSON', { 'X-My-Id': 'b1', 'Content-Type': 'text/plain' })
  expect(String(seen[2]?.record.value)).toBe('no JSON')
  expect(seen[2]?.record.headers).toMatchObject({
    request_id: 'b1',
    correlation_id: 'b1',
    'content-type': 'text/plain',
  })
  const { body } = await call(`${gateway.url}/openapi.json`)
  expect(body).toMatchObject({ openapi: '3.1.0' })
  expect(Object.keys(body.paths as object)).toEqual([...routes.map(({ path }) => path), '/replies/{id}'])
})

it('API keys, rates and origins are kept to', async () => {
  const topics = await ownTopics()
  await replier(topics, echo)
  const [shop = '', other = ''] = ['shop', 'other'].map(name => `${name}-${'k'.repeat(16)}`)
  const gateway = await startGateway(
    fileText(
      topics,
      {},
      {
        apiKeys: [
          { name: 'shop', key: `\${SHOP_KEY}` },
          { name: 'other', key: `\${OTHER_KEY}` },
        ],
        rateLimit: { calls: 3, perMs: 60_000 },
        cors: ['https://a.example'],
      },
    ),
    { SHOP_KEY: shop, OTHER_KEY: other },
  )
  expect(await ask(gateway, {})).toMatchObject({ status: 401, body: { title: 'An API key is needed' } })
  expect(await ask(gateway, {}, { 'X-API-Key': `${shop}x` })).toMatchObject({ status: 401 })
  expect(await ask(gateway, {}, { 'X-API-Key': shop })).toMatchObject({ status: 200 })
  expect(await ask(gateway, {}, { Authorization: `Bearer ${shop}` })).toMatchObject({ status: 200 })
  const kept = await ask(gateway, {}, { 'X-API-Key': shop, 'Idempotency-Key': 'k' })
  expect(kept).toMatchObject({ status: 200 })
  const limited = await ask(gateway, {}, { 'X-API-Key': shop })
  expect(limited).toMatchObject({ status: 429, body: { title: 'Too many calls' } })
  expect(limited.headers.get('retry-after')).toBeTruthy()
  // Another client may not have the first one's reply.
  const reply = `${gateway.url}/replies/${kept.headers.get('correlation-id')}`
  expect(await call(reply, undefined, { 'X-API-Key': other })).toMatchObject({ status: 404 })
  const preflight = await fetch(`${gateway.url}/ask`, {
    method: 'OPTIONS',
    headers: { Origin: 'https://a.example', 'Access-Control-Request-Method': 'POST' },
  })
  expect(preflight.headers.get('access-control-allow-origin')).toBe('https://a.example')
  expect(gateway.printed()).not.toContain(shop)
})

it('a key in a file may be changed while the gateway runs', async () => {
  const topics = await ownTopics()
  await replier(topics, echo)
  const [first, second] = ['the-first-key-of-the-shop', 'the-second-key-of-the-shop']
  const keyFile = written(`${first}\n`)
  const gateway = await startGateway(fileText(topics, {}, { apiKeys: [{ name: 'shop', keyFile }] }))
  expect(await ask(gateway, {}, { 'X-API-Key': first })).toMatchObject({ status: 200 })
  expect(await ask(gateway, {}, { 'X-API-Key': second })).toMatchObject({ status: 401 })
  writeFileSync(keyFile, second)
  expect(await ask(gateway, {}, { 'X-API-Key': second })).toMatchObject({ status: 200 })
  expect(await ask(gateway, {}, { 'X-API-Key': first })).toMatchObject({ status: 401 })
})

it('the rate is that of each client behind a proxy, if that is trusted, and of the proxy else', async () => {
  const topics = await ownTopics()
  await replier(topics, echo)
  const rateLimit = { calls: 1, perMs: 60_000 }
  const [trusting, other] = await Promise.all([
    startGateway(fileText(topics, {}, { rateLimit, trustProxy: 1 })),
    startGateway(fileText(topics, {}, { rateLimit })),
  ])
  const from = async (gateway: typeof trusting, ...addresses: string[]) =>
    (await ask(gateway, {}, { 'X-Forwarded-For': addresses.join(', ') })).status
  expect(await from(trusting, '192.0.2.1')).toBe(200)
  expect(await from(trusting, '192.0.2.2')).toBe(200)
  // What a client says itself stands before what the proxy adds, and counts nothing.
  expect(await from(trusting, '192.0.2.9', '192.0.2.1')).toBe(429)
  expect(await from(other, '192.0.2.1')).toBe(200)
  expect(await from(other, '192.0.2.2')).toBe(429)
})
