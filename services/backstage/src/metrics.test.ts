import type { Pipeline } from 'kafka-restaurants-contracts'
import { createMetrics, exposition } from 'kafka-restaurants-service'
import { expect, it, onTestFinished, vi } from 'vitest'
import { clusterMetrics } from './metrics.ts'

const seen: Pipeline = {
  topics: [],
  groups: [{ name: 'g', members: 0, lag: [{ topic: 'order', records: 7 }] }],
}

function told(look: () => Promise<Pipeline>) {
  const metrics = createMetrics()
  clusterMetrics(metrics, look)
  return async () => (await exposition(metrics, undefined)).text.match(/^kafka_group\w+\{.*/gm)
}

it('groups are told as they are seen, by one look for all that is read at once', async () => {
  const look = vi.fn(async () => seen)
  const read = told(look)
  const expected = ['kafka_group_members{group="g"} 0', 'kafka_group_lag{group="g",topic="order"} 7']
  expect(await read()).toEqual(expected)
  expect(look).toHaveBeenCalledTimes(1)
  expect(await read()).toEqual(expected)
  expect(look).toHaveBeenCalledTimes(2)
})

it('while Kafka is away nothing is told of them, and nothing old', async () => {
  const look = vi.fn(async () => seen)
  const read = told(look)
  await read()
  look.mockRejectedValueOnce(new Error('away'))
  expect(await read()).toBeNull()
  expect(await read()).toHaveLength(2)
})

it('what does not answer does not hold up the rest, and is not asked again meanwhile', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const look = vi.fn(() => new Promise<Pipeline>(() => {}))
  const read = told(look)
  for (let count = 0; count < 3; count++) {
    const reading = read()
    await vi.advanceTimersByTimeAsync(3_000)
    expect(await reading).toBeNull()
  }
  expect(look).toHaveBeenCalledTimes(1)
})
