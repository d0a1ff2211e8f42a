import { createContext } from 'kafka-restaurants-service'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OutageError, PutOffError } from './errors.ts'
import { createKeyedQueue } from './keyed-queue.ts'

const { log } = createContext('test', 'silent')

/** Items are `key` and number: `a1`; `-1` has no key. `outcomes` says what becomes of each try; it is done unless said otherwise. */
function queueOf(
  concurrency: number,
  outcomes: Record<string, (Error | 'hangs')[]> = {},
  keepAttempts?: (item: string, attempts: number) => void | Promise<void>,
) {
  const tries: string[] = []
  const kept: string[] = []
  const hands = new Map<string, { release: () => void; finish: (error?: Error) => void }>()
  const queue = createKeyedQueue<string>({
    concurrency,
    keyOf: item => (item.startsWith('-') ? undefined : item.slice(0, 1)),
    handle: async (item, attempt, release) => {
      tries.push(`${item}#${attempt}`)
      const outcome = outcomes[item]?.shift()
      if (outcome === 'hangs') {
        const ended = Promise.withResolvers<void>()
        hands.set(item, { release, finish: error => (error ? ended.reject(error) : ended.resolve()) })
        await ended.promise
      } else if (outcome) throw outcome
    },
    keepAttempts: (item, attempts) => {
      kept.push(`${item} ${attempts}`)
      return keepAttempts?.(item, attempts)
    },
    nameOf: item => item,
    log,
  })
  const add = (...items: string[]) => {
    for (const item of items) queue.add(item)
  }
  return {
    queue,
    add,
    tries,
    kept,
    finish: (item: string, error?: Error) => hands.get(item)?.finish(error),
    release: (item: string) => hands.get(item)?.release(),
  }
}

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

const away = (waitMs?: number) => new OutageError('away', { waitMs })
const down = new Error('down')
const always = (error: Error) => Array<Error>(1_000).fill(error)

