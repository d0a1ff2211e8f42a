import { otlpCollector } from 'kafka-restaurants-dev-env/testing/otlp-collector'
import { expect, test, vi } from 'vitest'
import { POST } from '../app/clicks/route.ts'
import { sendClick, tracedShare } from './click-traces.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }
const shareWith = (env: Record<string, string>) => tracedShare({ NODE_ENV: 'test', ...env })
const click = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), ms: 20.5 }
const orderId = '0b0ad4c4-63a1-4d0f-9d4b-2f3f2c1f9a11'

test('clicks are traced in the share of OpenTelemetry’s variables', () => {
  expect(shareWith({})).toBeUndefined()
  expect(shareWith(endpoint)).toBe(1)
  expect(shareWith({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector/v1/traces' })).toBe(1)
  const ratio = { ...endpoint, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' }
  expect(shareWith({ ...ratio, OTEL_TRACES_SAMPLER_ARG: '0.01' })).toBe(0.01)
  expect(shareWith({ ...ratio, OTEL_TRACES_SAMPLER_ARG: 'much' })).toBe(1)
  expect(shareWith(ratio)).toBe(1)
  expect(shareWith({ ...endpoint, OTEL_TRACES_SAMPLER: 'always_off' })).toBe(0)
  expect(shareWith({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBeUndefined()
  expect(shareWith({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toBeUndefined()
})

test('the span of a click ends when it is told, and has its order', async () => {
  await using collector = await otlpCollector()
  const env = { NODE_ENV: 'test', OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` } as const
  await sendClick({ ...click, orderId }, 1_700_000_000_000, env)
  await sendClick(click, 1_700_000_000_000, env)
  expect(collector.spans[0]).toMatchObject({
    ...{ service: 'browser', name: 'order', traceId: click.traceId, spanId: click.spanId },
    startTimeUnixNano: '1699999999979500000',
    endTimeUnixNano: '1700000000000000000',
    attributes: [{ key: 'order_id', value: { stringValue: orderId } }],
    status: {},
  })
  expect(collector.spans[0]).not.toHaveProperty('parentSpanId')
  expect(collector.spans[1]).toMatchObject({ attributes: [], status: { code: 2 } })
})

const post = (body: string, headers: Record<string, string> = {}) =>
  POST(
    new Request('http://site/clicks', {
      method: 'POST',
      body,
      headers: { 'content-length': String(body.length), ...headers },
    }),
  )

test('only clicks are taken, of our own pages, and only where anything is traced', async () => {
  expect((await post(JSON.stringify(click))).status).toBe(404)
  await using collector = await otlpCollector()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  for (const body of [
    ...['', '{', '[]', 'null', JSON.stringify({ ...click, spanId: '0'.repeat(16) })],
    ...[{ traceId: 'A'.repeat(32) }, { ms: -1 }, { ms: 1e9 }, { orderId: 'diner@example.com' }].map(wrong =>
      JSON.stringify({ ...click, ...wrong }),
    ),
    JSON.stringify({ ...click, much: 'x'.repeat(1_000) }),
  ])
    expect((await post(body)).status, body).toBe(400)
  expect((await post(JSON.stringify(click), { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await post(JSON.stringify(click), { 'sec-fetch-site': 'same-origin' })).status).toBe(204)
  await vi.waitFor(() => expect(collector.spans).toHaveLength(1))
  vi.unstubAllEnvs()
})
