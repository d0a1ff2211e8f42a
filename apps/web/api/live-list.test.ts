import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import type { Answer } from './answer.ts'
import { type Connection, followList } from './live-list.ts'

class Stream {
  isClosed = false
  onerror: EventSource['onerror'] = null
  onmessage: EventSource['onmessage'] = null
  close = () => {
    this.isClosed = true
  }
  fails() {
    this.onerror?.call(this as never, {} as Event)
  }
  tells(...items: unknown[]) {
    this.onmessage?.call(this as never, { data: JSON.stringify(items) } as MessageEvent)
  }
}

function follow(answer: Answer<string[]> = { state: 'unreachable' }) {
  const streams: Stream[] = []
  const told: (string | Connection)[] = []
  const pauses: (() => void)[] = []
  const stop = followList(
    {
      ask: async () => answer,
      open: () => {
        const stream = new Stream()
        streams.push(stream)
        return stream
      },
      parse: text => z.string().array().parse(JSON.parse(text)),
      wait: () => new Promise(resolve => pauses.push(resolve)),
    },
    {
      tell: (items, isAll) => told.push(`${isAll ? 'all' : 'changed'}: ${items.join()}`),
      connected: connection => told.push(connection),
    },
  )
  onTestFinished(stop)
  const paused = (count: number) => vi.waitFor(() => expect(pauses).toHaveLength(count))
  const opened = (count: number) => vi.waitFor(() => expect(streams).toHaveLength(count))
  return { told, streams, pauses, paused, opened, stop }
}

test('the first event of a stream is all there is, and the next ones are what has changed', () => {
  const { streams, told } = follow()
  streams[0]?.tells('a', 'b')
  streams[0]?.tells('c')
  expect(told).toEqual(['all: a,b', 'live', 'changed: c', 'live'])
})

test('a stream that fails is lost, and another one begins with all again', async () => {
  const { streams, told, pauses, paused, opened } = follow()
  streams[0]?.tells('a')
  streams[0]?.fails()
  await paused(1)
  expect(streams[0]?.isClosed).toBe(true)
  pauses[0]?.()
  await opened(2)
  streams[1]?.tells()
  expect(told).toEqual(['all: a', 'live', 'lost', 'all: ', 'live'])
})

test('where no stream comes, the list is asked for, and said to be old', async () => {
  const { streams, told, paused } = follow({ state: 'ready', data: ['a'] })
  streams[0]?.fails()
  await paused(1)
  expect(told).toEqual(['lost', 'all: a'])
})

test('an event that can not be read counts as a failure', async () => {
  const { streams, told, paused } = follow()
  streams[0]?.tells(1)
  await paused(1)
  expect(told).toEqual(['lost'])
})

test('nothing is told after it was ended, and its stream is closed', async () => {
  const { streams, told, stop } = follow({ state: 'ready', data: ['a'] })
  stop()
  expect(streams[0]?.isClosed).toBe(true)
  streams[0]?.tells('a')
  streams[0]?.fails()
  await new Promise(resolve => setImmediate(resolve))
  expect(told).toEqual([])
})
