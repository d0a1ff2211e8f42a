import { createMetrics } from 'kafka-restaurants-service'
import { expect, it, vi } from 'vitest'
import { mailMetrics } from './metrics.ts'

async function sumAndCount(placedAt: string | undefined) {
  const metrics = createMetrics()
  vi.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-21T12:00:05.000Z'))
  mailMetrics(metrics).mailed('paid', placedAt)
  vi.restoreAllMocks()
  const all = await metrics.getMetricsAsJSON()
  const values = all.find(({ name }) => name === 'order_mail_seconds')?.values ?? []
  const named = (ending: string) =>
    values.find(each => 'metricName' in each && each.metricName === `order_mail_seconds_${ending}`)?.value
  return [named('sum'), named('count')]
}

it('it goes by when the order was placed', async () => {
  expect(await sumAndCount('2026-11-21T12:00:01.500Z')).toEqual([3.5, 1])
})

it('an order that was placed later than now, by another clock, has taken no time', async () => {
  expect(await sumAndCount('2026-11-21T12:00:09.000Z')).toEqual([0, 1])
})

it('an order of which it is not known when it was placed is left out', async () => {
  expect(await sumAndCount(undefined)).toEqual([undefined, undefined])
})
