import { describe, expect, it } from 'vitest'
import { startQueue } from './command-queue.ts'
import { startKitchen } from './kitchen.ts'

const soon = { timeout: 15_000, interval: 20 }

async function start(env: Record<string, string> = {}) {
  const queue = await startQueue()
  return { queue, kitchen: await startKitchen({ COMMAND_QUEUE_URL: queue.url, ...env }) }
}

describe('that a ticket is ready', () => {
  it('is told to the command queue once, with the fence of its command', async () => {
    const { queue, kitchen } = await start()
    await kitchen.take('order-1', { fence: 3 })
    await kitchen.take('order-2')
    for (const id of ['order-1', 'order-1', 'order-2']) await kitchen.ready(id)
    await expect.poll(queue.fences, soon).toEqual(['order-1 3', 'order-2 undefined'])
    expect(queue.told[0]).toMatchObject({
      path: '/event/Olive/order-1',
      event: { type: 'TERMINATING', message: 'ready', fence: 3 },
    })
    await expect.poll(() => kitchen.metric('kitchen_outbox{state="waiting"}'), soon).toBe(0)
    expect(await kitchen.metric('kitchen_calls_total{outcome="taken"}')).toBe(2)
  })

  it('is told again until it is taken, by whatever it was held up', async () => {
    const { queue, kitchen } = await start({ CALL_TIMEOUT_MS: '200' })
    const held = [503, 503, 408, 0, 429]
    queue.answers(() => held.shift() ?? 202)
    await kitchen.take('order-1', { fence: 3 })
    await kitchen.ready('order-1')
    await expect.poll(() => queue.told.length, soon).toBe(6)
    await expect.poll(() => kitchen.metric('kitchen_outbox{state="waiting"}'), soon).toBe(0)
    expect(await kitchen.metric('kitchen_calls_total{outcome="failed"}')).toBe(5)
  })

  it('is told when the command queue is back, and meanwhile is said to wait', async () => {
    const { queue, kitchen } = await start()
    queue.stop()
    await kitchen.take('order-1', { fence: 3 })
    await kitchen.ready('order-1')
    const health = async () => (await fetch(`${kitchen.url}/health/ready`)).json()
    await expect
      .poll(health, soon)
      .toMatchObject({ status: 'ready', outages: [expect.stringContaining('command queue')] })
    await queue.comeBack()
    await expect.poll(queue.fences, soon).toEqual(['order-1 3'])
    await expect.poll(health, soon).toMatchObject({ outages: [] })
  })

  it('is told after kill -9 in between', async () => {
    const { queue, kitchen } = await start()
    queue.answers(() => 0)
    const ids = Array.from({ length: 30 }, (_, number) => `order-${number}`)
    for (const id of ids) await kitchen.take(id, { fence: 1 })
    await Promise.all(ids.map(kitchen.ready))
    await kitchen.kill('SIGKILL')
    queue.answers(() => 202)
    queue.told.length = 0
    const again = await startKitchen({ COMMAND_QUEUE_URL: queue.url }, kitchen.folder)
    await expect.poll(() => again.metric('kitchen_outbox{state="waiting"}'), soon).toBe(0)
    expect(queue.fences().toSorted()).toEqual(ids.map(id => `${id} 1`).toSorted())
  })

  it('outlives its ticket’s time, until it is told', async () => {
    const { queue, kitchen } = await start()
    queue.answers(() => 503)
    await kitchen.take('order-1', { fence: 1 })
    await kitchen.ready('order-1')
    await kitchen.kill('SIGTERM')
    const forgetful = { COMMAND_QUEUE_URL: queue.url, KEEP_DAYS: '0.00000001' }
    const again = await startKitchen(forgetful, kitchen.folder)
    queue.answers(() => 202)
    await expect.poll(() => again.metric('kitchen_calls_total{outcome="taken"}'), soon).toBe(1)
    await again.kill('SIGTERM')
    const last = await startKitchen(forgetful, kitchen.folder)
    await expect.poll(() => last.list(), soon).toEqual([])
  })

  it('is told again with the newer fence, when its command was started again', async () => {
    const { queue, kitchen } = await start()
    await kitchen.take('order-1', { fence: 3 })
    await kitchen.take('order-1', { fence: 4 })
    await kitchen.ready('order-1')
    await expect.poll(queue.fences, soon).toEqual(['order-1 4'])
    for (const fence of [4, 3, 9, 9]) {
      expect(await kitchen.take('order-1', { fence })).toMatchObject({
        status: 200,
        ticket: { state: 'ready' },
      })
    }
    await expect.poll(queue.fences, soon).toEqual(['order-1 4', 'order-1 9'])
    await expect.poll(() => kitchen.metric('kitchen_outbox{state="waiting"}'), soon).toBe(0)
  })

  it('is told with the newer fence alone, once that has come', async () => {
    const { queue, kitchen } = await start()
    queue.answers(({ event }) => (event.fence === 4 ? 202 : 503))
    await kitchen.take('order-1', { fence: 3 })
    await kitchen.ready('order-1')
    await expect.poll(() => queue.told.length, soon).toBeGreaterThan(0)
    await kitchen.take('order-1', { fence: 4 })
    await expect.poll(() => kitchen.metric('kitchen_outbox{state="waiting"}'), soon).toBe(0)
    expect(queue.fences().at(-1)).toBe('order-1 4')
  })

  it('is kept as failed when it is refused for good, keeps no other waiting, and can be sent again', async () => {
    const { queue, kitchen } = await start()
    queue.answers(({ event }) => (event.id === 'order-1' ? 422 : 202))
    for (const id of ['order-1', 'order-2']) {
      await kitchen.take(id, { fence: 1 })
      await kitchen.ready(id)
    }
    await expect.poll(() => kitchen.metric('kitchen_outbox{state="failed"}'), soon).toBe(1)
    await expect.poll(() => kitchen.metric('kitchen_outbox{state="waiting"}'), soon).toBe(0)
    expect(kitchen.printed().match(/"level":50/g)).toHaveLength(1)
    expect(queue.fences().toSorted()).toEqual(['order-1 1', 'order-2 1'])
    queue.answers(() => 202)
    await kitchen.ready('order-1')
    await expect.poll(() => kitchen.metric('kitchen_outbox{state="failed"}'), soon).toBe(0)
    await expect.poll(() => queue.told.length, soon).toBe(3)
  })

  it('keeps no other waiting, while its call gets no answer', async () => {
    const { queue, kitchen } = await start({ CALL_TIMEOUT_MS: '60000' })
    queue.answers(({ event }) => (event.id === 'silent' ? 0 : 202))
    const ids = ['silent', ...Array.from({ length: 40 }, (_, number) => `order-${number}`)]
    await Promise.all(ids.map(id => kitchen.take(id)))
    await Promise.all(ids.map(kitchen.ready))
    await expect.poll(() => kitchen.metric('kitchen_outbox{state="waiting"}'), soon).toBe(1)
    expect(await kitchen.kill('SIGTERM')).toBe(0)
  })

  it('is told of a restaurant by its name, whatever that is', async () => {
    const { queue, kitchen } = await start()
    const names = ['a/b', 'a%2Fb', '..', 'Ü & 日本?#', 'x'.repeat(200), '"><script>', '🍕 {1}', '\\']
    for (const [number, restaurant] of names.entries()) {
      const id = `order/${number}`
      expect((await kitchen.take(id, { restaurant })).status).toBe(201)
      expect(await kitchen.list(`?restaurant=${encodeURIComponent(restaurant)}`)).toHaveLength(1)
      expect((await kitchen.ready(id)).status).toBe(200)
      await expect
        .poll(() => queue.told.at(-1), soon)
        .toMatchObject({ resourceId: restaurant, event: { id } })
    }
  })

  it('goes below the path of the command queue’s URL', async () => {
    const queue = await startQueue()
    const kitchen = await startKitchen({ COMMAND_QUEUE_URL: `${queue.url}/queue/` })
    await kitchen.take('order-1')
    await kitchen.ready('order-1')
    await expect.poll(() => queue.told.map(({ path }) => path), soon).toEqual(['/queue/event/Olive/order-1'])
  })
})

