import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OrderAccepted } from 'kafka-restaurants-contracts'
import { cacheDir } from 'kafka-restaurants-dev-env/paths'
import { localUrl } from 'kafka-restaurants-dev-env/platform/parts'
import { type Platform, startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import {
  asRow,
  type ListedMetric,
  listedMetrics,
  metricsDoc,
  readMetrics,
  sumOf,
  type ToldMetric,
} from 'kafka-restaurants-dev-env/testing/metrics'
import { otlpCollector } from 'kafka-restaurants-dev-env/testing/otlp-collector'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const [paying, declined] = ['4242424242424242', '4000000000000002']
const deadline = { timeout: 30_000, interval: 200 }
const openMetrics = 'application/openmetrics-text;version=1.0.0'
let collector: Awaited<ReturnType<typeof otlpCollector>>
let platform: Platform
const dataDir = mkdtempSync(join(cacheDir, 'test-metrics-'))
/** What each part has ever told. */
const told = new Map<string, ListedMetric>()

beforeAll(async () => {
  collector = await otlpCollector()
  platform = await startPlatform({
    dataDir,
    portOffset: await freeOffset(),
    site: false,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      KITCHEN_AUTOPILOT: '3',
    },
  })
}, 90_000)
afterAll(async () => {
  await platform?.stop()
  await collector?.[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

const textOf = async (part: string, accept = 'text/plain') => {
  const headers = { accept }
  const ports: Record<string, number> = { ...platform.ports }
  return (await fetch(`${localUrl(ports[`${part} metrics`] ?? 0)}/metrics`, { headers })).text()
}

async function scrape(part: string): Promise<ToldMetric[]> {
  const metrics = readMetrics(await textOf(part))
  for (const { name, type, help, labels } of metrics) {
    if (/^(process|nodejs)_/.test(name)) continue
    const before = told.get(name) ?? { name, type, help, labels: [], parts: [] }
    const both = (a: string[], b: string[]) => [...new Set([...a, ...b])].sort()
    expect({ type, help }).toEqual({ type: before.type, help: before.help })
    told.set(name, { ...before, labels: both(before.labels, labels), parts: both(before.parts, [part]) })
  }
  return metrics
}

async function post(url: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

/** @param traceparent of a trace that is kept, or none */
async function order(creditCard: string, traceparent?: string) {
  const body = { restaurant: 'olive-and-thyme', email: 'measured@example.com', creditCard }
  const headers: Record<string, string> = traceparent ? { traceparent } : {}
  return OrderAccepted.parse((await post(`${platform.urls.searchOrder}/orders`, body, headers)).body)
}

const bankIs = (mode: string) =>
  fetch(`${platform.urls.bankAdmin}/mode`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode }),
  })

test('what becomes of orders is told: how many, how long each step took, and what waits while the bank is away', async () => {
  const traceId = randomBytes(16).toString('hex')
  await order(paying, `00-${traceId}-${randomBytes(8).toString('hex')}-01`)
  await vi.waitFor(
    async () => expect(sumOf(await scrape('command-queue'), 'command_queue_running')).toBe(1),
    deadline,
  )
  await order(declined)
  await vi.waitFor(
    async () => expect(sumOf(await scrape('email'), 'order_mail_seconds_count')).toBe(2),
    deadline,
  )

  await bankIs('failing')
  await order(paying)
  const handling = { group: 'transaction-service', of: 'handling' }
  await vi.waitFor(async () => {
    const seen = await scrape('transaction')
    expect(sumOf(seen, 'kafka_group_outage', handling)).toBe(1)
    expect(sumOf(seen, 'kafka_oldest_waiting_seconds')).toBeGreaterThan(0.5)
    expect(sumOf(seen, 'charge_seconds_count', { outcome: 'failed' })).toBeGreaterThan(1)
  }, deadline)
  const lag = { group: 'transaction-service', topic: 'order' }
  await vi.waitFor(
    async () => expect(sumOf(await scrape('backstage'), 'kafka_group_lag', lag)).toBe(1),
    deadline,
  )
  await bankIs('normal')
  await vi.waitFor(
    async () => expect(sumOf(await scrape('email'), 'order_mail_seconds_count')).toBe(3),
    deadline,
  )

  const [searchOrder, transaction, email, bank] = await Promise.all(
    ['search-order', 'transaction', 'email', 'bank'].map(scrape),
  )
  const counts = (metrics: ToldMetric[] = [], name: string, label: string) =>
    Object.fromEntries(
      metrics
        .flatMap(({ samples }) => samples)
        .filter(sample => sample.name === name)
        .map(({ labels, value }) => [labels[label], value]),
    )
  expect(sumOf(searchOrder ?? [], 'orders_accepted_total')).toBe(3)
  expect(counts(transaction, 'orders_settled_total', 'outcome')).toEqual({ paid: 2, declined: 1 })
  expect(sumOf(transaction ?? [], 'order_confirmation_seconds_count')).toBe(3)
  expect(counts(transaction, 'charge_seconds_count', 'outcome')).toMatchObject({ paid: 2, declined: 1 })
  expect(sumOf(transaction ?? [], 'kafka_transaction_records_sum')).toBe(3)
  expect(sumOf(transaction ?? [], 'kafka_group_outage', handling)).toBe(0)
  expect(sumOf(transaction ?? [], 'kafka_oldest_waiting_seconds')).toBe(0)
  expect(counts(email, 'order_mail_seconds_count', 'outcome')).toEqual({ paid: 2, declined: 1 })
  expect(counts(email, 'smtp_send_seconds_count', 'outcome')).toEqual({ sent: 3 })
  const orders = { method: 'POST', route: '/orders', status: '202' }
  expect(sumOf(searchOrder ?? [], 'http_request_duration_seconds_count', orders)).toBe(3)
  const charges = { method: 'POST', route: '/charges' }
  expect(sumOf(bank ?? [], 'http_request_duration_seconds_count', { ...charges, status: '201' })).toBe(2)
  expect(sumOf(bank ?? [], 'http_request_duration_seconds_count', { ...charges, status: '402' })).toBe(1)

  // Of three orders, the first one's trace is kept: each of its values has it as an example.
  for (const [part, name] of [
    ['transaction', 'order_confirmation_seconds'],
    ['email', 'order_mail_seconds'],
  ] as const) {
    const lines = (await textOf(part, openMetrics)).split('\n').filter(line => line.includes(' # {'))
    expect(lines).toEqual([expect.stringContaining(`# {trace_id="${traceId}"}`)])
    expect(lines[0]).toMatch(`${name}_bucket`)
  }
})

test('the groups have a member each, and nothing to do once all is done', async () => {
  const groups = [
    'transaction-service',
    'confirmation-service',
    'command-queue',
    'kitchen',
    'tracking-service',
  ]
  await vi.waitFor(async () => {
    const seen = await scrape('backstage')
    for (const group of groups) {
      expect([group, sumOf(seen, 'kafka_group_members', { group })]).toEqual([group, 1])
      expect([group, sumOf(seen, 'kafka_group_lag', { group })]).toEqual([group, 0])
    }
  }, deadline)
  // Workers look every 5 s.
  for (const part of ['transaction', 'email', 'tracking', 'command-queue', 'kitchen-eventor']) {
    await vi.waitFor(async () => {
      const lags = (await scrape(part)).find(({ name }) => name === 'kafka_consumer_lag')?.samples
      expect([part, lags?.filter(({ value }) => value > 0)]).toEqual([part, []])
    }, deadline)
  }
})

test('docs/metrics.md lists all metrics of all parts, as they tell them', async () => {
  const { body } = await post(`${platform.urls.gateway}/quotes`, { restaurant: 'olive-and-thyme' })
  expect(body).toMatchObject({ minutes: expect.any(Number) })
  await fetch(`${platform.urls.searchOrder}/search`)
  await fetch(`${platform.urls.inbox}/api/messages?to=measured@example.com`)
  // Both paid orders are cooked by then, and nothing is left that has told nothing yet.
  await vi.waitFor(
    async () => expect(sumOf(await scrape('kitchen'), 'kitchen_calls_total', { outcome: 'taken' })).toBe(2),
    deadline,
  )
  const parts = platform.services.map(({ name }) => name)
  const found = async () => {
    for (const part of parts) {
      const ofProcess = (await scrape(part)).filter(({ name }) => /^(process|nodejs)_/.test(name))
      expect([part, ofProcess.length > 20]).toEqual([part, true])
    }
    return [...told.values()]
      .map(each => (each.parts.length === parts.length ? { ...each, parts: ['all'] } : each))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }
  if (process.env.METRICS_DOC === 'write') {
    const [head] = readFileSync(metricsDoc, 'utf8').split('\n| `')
    writeFileSync(metricsDoc, `${head}\n${(await found()).map(asRow).join('\n')}\n`)
  }
  await vi.waitFor(async () => expect(await found()).toEqual(listedMetrics()), deadline)
})
