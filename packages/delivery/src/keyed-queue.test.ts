import { createContext } from 'kafka-restaurants-service'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OutageError, PutOffError } from './errors.ts'
import { createKeyedQueue } from './keyed-queue.ts'

const { log } = createContext('test', 'silent')

/** Items are `key` and number: `a1`. `outcomes` says what happens to each try of one; it is done unless said otherwise. */
function queueOf(concurrency: number, outcomes: Record<string, (Error | 'hangs')[]> = {}) {
  const tries: string[] = []
  const kept: string[] = []
  const finish = new Map<string, () => void>()
  const queue = createKeyedQueue<string>({
    concurrency,
    keyOf: item => item.slice(0, 1),
    handle: async (item, attempt) => {
      tries.push(`${item}#${attempt}`)
      const outcome = outcomes[item]?.shift()
      if (outcome === 'hangs') await new Promise<void>(resolve => finish.set(item, resolve))
      else if (outcome) throw outcome
    },
    keepAttempts: async (item, attempts) => void kept.push(`${item} ${attempts}`),
    nameOf: item => item,
    log,
  })
  const add = (...items: string[]) => {
    for (const item of items) queue.add(item, 0)
  }
  return { queue, add, tries, kept, finish: (item: string) => finish.get(item)?.() }
}

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

