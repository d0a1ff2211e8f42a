import { expect, test } from '@playwright/test'
import { type CollectedSpan, otlpCollector } from 'kafka-restaurants-dev-env/testing/otlp-collector'
import { cards, chooseFirstDish, fillIn, firstRestaurant, newDiner, placeOrder, seePaid } from './platform.ts'

const port = Number(process.env.COLLECTOR_PORT ?? 4318)

test('an order is one trace from the click: through the edge to search-order, the bank and the mail', async ({
  page,
  request,
}) => {
  await using collector = await otlpCollector(port)
  const restaurant = await firstRestaurant(request)
  const email = newDiner()
  await chooseFirstDish(page, restaurant)
  // Of which orders are traced a draw decides, which this one wins.
  await page.evaluate(() => Object.assign(Math, { random: () => 0 }))
  await fillIn(page, { email, card: cards.good })
  const orderId = await placeOrder(page)
  await seePaid(page)

  const named = ({ service, name }: CollectedSpan) => `${service}: ${name}`
  await expect
    .poll(() => pathTo(collector.spans, 'email: SMTP DATA').map(named), { timeout: 30_000 })
    .toEqual([
      'browser: order',
      'search-order: POST /orders',
      'search-order: send order',
      'transaction: process order',
      'transaction: send order_confirm',
      'email: process order_confirm',
      'email: SMTP DATA',
    ])
  const [click, posted] = pathTo(collector.spans, 'email: SMTP DATA')
  expect(click?.attributes).toEqual([{ key: 'order_id', value: { stringValue: orderId } }])
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([click?.traceId]))
  const lasted = ({ startTimeUnixNano, endTimeUnixNano }: CollectedSpan) =>
    BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)
  expect(click && posted && lasted(click) >= lasted(posted), 'the click takes as long as its request').toBe(
    true,
  )
  expect(JSON.stringify(collector.spans)).not.toMatch(new RegExp(`${cards.good}|${email}`))
})

/** A span and all that it follows from, the first one first; none where one of them is not there. */
function pathTo(spans: CollectedSpan[], last: string): CollectedSpan[] {
  const path = spans.filter(({ service, name }) => `${service}: ${name}` === last).slice(0, 1)
  while (path[0]?.parentSpanId) {
    const { parentSpanId } = path[0]
    const parent = spans.find(({ spanId }) => spanId === parentSpanId)
    if (!parent) return []
    path.unshift(parent)
  }
  return path
}
