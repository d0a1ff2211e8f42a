import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { modeSwitch } from './mode.ts'

const normal = { mode: 'normal', delayMs: 0 }

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-27T12:00:00.000Z') }))
afterEach(() => void vi.useRealTimers())

test('a mode with an end says so, and is over then', () => {
  const mode = modeSwitch<{ mode: string; delayMs: number; forMs?: number }>(normal)
  mode.set({ mode: 'away', delayMs: 0, forMs: 30_000 })
  expect(mode.get()).toMatchObject({ mode: 'away', until: '2026-11-27T12:00:30.000Z' })
  vi.advanceTimersByTime(29_999)
  expect(mode.get().mode).toBe('away')
  vi.advanceTimersByTime(1)
  expect(mode.get()).toEqual(normal)
})

test('the end of one mode is none of the next', () => {
  const mode = modeSwitch<{ mode: string; delayMs: number; forMs?: number }>(normal)
  mode.set({ mode: 'away', delayMs: 0, forMs: 1_000 })
  mode.set({ mode: 'slow', delayMs: 5 })
  vi.advanceTimersByTime(10_000)
  expect(mode.get()).toEqual({ mode: 'slow', delayMs: 5 })
})