describe('queue', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    vi.spyOn(Math, 'random').mockReturnValue(0) // each wait in full
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('handles one at a time in the order of arrival, whatever the keys', async () => {
    const { add, tries } = queueOf(1)
    add('a1', 'b1', 'a2', 'c1', 'b2')
    await pass()
    expect(tries).toEqual(['a1#1', 'b1#1', 'a2#1', 'c1#1', 'b2#1'])
  })

  it('has as many in hand as it may, and never two of one key', async () => {
    const { add, tries, finish } = queueOf(2, { a1: ['hangs'], b1: ['hangs'] })
    add('a1', 'a2', 'b1', 'c1')
    await pass()
    expect(tries).toEqual(['a1#1', 'b1#1'])
    finish('b1')
    await pass()
    expect(tries).toEqual(['a1#1', 'b1#1', 'c1#1'])
    finish('a1')
    await pass()
    expect(tries.at(-1)).toBe('a2#1')
  })

  it('lets others go on while an item that is put off waits with its key', async () => {
    const { add, tries, kept } = queueOf(1, { a1: [new PutOffError('no', { waitMs: 5_000 })] })
    add('a1', 'a2', 'b1')
    await pass(4_999)
    expect(tries).toEqual(['a1#1', 'b1#1'])
    expect(kept).toEqual(['a1 1'])
    await pass(1)
    expect(tries).toEqual(['a1#1', 'b1#1', 'a1#2', 'a2#1'])
  })

  it('puts off longer each time where the error does not say for how long', async () => {
    const { add, tries } = queueOf(1, { a1: [new PutOffError('no'), new PutOffError('no')] })
    add('a1')
    await pass(200)
    expect(tries).toEqual(['a1#1', 'a1#2'])
    await pass(199)
    expect(tries).toHaveLength(2)
    await pass(201)
    expect(tries).toHaveLength(3)
  })

  it('waits with all when nothing works, and tries one alone until it passes', async () => {
    const down = new Error('down')
    const outcomes = { a1: [down], b1: [down], c1: [down], d1: [down, down] }
    const { queue, add, tries, kept } = queueOf(3, outcomes)
    add('a1', 'b1', 'c1', 'd1')
    await pass()
    expect(tries).toEqual(['a1#1', 'b1#1', 'c1#1'])
    expect(queue.outage()).toBe('waits after try 1: down')
    await pass(200)
    expect(tries.slice(3)).toEqual(['d1#1'])
    expect(queue.outage()).toBe('waits after try 2: down')
    await pass(400)
    expect(tries.slice(4)).toEqual(['a1#1', 'b1#1', 'c1#1', 'd1#1'])
    await pass(400)
    expect(queue.size()).toBe(0)
    expect(queue.outage()).toBeUndefined()
    expect(kept).toEqual([])
  })

  const away = (waitMs?: number) => new OutageError('away', { waitMs })
  const always = (error: Error) => Array<Error>(1_000).fill(error)

  it.each([1, 8])(
    'lets all others pass one that always fails, those that come later, too; %i at once',
    async concurrency => {
      const { queue, add, tries } = queueOf(concurrency, { a1: always(away()) })
      add('a1', 'b1', 'c1')
      await pass()
      expect(tries).toEqual(['a1#1', 'b1#1', 'c1#1'])
      for (const item of ['d1', 'e1', 'f1', 'g1']) {
        await pass(1_000)
        const before = tries.length
        add(item, item.replace('1', '2'))
        await pass()
        expect(tries.slice(before)).toEqual([`${item}#1`, `${item.replace('1', '2')}#1`])
        expect(queue.outage()).toBeUndefined()
      }
      // After 200, 400, 800, 1600 ms: it is waited for longer each time, and no try of it counts.
      expect(tries.filter(each => each === 'a1#1')).toHaveLength(5)
    },
  )

  it.each([1, 8])(
    'asks one no earlier than it wants, while all others pass; %i at once',
    async concurrency => {
      const { add, tries } = queueOf(concurrency, { a1: [away(30_000)] })
      add('a1', 'a2')
      await pass()
      for (let second = 0; second < 29; second++) {
        add('b1', 'c1')
        await pass(1_000)
      }
      expect(tries).toHaveLength(1 + 2 * 29)
      await pass(999)
      expect(tries).not.toContain('a2#1')
      await pass(1)
      expect(tries.slice(-2)).toEqual(['a1#1', 'a2#1'])
    },
  )

  it('takes one alone for an outage, until another passes', async () => {
    const { queue, add } = queueOf(1, { a1: always(away()) })
    add('a1')
    await pass(200)
    expect(queue.outage()).toBe('waits after try 2: away')
    add('b1')
    await pass()
    expect(queue.outage()).toBeUndefined()
    await pass(10_000)
    expect(queue.outage()).toBeUndefined()
  })

  it('begins no more in vain than may be in hand, three at least, and waits as long as the last one wants', async () => {
    const down = { a1: [away(30_000)], b1: [away(30_000)], c1: [away(30_000)] }
    const { queue, add, tries } = queueOf(1, down)
    add('a1', 'b1', 'c1', 'd1')
    await pass(29_999)
    expect(tries).toEqual(['a1#1', 'b1#1', 'c1#1'])
    expect(queue.outage()).toBe('waits after try 1: away')
    await pass(1)
    expect(tries.slice(3, 7).toSorted()).toEqual(['a1#1', 'b1#1', 'c1#1', 'd1#1'])
  })

  it('finds those that pass behind many that always fail', async () => {
    const failing = ['a1', 'b1', 'c1', 'd1', 'e1']
    const { queue, add, tries } = queueOf(1, Object.fromEntries(failing.map(item => [item, always(away())])))
    add(...failing, 'f1', 'g1')
    await pass(120_000)
    expect(tries).toContain('f1#1')
    expect(tries).toContain('g1#1')
    for (let second = 0; second < 60; second++) {
      const before = tries.length
      add('h1')
      await pass()
      expect(tries[before]).toBe('h1#1')
      await pass(1_000)
    }
    expect(queue.size()).toBe(failing.length)
    await pass(240_000)
    const before = tries.length
    for (let second = 0; second < 60; second++) {
      add('h1')
      await pass(1_000)
    }
    // Each of the five once a minute or so, and not at each that passes.
    expect(tries.length - before).toBeLessThanOrEqual(60 + 2 * failing.length)
  })

  it('begins nothing new when it stops, and waits for what is in hand', async () => {
    const { queue, add, tries, finish } = queueOf(1, { a1: ['hangs'] })
    add('a1', 'b1')
    await pass()
    let isStopped = false
    const stopped = queue.stop().then(() => {
      isStopped = true
    })
    await pass(3_999)
    expect(isStopped).toBe(false)
    finish('a1')
    await stopped
    expect(tries).toEqual(['a1#1'])
  })

  it('gives up what takes longer than 4 s when it stops', async () => {
    const { queue, add, tries } = queueOf(1, { a1: ['hangs'] })
    add('a1', 'b1')
    await pass()
    const stopped = queue.stop()
    await pass(4_000)
    await stopped
    expect(tries).toEqual(['a1#1'])
    expect(queue.size()).toBe(2)
  })
})
