import { createMetrics } from 'kafka-restaurants-service'
import { expect, it, vi } from 'vitest'
import { orderMetrics } from './metrics.ts'

const record = { timestamp: '1000' } as Parameters<ReturnType<ReturnType<typeof orderMetrics>['settled']>>[0]
const output = (topic: string) => ({ topic, key: null, value: '' })

async function told(...settled: [topics: string[], atMs: number][]) {
  const metrics = createMetrics()
  const settle = orderMetrics(metrics).settled({ confirm: 'yes', declined: 'no' })
  for (const [topics, at] of settled) {
    vi.spyOn(Date, 'now').mockReturnValue(at)
    settle(record, topics.map(output))
  }
  vi.restoreAllMocks()
  const values = async (name: string) =>
    (await metrics.getMetricsAsJSON()).find(each => each.name === name)?.values ?? []
  const seconds = await values('order_confirmation_seconds')
  return {
    orders: (await values('orders_settled_total')).map(({ labels, value }) => [labels.outcome, value]),
    sum: seconds.find(each => 'metricName' in each && each.metricName === 'order_confirmation_seconds_sum')
      ?.value,
  }
}

it('an order is settled by its outcome, whatever else was written for it', async () => {
  expect(await told([['yes', 'commands'], 2_500], [['no'], 1_500], [['yes'], 1_000])).toEqual({
    orders: [
      ['paid', 2],
      ['declined', 1],
    ],
    sum: 2,
  })
})

it('what is no outcome is no order: a dead letter, or a duplicate without any output', async () => {
  const none = {
    orders: [
      ['paid', 0],
      ['declined', 0],
    ],
    sum: 0,
  }
  expect(await told([['order.dead-letters'], 2_000], [[], 2_000])).toEqual(none)
})

it('a record that says it was written later than now has taken no time', async () => {
  expect((await told([['yes'], 500])).sum).toBe(0)
})
