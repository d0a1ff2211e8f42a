import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { dashboards } from 'kafka-restaurants-dev-env/observe/victoria-metrics'
import { cacheDir } from 'kafka-restaurants-dev-env/paths'
import { parts } from 'kafka-restaurants-dev-env/platform/parts'
import { startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { placeOrder } from 'kafka-restaurants-dev-env/testing/place-order'
import { withServers } from 'kafka-restaurants-dev-env/testing/with-servers'
import { expect, onTestFinished, vi } from 'vitest'
import { z } from 'zod'

const deadline = { timeout: 30_000, interval: 300 }
const { it } = withServers('victoria-metrics')

it('observed, Zipkin has the whole trace of an order, and VictoriaMetrics the metrics of each part', {
  timeout: 180_000,
}, async () => {
  const dataDir = mkdtempSync(join(cacheDir, 'test-observe-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const platform = await startPlatform({
    ...{ dataDir, portOffset: await freeOffset(), site: false, observe: true },
    env: { KITCHEN_AUTOPILOT: '1' },
  })
  onTestFinished(platform.stop)
  const traceId = randomBytes(16).toString('hex')
  const { orderId } = await placeOrder(
    platform.urls,
    { email: 'observed@example.com', creditCard: '4242424242424242' },
    { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` },
  )

  const { traces = '', metrics = '' } = platform.urls
  const zipkin = `http://127.0.0.1:${platform.ports.Zipkin}`
  await vi.waitFor(async () => {
    const spans = Spans.parse(await asJson(new URL(`/zipkin/api/v2/trace/${traceId}`, zipkin)))
    expect(spans).toHaveLength(30)
    expect([...new Set(spans.map(({ localEndpoint }) => localEndpoint.serviceName))].toSorted()).toEqual([
      'bank',
      'command-queue',
      'email',
      'eventor',
      'kitchen',
      'search-order',
      'tracking',
      'transaction',
    ])
    expect(new Set(spans.map(({ tags }) => tags.order_id))).toEqual(new Set([orderId]))
  }, deadline)

  // What people open is there.
  for (const page of [traces, `${traces}/orders/${orderId}`, metrics])
    expect(await (await fetch(page)).text()).toContain('<html')

  // What has not been called has no times.
  await fetch(`${platform.urls.gateway}/quotes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ restaurant: 'Olive & Thyme' }),
  })
  await vi.waitFor(async () => {
    const up = await asJson(new URL('/api/v1/query?query=up==1', metrics))
    const jobs = Vector.parse(up).data.result.map(({ metric }) => metric.job)
    expect(jobs.toSorted()).toEqual(Object.keys(parts).toSorted())
    const known = new Set(Names.parse(await asJson(new URL('/api/v1/label/__name__/values', metrics))).data)
    expect([...shown()].filter(name => !known.has(name))).toEqual([])
  }, deadline)
})

/** The metrics that our dashboards show. */
function shown(): Set<string> {
  const texts = readdirSync(dashboards).map(file => readFileSync(join(dashboards, file), 'utf8'))
  const queries = texts.flatMap(text =>
    Dashboard.parse(JSON.parse(text)).rows.flatMap(({ panels }) => panels),
  )
  const names = queries.flatMap(({ expr }) => expr).join(' ')
  return new Set(
    names.match(/\b[a-z]+(?:_[a-z\d]+)+\b(?=[{[ )])/g)?.filter(name => name !== 'histogram_quantile'),
  )
}

const asJson = async (url: URL): Promise<unknown> => {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  return response.json()
}

const Spans = z
  .object({ localEndpoint: z.object({ serviceName: z.string() }), tags: z.record(z.string(), z.string()) })
  .array()
const Vector = z.object({
  data: z.object({ result: z.object({ metric: z.record(z.string(), z.string()) }).array() }),
})
const Names = z.object({ data: z.string().array() })
const Dashboard = z.object({
  rows: z.object({ panels: z.object({ expr: z.string().array().nonempty() }).array().nonempty() }).array(),
})
