import type { TrackedOrder } from 'kafka-restaurants-contracts'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Answer } from '../api/answer.ts'
import { type Following, followingNothing, followOrder } from './follow-order.ts'

const at = '2026-11-21T12:00:00.000Z'
const change = (status: TrackedOrder['status']) => ({ status, at, topic: 't', partition: 0, offset: '0' })
const order = (...statuses: TrackedOrder['status'][]): TrackedOrder => ({
  orderId: '0b0ad4c4-63a1-8d0f-9d4b-2f3f2c1f9a11',
  status: statuses.at(-1) ?? 'placed',
  restaurant: 'Olive & Thyme',
  email: 'd…@example.com',
  cardLast4: '4242',
  items: [],
  history: statuses.map(change),
})
const ready = (...statuses: TrackedOrder['status'][]) => ({
  state: 'ready' as const,
  data: order(...statuses),
})

/** A stream that does what the test says. */
class Stream {
  readyState = 0
  onopen: EventSource['onopen'] = null
  onerror: EventSource['onerror'] = null
  onmessage: EventSource['onmessage'] = null
  onplace: (event: MessageEvent<string>) => void = () => {}
  addEventListener = (name: string, listener: never) => {
    if (name === 'place') this.onplace = listener
  }
  close = () => {
    this.readyState = 2
  }
  opens() {
    this.readyState = 1
    this.on(this.onopen)
  }
  fails({ forGood }: { forGood: boolean }) {
    this.readyState = forGood ? 2 : 0
    this.on(this.onerror)
  }
  tells(number: number) {
    this.onmessage?.call(this as never, { lastEventId: String(number) } as MessageEvent)
  }
  places(data: unknown) {
    this.onplace({ data: typeof data === 'string' ? data : JSON.stringify(data) } as MessageEvent)
  }
  private on(handler: EventSource['onopen']) {
    handler?.call(this as never, {} as Event)
  }
}

/** Follows with these answers, the last one for ever. */
function follow(first: Answer<TrackedOrder>) {
  const told: Following[] = []
  const streams: Stream[] = []
  const waits: number[] = []
  const api = { answer: first, asked: 0 }
  const pauses = { go: () => {} }
  const stop = followOrder('id', followingNothing, following => told.push(following), {
    ask: async () => {
      api.asked++
      return api.answer
    },
    open: () => {
      const stream = new Stream()
      streams.push(stream)
      return stream
    },
    wait: ms => {
      waits.push(ms)
      return new Promise(resolve => {
        pauses.go = resolve
      })
    },
  })
  onTestFinished(stop)
  const stream = async (index: number) => {
    await vi.waitFor(() => expect(streams.length).toBeGreaterThan(index))
    return streams[index] as Stream
  }
  const waited = (count: number) => vi.waitFor(() => expect(waits).toHaveLength(count))
  return { told, last: () => told.at(-1), streams, stream, waits, waited, pauses, api, stop }
}
const until = (check: () => void) => vi.waitFor(check)

test('an order is shown, and each change of it when the stream tells of one that is new', async () => {
  const { last, stream, api } = follow(ready('placed'))
  const live = await stream(0)
  live.opens()
  live.tells(1)
  expect(last()).toMatchObject({ order: { status: 'placed' }, connection: 'live' })
  api.answer = ready('placed', 'paid')
  live.tells(2)
  live.tells(2)
  await until(() => expect(last()).toMatchObject({ order: { status: 'paid' }, connection: 'live' }))
  expect(api.asked).toBe(2)
})

test('a queued order moves up in line when the stream says so, without being asked for', async () => {
  const queued = (placeInLine: number) => ({
    state: 'ready' as const,
    data: { ...order('placed', 'paid', 'queued'), placeInLine },
  })
  const { last, stream, api } = follow(ready('placed', 'paid'))
  const live = await stream(0)
  live.opens()
  live.places({ placeInLine: 9 })
  api.answer = queued(4)
  live.tells(3)
  live.places({ placeInLine: 3 })
  await until(() => expect(last()?.order).toMatchObject({ status: 'queued', placeInLine: 3 }))
  live.places('nonsense')
  live.places({ placeInLine: 0 })
  live.places({ placeInLine: 2 })
  await until(() => expect(last()?.order?.placeInLine).toBe(2))
  expect(api.asked).toBe(2)

  api.answer = ready('placed', 'paid', 'queued', 'cooking')
  live.tells(4)
  live.places({ placeInLine: 1 })
  await until(() => expect(last()?.order?.status).toBe('cooking'))
  expect(last()?.order?.placeInLine).toBeUndefined()
})

