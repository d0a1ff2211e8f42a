import { createMetrics, exposition } from 'kafka-restaurants-service'
import { expect, it, vi } from 'vitest'
import { boundedLines, type Line, mostNamed, queueMetrics } from './metrics.ts'
import type { ResourceOutline } from './stored-resource.ts'

const lines = (count: number): Line[] =>
  Array.from({ length: count }, (_, index) => ({ queue: `q${index}`, length: index, running: 1, limit: 2 }))

it('as many queues as may have a name have one', () => {
  expect(boundedLines(lines(mostNamed))).toEqual(lines(mostNamed))
})

it('of more queues the longest have a name, and all others are one, of which nothing is lost', () => {
  const told = boundedLines(lines(mostNamed + 3))
  expect(told).toHaveLength(mostNamed + 1)
  expect(told[0]).toEqual({ queue: 'q102', length: 102, running: 1, limit: 2 })
  expect(told.at(-2)).toMatchObject({ queue: 'q3' })
  expect(told.at(-1)).toEqual({ queue: 'other', length: 0 + 1 + 2, running: 3, limit: 6 })
})

const busy = (waiting: number, running: number): ResourceOutline => ({
  fence: 1,
  waiting,
  running,
})

/** A queue's metrics over resources that a test changes. */
function queues(isOurs = (_id: string) => true) {
  const all = new Map<string, ResourceOutline>()
  const metrics = createMetrics()
  const outline = vi.fn((id: string) => all.get(id))
  const told = queueMetrics(metrics, {
    count: () => all.size,
    isKnown: id => all.has(id),
    outline,
    isOurs,
    limitOf: id => (id === 'free' ? null : 2),
  })
  return {
    outline,
    told,
    set: (id: string, resource: ResourceOutline | undefined) => {
      if (resource) all.set(id, resource)
      else all.delete(id)
      told.changed(id)
    },
    read: async () =>
      (await exposition(metrics, undefined)).text.match(/^command_queue_\w+\{queue.*/gm) ?? [],
  }
}

it('a queue is told while it is not idle, by who decides of it', async () => {
  const { set, read } = queues(id => id !== 'theirs')
  set('olive', busy(3, 2))
  set('free', busy(0, 1))
  set('theirs', busy(1, 1))
  set('idle', busy(0, 0))
  expect(await read()).toEqual([
    'command_queue_length{queue="olive"} 3',
    'command_queue_length{queue="free"} 0',
    'command_queue_running{queue="olive"} 2',
    'command_queue_running{queue="free"} 1',
    'command_queue_limit{queue="olive"} 2',
    'command_queue_limit{queue="free"} +Inf',
  ])
  set('olive', busy(0, 0))
  set('free', undefined)
  expect(await read()).toEqual([])
})

it('only what has changed is looked at again', async () => {
  const { set, read, outline } = queues()
  for (let count = 0; count < 1_000; count++) set(`q${count}`, busy(1, 1))
  await read()
  outline.mockClear()
  set('q7', busy(2, 1))
  expect(await read()).toContain('command_queue_length{queue="other"} 900')
  expect(outline).toHaveBeenCalledTimes(1)
})