describe('a keyed queue', () => {
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
    // It failed once more while the others passed.
    expect(kept).toEqual(['d1 1'])
  })

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

  it('takes one alone for an outage, until another passes, and tries it at once then', async () => {
    const { queue, add, tries } = queueOf(1, { a1: always(away()) })
    add('a1')
    await pass(3_000)
    expect(queue.outage()).toBe('waits after try 5: away')
    add('b1')
    await pass()
    expect(tries.slice(5)).toEqual(['b1#1', 'a1#1'])
    expect(queue.outage()).toBeUndefined()
    await pass(10_000)
    expect(queue.outage()).toBeUndefined()
  })

  it('takes all that there are for an outage, also where others passed them before', async () => {
    const { queue, add } = queueOf(1, { a1: always(down), b1: always(down) })
    add('a1', 'b1', 'c1')
    await pass()
    expect(queue.outage()).toBeUndefined()
    await pass(200)
    expect(queue.outage()).toBe('waits after try 1: down')
  })

  it('does not take those for all that are due again, and have not failed since', async () => {
    const { queue, add, tries } = queueOf(1, { a1: always(down), b1: always(down), c1: [down], d1: [down] })
    add('a1', 'b1', 'c1', 'd1')
    await pass(2_999)
    expect(queue.outage()).toBe('waits after try 4: down')
    await pass(1)
    expect(tries.slice(-4)).toEqual(['c1#1', 'a1#1', 'b1#1', 'd1#1'])
  })

  it('takes those for all that fail one after another, though they take long and are due meanwhile', async () => {
    const { queue, add, finish } = queueOf(1, { a1: ['hangs'], b1: ['hangs'] })
    add('a1', 'b1')
    finish('a1', down)
    await pass(1_000)
    finish('b1', down)
    await pass()
    expect(queue.outage()).toBe('waits after try 1: down')
  })

  it('begins few in vain, too, of many that failed before, when the next outage comes', async () => {
    const items = [...'abcdefghij'].map(key => `${key}1`)
    const { queue, add, tries } = queueOf(3, Object.fromEntries(items.map(item => [item, always(down)])))
    add(...items)
    await pass(60_000)
    const before = tries.length
    add('k1')
    await pass(5_000)
    const passed = tries.indexOf('k1#1')
    expect(passed).toBeGreaterThanOrEqual(before)
    await pass(99)
    expect(tries.slice(passed + 1).length).toBeLessThanOrEqual(3 + 5)
    expect(queue.outage()).toContain('down')
  })

  it('waits as long as one asks only where as many have failed as may', async () => {
    const { queue, add, tries } = queueOf(1, { a1: [away(30_000)], b1: [down], c1: [down] })
    add('a1')
    await pass(1_000)
    add('b1', 'c1', 'd1')
    await pass()
    expect(queue.outage()).toBe('waits after try 2: down')
    await pass(400)
    expect(tries.slice(0, 4)).toEqual(['a1#1', 'b1#1', 'c1#1', 'd1#1'])
  })

  it('takes one that is put off for one that has never failed', async () => {
    const { queue, add } = queueOf(1, { a1: [down, new PutOffError('no', { waitMs: 100 }), down] })
    add('a1', 'b1')
    await pass(299)
    expect(queue.outage()).toBeUndefined()
    await pass(1)
    expect(queue.outage()).toBe('waits after try 1: down')
  })

  it('gives others their turn where one is put off for no time at all', async () => {
    const { add, tries } = queueOf(1, { a1: always(new PutOffError('no', { waitMs: 0 })) })
    add('a1')
    await pass(5)
    expect(tries).toHaveLength(6)
  })

  it('begins no more in vain than may be in hand, three at least, and waits as long as the last one wants', async () => {
    const asking = { a1: [away(30_000)], b1: [away(30_000)], c1: [away(30_000)] }
    const { queue, add, tries } = queueOf(1, asking)
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

  it.each([
    ['at the head', 1, ['a1', 'g1', 'h1', 'i1', 'j1'], 1],
    ['in the middle', 1, ['g1', 'h1', 'a1', 'i1', 'j1'], 1],
    ['at the end', 1, ['g1', 'h1', 'i1', 'j1', 'a1'], 1],
    ['at the head', 8, ['a1', 'g1', 'h1', 'i1', 'j1'], 1],
    ['three at the head', 1, ['a1', 'b1', 'c1', 'g1', 'h1', 'i1', 'j1'], 201],
    ['six at the head', 1, ['a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1', 'j1'], 3_001],
    ['six at the head', 2, ['a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1', 'j1'], 3_001],
    ['six at the head', 5, ['a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1', 'j1'], 601],
  ])('has all others pass what always fails, %s, %i at once', async (_, concurrency, items, withinMs) => {
    const bad = items.filter(item => item < 'g')
    const outcomes = Object.fromEntries(bad.map(item => [item, always(away())]))
    const { queue, add, tries } = queueOf(concurrency, outcomes)
    add(...items)
    await pass(withinMs)
    const good = items.filter(item => item > 'g')
    expect(tries).toEqual(expect.arrayContaining(good.map(item => `${item}#1`)))
    expect(queue.size()).toBe(bad.length)
    await pass(300_000)
    for (let second = 0; second < 30; second++) {
      const before = tries.length
      add('h1')
      await pass()
      expect(tries[before]).toBe('h1#1')
      await pass(1_000)
    }
    expect(queue.size()).toBe(bad.length)
    expect(queue.waiting()).toBe(bad.length)
  })

  it('begins one, two, four … that have not failed in an outage, as many as may be in hand, and else one', async () => {
    const items = Array.from({ length: 60 }, (_, index) => `-${index}`)
    const { queue, add, tries } = queueOf(8, Object.fromEntries(items.map(item => [item, always(down)])))
    add(...items.slice(0, 20))
    await pass(199)
    expect(tries).toHaveLength(8)
    add(...items.slice(20))
    const begun: number[] = []
    for (const waitMs of [1, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000, 5_000, 5_000]) {
      const before = tries.length
      await pass(waitMs)
      begun.push(tries.length - before)
    }
    expect(begun).toEqual([1, 2, 4, 8, 8, 8, 8, 8, 5, 1, 1])
    expect(new Set(tries.slice(0, 60)).size).toBe(60)
    expect(queue.outage()).toBe('waits after try 12: down')
  })

  it('does not take what was begun before an outage for its end', async () => {
    const { queue, add, tries, finish, release } = queueOf(3, {
      a1: ['hangs'],
      b1: [down],
      c1: [down],
      d1: [down],
    })
    add('a1')
    release('a1')
    add('b1', 'c1', 'd1', 'e1')
    await pass()
    expect(queue.outage()).toBe('waits after try 1: down')
    finish('a1')
    await pass(199)
    expect(queue.outage()).toBe('waits after try 1: down')
    expect(tries).toEqual(['a1#1', 'b1#1', 'c1#1', 'd1#1'])
    await pass(1)
    expect(tries[4]).toBe('e1#1')
    expect(queue.outage()).toBeUndefined()
  })

  it('tries in their order again, when an outage is over, what failed in it', async () => {
    const { add, tries } = queueOf(1, { a1: [down], b1: [down], c1: [down], d1: [down] })
    add('a1', 'b1', 'c1', 'd1', 'e1', 'f1')
    await pass(600)
    expect(tries).toEqual(['a1#1', 'b1#1', 'c1#1', 'd1#1', 'e1#1', 'a1#1', 'b1#1', 'c1#1', 'd1#1', 'f1#1'])
  })

  it('never takes put-off items for an outage, however many they are', async () => {
    const items = [...'abcdefghij'].map(key => `${key}1`)
    const later = new PutOffError('later', { waitMs: 1_000 })
    const { queue, add, tries, kept } = queueOf(
      2,
      Object.fromEntries(items.map(item => [item, [later, later]])),
    )
    add(...items, 'k1')
    await pass()
    expect(tries).toEqual([...items, 'k1'].map(item => `${item}#1`))
    expect(queue.outage()).toBeUndefined()
    expect(kept).toEqual(items.map(item => `${item} 1`))
    await pass(2_000)
    expect(tries.slice(-10)).toEqual(items.map(item => `${item}#3`))
    expect(queue.size()).toBe(0)
  })

  it('counts a failure as soon as another passes, unless its error knows of an outage', async () => {
    const { add, tries, kept, finish } = queueOf(3, {
      a1: [down, down],
      b1: [away(), away()],
      c1: ['hangs'],
      d1: ['hangs'],
    })
    add('a1', 'b1', 'c1')
    await pass(199)
    expect(kept).toEqual([])
    finish('c1')
    await pass()
    expect(kept).toEqual(['a1 1'])
    add('d1')
    await pass(1)
    expect(tries.slice(3)).toEqual(['d1#1', 'a1#2', 'b1#1'])
    await pass(199)
    expect(kept).toEqual(['a1 1'])
    finish('d1')
    await pass()
    expect(kept).toEqual(['a1 1', 'a1 2'])
  })

  it('goes on counting the failures of one that is alone, once others have passed it', async () => {
    const { queue, add, tries, kept } = queueOf(1, { a1: always(down) })
    add('a1')
    await pass(600)
    expect(queue.outage()).toBe('waits after try 3: down')
    add('b1')
    await pass()
    await pass(10_000)
    expect(queue.outage()).toBeUndefined()
    const last = Number(tries.at(-1)?.split('#')[1])
    expect(last).toBeGreaterThan(3)
    expect(kept.at(-1)).toBe(`a1 ${last}`)
  })

  it('tries an item again only when it is kept how often it was tried', async () => {
    const safe = Promise.withResolvers<void>()
    let isAway = true
    const { add, tries, kept } = queueOf(2, { a1: [new PutOffError('no', { waitMs: 1_000 })] }, async () => {
      await safe.promise
      if (isAway) throw new Error('the safe place is away')
    })
    add('a1', 'b1')
    await pass(5_000)
    expect(tries).toEqual(['a1#1', 'b1#1'])
    expect(kept).toEqual(['a1 1'])
    safe.resolve()
    await pass(1_000)
    expect(tries).toEqual(['a1#1', 'b1#1'])
    isAway = false
    await pass(60_000)
    expect(tries).toEqual(['a1#1', 'b1#1', 'a1#2'])
    expect(new Set(kept)).toEqual(new Set(['a1 1']))
  })

  it('goes on from the tries that were made before', async () => {
    const { queue, tries } = queueOf(1)
    queue.pause()
    queue.add('a1', 4)
    queue.resume()
    await pass()
    expect(tries).toEqual(['a1#5'])
  })

  describe('a place that is released', () => {
    it('lets others begin, but none of the key, and only once', async () => {
      const hang = Object.fromEntries(['a1', 'b1', 'c1', 'd1'].map(item => [item, ['hangs' as const]]))
      const { add, tries, finish, release } = queueOf(2, hang)
      add('a1', 'a2', 'b1', 'c1', 'd1')
      release('a1')
      release('a1')
      expect(tries).toEqual(['a1#1', 'b1#1', 'c1#1'])
      finish('a1')
      await pass()
      expect(tries).toHaveLength(3)
      finish('b1')
      await pass()
      expect(tries[3]).toBe('a2#1')
    })

    it('is kept where one is in hand at once', async () => {
      const { add, tries, release } = queueOf(1, { a1: ['hangs'] })
      add('a1', 'b1')
      release('a1')
      await pass()
      expect(tries).toEqual(['a1#1'])
    })

    it('is kept in an outage', async () => {
      const { add, tries, release } = queueOf(3, {
        a1: [down],
        b1: [down],
        c1: [down],
        d1: ['hangs'],
      })
      add('a1', 'b1', 'c1', 'd1', 'e1')
      await pass(200)
      expect(tries[3]).toBe('d1#1')
      release('d1')
      await pass(10_000)
      expect(tries).toHaveLength(4)
    })

    it('has a failure count none the less', async () => {
      const hang = Object.fromEntries([...'abcde'].map(key => [`${key}1`, ['hangs' as const]]))
      const { queue, add, tries, finish, release } = queueOf(2, hang)
      const items = ['a1', 'b1', 'c1', 'd1', 'e1']
      add(...items)
      for (const item of items) release(item)
      for (const item of items) finish(item, down)
      await pass()
      add('f1')
      await pass()
      expect(queue.outage()).toBe('waits after try 1: down')
      expect(tries).toEqual(items.map(item => `${item}#1`))
    })
  })

  describe('pause', () => {
    it('begins nothing, and waits for what is in hand, until it is told to resume', async () => {
      const { queue, add, tries, finish } = queueOf(2, { a1: ['hangs'], b1: [new PutOffError('no')] })
      add('a1', 'b1', 'a2')
      await pass()
      const paused = vi.fn()
      const pausing = queue.pause().then(paused)
      add('c1')
      await pass(60_000)
      expect(paused).not.toHaveBeenCalled()
      finish('a1')
      await pausing
      expect(tries).toEqual(['a1#1', 'b1#1'])
      queue.resume()
      await pass()
      expect(tries.slice(2)).toEqual(['b1#2', 'a2#1', 'c1#1'])
    })

    it('is over at once where nothing is in hand, and stops for good with the queue', async () => {
      const { queue, add, tries } = queueOf(1)
      await queue.pause()
      await queue.stop()
      queue.resume()
      add('a1')
      await pass(1_000)
      expect(tries).toEqual([])
    })
  })

  describe('drop', () => {
    it('forgets what is not in hand, with its tries, and what is in hand if it fails', async () => {
      const { queue, add, tries, finish } = queueOf(2, {
        a1: ['hangs'],
        b1: [new PutOffError('no', { waitMs: 100 })],
        c1: ['hangs'],
      })
      add('a1', 'a2', 'b1', 'b2', 'c1')
      await pass()
      queue.drop()
      expect([queue.size(), queue.waiting()]).toEqual([0, 0])
      add('a3', 'b3')
      await pass(1_000)
      expect(tries).toEqual(['a1#1', 'b1#1', 'c1#1'])
      finish('a1', down)
      await pass()
      expect(tries.slice(3)).toEqual(['a3#1', 'b3#1'])
      finish('c1')
      await pass(60_000)
      expect(tries).toHaveLength(5)
    })

    it('leaves what does not match, in its order', async () => {
      const { queue, add, tries } = queueOf(1, { a1: [new PutOffError('no', { waitMs: 1_000 })] })
      add('a1', 'a2', 'a3', 'b1')
      await pass()
      queue.drop(item => item === 'a1' || item === 'a3')
      await pass()
      expect(tries).toEqual(['a1#1', 'b1#1', 'a2#1'])
      expect(queue.size()).toBe(0)
    })

    it('ends an outage of which nothing is left', async () => {
      const { queue, add, tries } = queueOf(1, { a1: [down], b1: [down], c1: [down] })
      add('a1', 'b1', 'c1', 'd1')
      await pass()
      expect(queue.outage()).toBeDefined()
      queue.drop(item => item !== 'd1')
      expect(queue.outage()).toBeUndefined()
      await pass()
      expect(tries.at(-1)).toBe('d1#1')
    })
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
