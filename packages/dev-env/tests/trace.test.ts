import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { TrackedOrder, topics } from 'kafka-restaurants-contracts'
import { cacheDir } from 'kafka-restaurants-dev-env/paths'
import { startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { type CollectedSpan, otlpCollector } from 'kafka-restaurants-dev-env/testing/otlp-collector'
import { placeOrder } from 'kafka-restaurants-dev-env/testing/place-order'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { expect, onTestFinished, test, vi } from 'vitest'

const card = '4242424242424242'
const email = 'traced@example.com'

/** Each span of an order that is cooked at once, below the one that it follows from. */
const tree = `
caller
  search-order: POST /orders
    search-order: send order
      tracking: process order
        tracking: send changes
      transaction: process order
        transaction: POST
          bank: POST /charges
        transaction: send command-requests
          command-queue: process command-requests
            command-queue: wait in line
              command-queue: send actionable-commands
                eventor: process actionable-commands
                  eventor: POST
                    kitchen: POST /tickets
                      kitchen: POST
                        command-queue: POST /event/:resourceId/:commandId
                          command-queue: send command-events
                            command-queue: process command-events
                            tracking: process command-events
                              tracking: send changes
                  eventor: send kitchen-tickets
                tracking: process actionable-commands
                  tracking: send changes
          tracking: process command-requests
            tracking: send changes
        transaction: send order_confirm
          email: process order_confirm
            email: SMTP DATA
          tracking: process order_confirm
            tracking: send changes
`

const timeout = 120_000

test('an order is one trace, from the request to the mail, and through the line to the kitchen and back', {
  timeout,
}, async () => {
  await using collector = await otlpCollector()
  const dataDir = mkdtempSync(join(cacheDir, 'test-trace-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const platform = await startPlatform({
    dataDir,
    portOffset: await freeOffset(),
    site: false,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      KITCHEN_AUTOPILOT: '1',
    },
  })
  onTestFinished(platform.stop)

  const caller = { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') }
  // Of what else may come along with a trace nothing is passed on: it could be anything.
  const { orderId, trackingUrl } = await placeOrder(
    platform.urls,
    { email, creditCard: card },
    {
      traceparent: `00-${caller.traceId}-${caller.spanId}-01`,
      baggage: `card=${card}`,
      tracestate: `card=${card}`,
    },
  )
  const deadline = { timeout: 30_000, interval: 200 }
  await vi.waitFor(async () => {
    expect(TrackedOrder.parse(await (await fetch(trackingUrl)).json()).status).toBe('ready')
  }, deadline)

  const ofOrder = () => collector.spans.filter(({ traceId }) => traceId === caller.traceId)
  await vi.waitFor(() => expect(drawn(ofOrder(), caller.spanId)).toBe(tree.trim()), deadline)
  // What is told of it to everybody goes on in its trace, and begins no other.
  const told = await testKafka(platform.bootstrap, createContext('test', 'silent').log).readAll(
    topics.orderStatus,
  )
  expect(told.map(({ headers }) => headers.traceparent?.split('-')[1])).toEqual(Array(5).fill(caller.traceId))
  expect(collector.spans.filter(({ name }) => name === `send ${topics.orderStatus}`)).toEqual([])
  for (const span of ofOrder()) {
    const told = Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
    expect(told).toMatchObject({ order_id: orderId })
    expect(JSON.stringify(span)).not.toMatch(new RegExp(`${card}|${email}|traced|creditCard`, 'i'))
    // No path that was called, in which names and ids stand.
    const { order_id: _, ...others } = told
    expect(JSON.stringify(others)).not.toContain(orderId)
  }
})

/** Spans as a tree, those with the same parent by their names; behind it those whose parent is missing. */
function drawn(spans: CollectedSpan[], root: string): string {
  const below = (parent: string, depth: number): string[] =>
    spans
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .map(span => [`${'  '.repeat(depth)}${span.service}: ${span.name}`, ...below(span.spanId, depth + 1)])
      .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
      .flat()
  const known = new Set([root, ...spans.map(({ spanId }) => spanId)])
  const orphans = spans.filter(({ parentSpanId = '' }) => !known.has(parentSpanId))
  return [
    'caller',
    ...below(root, 1),
    ...orphans.map(({ service, name }) => `orphan: ${service}: ${name}`),
  ].join('\n')
}