test('a change that can be the last one ends it', async () => {
  const { last, stream, streams, api, waits } = follow(ready('placed'))
  const live = await stream(0)
  live.opens()
  api.answer = ready('placed', 'declined')
  live.tells(2)
  await until(() => expect(last()).toMatchObject({ order: { status: 'declined' }, connection: 'over' }))
  expect(live.readyState).toBe(2)
  expect([streams.length, waits.length]).toEqual([1, 0])
})

test('an order that is over needs no stream', async () => {
  const { last, streams } = follow(ready('placed', 'declined'))
  await until(() => expect(last()?.connection).toBe('over'))
  expect(streams).toEqual([])
})

test('a connection that the browser gets back by itself is said to be lost, and to be back', async () => {
  const { last, stream, streams } = follow(ready('placed'))
  const live = await stream(0)
  live.opens()
  live.fails({ forGood: false })
  expect(last()).toMatchObject({ order: { status: 'placed' }, connection: 'lost' })
  live.opens()
  expect(last()?.connection).toBe('back')
  expect(streams).toHaveLength(1)
})

test('a stream that failed for good is opened anew, after ever longer pauses, and what was missed is shown', async () => {
  const { last, stream, waits, waited, pauses, api } = follow(ready('placed'))
  const live = await stream(0)
  live.opens()
  api.answer = { state: 'unreachable' }
  live.fails({ forGood: true })
  for (let count = 1; count <= 8; count++) {
    await waited(count)
    expect(last()).toMatchObject({ order: { status: 'placed' }, connection: 'lost' })
    if (count < 8) pauses.go()
  }
  expect(waits[0]).toBeGreaterThanOrEqual(500)
  expect(waits[0]).toBeLessThanOrEqual(1_000)
  expect(waits[7]).toBeGreaterThanOrEqual(15_000)
  expect(waits[7]).toBeLessThanOrEqual(30_000)

  api.answer = ready('placed', 'paid')
  pauses.go()
  const second = await stream(1)
  expect(last()).toMatchObject({ order: { status: 'paid' }, connection: 'lost' })
  second.opens()
  expect(last()?.connection).toBe('back')
})

test('an order that nobody knows is missing, is asked for again, and is shown once it is known', async () => {
  const { last, stream, waited, pauses, api } = follow({ state: 'missing' })
  await waited(1)
  expect(last()).toEqual({ isMissing: true, connection: 'opening' })
  api.answer = ready('placed')
  pauses.go()
  await stream(0)
  expect(last()).toMatchObject({ order: { status: 'placed' }, isMissing: false })
})

test('an order that was known stays, though it is not found any more', async () => {
  const { last, stream, waited, api } = follow(ready('placed'))
  const live = await stream(0)
  live.opens()
  api.answer = { state: 'missing' }
  live.fails({ forGood: true })
  await waited(1)
  expect(last()).toMatchObject({ order: { status: 'placed' }, isMissing: false, connection: 'lost' })
})

test('news that can not be asked for is asked for again, later', async () => {
  const { last, stream, waited, pauses, api } = follow(ready('placed'))
  const live = await stream(0)
  live.opens()
  api.answer = { state: 'unreachable' }
  live.tells(2)
  await waited(1)
  expect(live.readyState).toBe(2)
  expect(last()?.connection).toBe('lost')
  api.answer = ready('placed', 'paid')
  pauses.go()
  await until(() => expect(last()?.order?.status).toBe('paid'))
})

test('nothing is told after it was ended, and its stream is closed', async () => {
  const { told, stream, stop } = follow(ready('placed'))
  const live = await stream(0)
  live.opens()
  const count = told.length
  stop()
  expect(live.readyState).toBe(2)
  live.fails({ forGood: true })
  live.tells(2)
  await new Promise(resolve => setImmediate(resolve))
  expect(told).toHaveLength(count)
})
