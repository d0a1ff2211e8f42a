import { describe, expect, it } from 'vitest'
import { retainedCalls } from './retained.ts'

const place = { topic: 't', partition: 0, offset: '1' }
const answer = (bytes: number) => ({
  status: 200,
  contentType: undefined,
  headers: {},
  body: Buffer.alloc(bytes),
})
const record = (id: string, nonce: string, type: 'claim' | 'written' | 'release' | 'probe' = 'claim') => ({
  id,
  nonce,
  type,
  route: 'POST /a',
  client: '',
  hash: 'h',
})

function at(time = 1_000_000) {
  const clock = { time }
  const calls = retainedCalls({ retainMs: 10_000, mostBytes: 100, now: () => clock.time })
  return { calls, clock }
}

describe('an id', () => {
  it('belongs to the first claim of it, also when that is read again', () => {
    const { calls, clock } = at()
    for (const nonce of ['one', 'two', 'one']) calls.learn(record('a', nonce), clock.time)
    expect(calls.get('a')).toMatchObject({ nonce: 'one' })
    expect(calls.size()).toBe(1)
  })

  it('is free again when its claim was released by who had it, or is over', () => {
    const { calls, clock } = at()
    calls.learn(record('a', 'one'), clock.time)
    calls.learn(record('a', 'two', 'release'), clock.time)
    expect(calls.get('a')).toBeDefined()
    calls.learn(record('a', 'one', 'release'), clock.time)
    expect(calls.get('a')).toBeUndefined()
    calls.learn(record('a', 'three'), clock.time)
    calls.learn(record('a', 'four'), clock.time + 9_999)
    expect(calls.get('a')).toMatchObject({ nonce: 'three' })
    calls.learn(record('a', 'five'), clock.time + 10_000)
    expect(calls.get('a')).toMatchObject({ nonce: 'five' })
  })

  it('is known to be written, if its own call says so', () => {
    const { calls, clock } = at()
    calls.learn(record('a', 'one'), clock.time)
    calls.learn(record('a', 'two', 'written'), clock.time)
    expect(calls.get('a')).toMatchObject({ isWritten: false })
    calls.learn(record('a', 'one', 'written'), clock.time)
    expect(calls.get('a')).toMatchObject({ isWritten: true })
  })

  it('is not taken by a probe', () => {
    const { calls, clock } = at()
    calls.learn(record('a', 'one', 'probe'), clock.time)
    expect(calls.get('a')).toBeUndefined()
  })

  it('is over after its time, and forgotten a while later', () => {
    const { calls, clock } = at()
    calls.learn(record('a', 'one'), clock.time)
    clock.time += 10_000
    calls.sweep()
    expect([calls.get('a'), calls.size(), calls.oldest()]).toEqual([undefined, 1, undefined])
    clock.time += 60_000
    calls.sweep()
    expect(calls.size()).toBe(0)
  })
})

describe('a reply', () => {
  it('is the first one', () => {
    const { calls, clock } = at()
    calls.learn(record('a', 'one'), clock.time)
    const call = calls.get('a')
    if (!call) throw new Error('no call')
    calls.replied(call, place, answer(1))
    calls.replied(call, { ...place, offset: '2' }, answer(2))
    expect(calls.get('a')).toMatchObject({ place, answer: { body: Buffer.alloc(1) } })
  })

  it('is in memory while there is room; of all, the place is known', () => {
    const { calls, clock } = at()
    for (let i = 0; i < 100; i++) {
      calls.learn(record(`a${i}`, 'one'), clock.time)
      const call = calls.get(`a${i}`)
      if (call) calls.replied(call, place, answer(10))
    }
    const all = Array.from({ length: 100 }, (_, i) => calls.get(`a${i}`))
    const bytes = all.reduce((sum, call) => sum + (call?.answer?.body.length ?? 0), 0)
    expect(bytes).toBeLessThanOrEqual(100)
    expect(bytes).toBeGreaterThanOrEqual(50)
    expect(all.every(call => call?.place !== undefined)).toBe(true)
    expect(all.at(-1)?.answer).toBeDefined()
  })
})
