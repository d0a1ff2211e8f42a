import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { otlpApp } from './otlp.ts'

const span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  name: 'send order',
  kind: 4,
  startTimeUnixNano: '1795811411664000500',
  endTimeUnixNano: '1795811411664000900',
  attributes: [
    { key: 'messaging.destination.name', value: { stringValue: 'order' } },
    { key: 'messaging.kafka.offset', value: { intValue: 7 } },
  ],
  status: { code: 2 },
}
const exported = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'search-order' } }] },
      scopeSpans: [{ spans: [span] }],
    },
  ],
}

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function sent(zipkinUrl: string, body: unknown, type = 'application/json') {
  const url = await listening(otlpApp(zipkinUrl, 'silent'))
  const request = { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) }
  const answer = await fetch(`${url}/v1/traces`, request)
  return { status: answer.status, body: (await answer.json()) as { title?: string; detail?: string } }
}

test('spans are handed on in the words of Zipkin, a topic as the other side', async () => {
  const got: unknown[] = []
  const zipkin = await listening(async (request, response) => {
    got.push(request.url, await json(request))
    response.writeHead(202).end()
  })
  expect(await sent(zipkin, exported)).toEqual({ status: 200, body: {} })
  expect(got).toEqual([
    '/api/v2/spans',
    [
      {
        ...{ traceId: span.traceId, id: span.spanId, parentId: span.parentSpanId },
        ...{ name: 'send order', kind: 'PRODUCER', timestamp: 1_795_811_411_664_000, duration: 1 },
        localEndpoint: { serviceName: 'search-order' },
        remoteEndpoint: { serviceName: 'topic order' },
        tags: {
          'messaging.destination.name': 'order',
          'messaging.kafka.offset': '7',
          error: 'true',
        },
      },
    ],
  ])
})

test('who sends is told to try again while Zipkin is away, and not where it refuses', async () => {
  const { status, body } = await sent('http://127.0.0.1:9', exported)
  expect([status, body]).toEqual([503, expect.objectContaining({ title: 'Zipkin is away' })])
  const refuses = await listening((_request, response) => response.writeHead(400).end('no'))
  expect((await sent(refuses, exported)).status).toBe(400)
  const overloaded = await listening((_request, response) => response.writeHead(500).end())
  expect((await sent(overloaded, exported)).status).toBe(503)
})

test.each([
  ['/', 'order_id'],
  ['/orders/4711', 'order_id=4711'],
])('%s leads to the traces with the tag %s, up to now', async (path, tag) => {
  const url = await listening(otlpApp('http://127.0.0.1:9411', 'silent'))
  const answer = await fetch(`${url}${path}`, { redirect: 'manual' })
  const { pathname, searchParams } = new URL(answer.headers.get('location') ?? '')
  expect([answer.status, pathname, searchParams.get('annotationQuery')]).toEqual([302, '/zipkin/', tag])
  expect(Number(searchParams.get('endTs'))).toBeGreaterThan(Date.now())
})

test('what is no JSON, or no spans, is refused with what to do', async () => {
  const zipkin = 'http://127.0.0.1:9'
  const binary = await sent(zipkin, exported, 'application/x-protobuf')
  expect([binary.status, binary.body.detail]).toEqual([415, 'Set OTEL_EXPORTER_OTLP_PROTOCOL=http/json.'])
  expect((await sent(zipkin, { resourceSpans: [{}] })).status).toBe(400)
})