describe('a quote', () => {
  const at = new Date(0).toISOString()
  const resource = (running: number, queued: number, semaphoreLimit: number | null) => ({
    resourceId: 'Olive',
    limits: { semaphoreLimit, queueLimit: null, leaseMs: null },
    running: Array.from({ length: running }, (_, fence) => ({ id: `r${fence}`, fence, startedAt: at })),
    queued: Array.from({ length: queued }, (_, n) => ({ id: `q${n}`, place: n + 1, requestedAt: at })),
  })

  it('counts what waits in the command queue', async () => {
    const { queue, kitchen } = await start({ MINUTES_PER_ORDER: '10' })
    expect(await kitchen.quote()).toBe(10)
    queue.resourceIs(200, resource(2, 3, 2))
    expect(await kitchen.quote()).toBe(30)
    queue.resourceIs(200, resource(0, 0, null))
    await kitchen.take('order-1')
    expect(await kitchen.quote()).toBe(20)
  })

  it.each([
    ['is away', (queue: Awaited<ReturnType<typeof startQueue>>) => queue.stop()],
    ['does not answer', (queue: Awaited<ReturnType<typeof startQueue>>) => queue.resourceIs(0)],
    ['answers something else', (queue: Awaited<ReturnType<typeof startQueue>>) => queue.resourceIs(200, [])],
    ['fails', (queue: Awaited<ReturnType<typeof startQueue>>) => queue.resourceIs(500)],
  ])('counts the kitchen’s own tickets, when the command queue %s', async (_what, happens) => {
    const { queue, kitchen } = await start({ CALL_TIMEOUT_MS: '100' })
    await kitchen.take('order-1')
    happens(queue)
    expect(await kitchen.quote()).toBe(30)
  })

  it('goes by the time that the latest orders took', async () => {
    const kitchen = await startKitchen()
    for (const id of ['1', '2', '3']) await kitchen.take(id)
    expect(await kitchen.quote()).toBe(20)
    for (const id of ['1', '2', '3']) await kitchen.ready(id)
    expect(await kitchen.quote()).toBe(1)
    expect(await kitchen.quote('Thyme')).toBe(15)
  })
})
