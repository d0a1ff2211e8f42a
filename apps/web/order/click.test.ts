import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TracedClick } from '../api/click-traces.ts'
import { beginClick } from './click.ts'

const sendBeacon = vi.fn<(path: string, body: string) => boolean>(() => true)
beforeEach(() => vi.stubGlobal('navigator', { sendBeacon }))
afterEach(() => {
  vi.unstubAllGlobals()
  sendBeacon.mockClear()
})

const orderId = '0b0ad4c4-63a1-4d0f-9d4b-2f3f2c1f9a11'

test('a click that is traced says so to whom it calls, and tells of itself in the end', () => {
  const click = beginClick(1)
  click?.end(orderId)
  const [path, body = ''] = sendBeacon.mock.lastCall ?? []
  expect(path).toBe('/clicks')
  const { traceId, spanId, ...told } = TracedClick.parse(JSON.parse(body))
  expect(click?.headers).toEqual({ traceparent: `00-${traceId}-${spanId}-01` })
  expect(told).toEqual({ ms: expect.any(Number), orderId })
})

test('a click that the draw leaves out tells whom it calls not to trace it either', () => {
  const click = beginClick(0)
  click?.end(orderId)
  expect(click?.headers.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/)
  expect(sendBeacon).not.toHaveBeenCalled()
})

test('where nothing is traced, nothing is said', () => {
  expect(beginClick(undefined)).toBeUndefined()
})

test('no two clicks are the same', () => {
  const headers = Array.from({ length: 100 }, () => beginClick(0)?.headers.traceparent)
  expect(new Set(headers).size).toBe(100)
})
