import { PutOffError } from 'kafka-restaurants-delivery'
import { describe, expect, it } from 'vitest'
import { handleInKeyOrder } from './in-key-order.ts'
import type { InputRecord } from './record.ts'

const settled = () => new Promise(resolve => setImmediate(resolve))

/** Records are key and number: `a1`. Each is in hand until the test says how it ends. */
function handling(
  names: string[],
  limits: { concurrency: number; mostFailures?: number },
  isDue = (_name: string) => true,
) {
  const begun: string[] = []
  const hands = new Map<string, { release: () => void; end: (error?: Error) => void }>()
  const records = names.map(
    (name, offset): InputRecord => ({
      topic: 'in',
      partition: 0,
      offset: String(offset),
      key: null,
      value: Buffer.from(name),
      isTombstone: false,
      headers: {},
      rawHeaders: {},
      reference: name,
    }),
  )
  const results = handleInKeyOrder(records, {
    mostFailures: 100,
    ...limits,
    keyOf: ({ reference }) => reference.slice(0, 1),
    isDue: ({ reference }) => isDue(reference),
    handle: ({ reference }, release) => {
      begun.push(reference)
      const ended = Promise.withResolvers<[]>()
      const end = (error?: Error) => (error ? ended.reject(error) : ended.resolve([]))
      hands.set(reference, { release, end })
      return ended.promise
    },
  })
  const hand = (name: string) => {
    const found = hands.get(name)
    if (!found) throw new Error(`${name} is not in hand`)
    return found
  }
  return {
    begun,
    release: (name: string) => hand(name).release(),
    end: async (name: string, error?: Error) => {
      hand(name).end(error)
      await settled()
    },
    states: async () => (await results).map(({ state }) => state),
  }
}

describe('records', () => {
  it('have a place each while they are in hand, and never two of one key', async () => {
    const { begun, end, states } = handling(['a1', 'a2', 'b1', 'c1'], { concurrency: 2 })
    expect(begun).toEqual(['a1', 'b1'])
    await end('b1')
    expect(begun).toEqual(['a1', 'b1', 'c1'])
    await end('c1')
    expect(begun).toHaveLength(3)
    await end('a1')
    expect(begun.at(-1)).toBe('a2')
    await end('a2')
    expect(await states()).toEqual(['done', 'done', 'done', 'done'])
  })

  it('that release their place let others begin, but none of their key, and end when they are done', async () => {
    const { begun, release, end, states } = handling(['a1', 'a2', 'b1', 'c1', 'd1'], { concurrency: 2 })
    release('a1')
    release('a1')
    release('b1')
    expect(begun).toEqual(['a1', 'b1', 'c1', 'd1'])
    await end('a1')
    expect(begun).toHaveLength(4)
    await end('c1')
    expect(begun.at(-1)).toBe('a2')
    for (const name of ['b1', 'd1', 'a2']) await end(name)
    expect(await states()).toEqual(['done', 'done', 'done', 'done', 'done'])
  })

  it('go by their offsets where one is in hand at once, whatever their keys', async () => {
    const names = ['a1', 'b1', 'a2', 'c1', 'b2', 'a3']
    const { begun, end } = handling(names, { concurrency: 1 })
    for (const name of names) await end(name)
    expect(begun).toEqual(names)
  })

  it('are asked whether they are due when they get a place: those that are not are left, with their key', async () => {
    let isOver = false
    const { begun, release, end, states } = handling(
      ['a1', 'b1', 'c1', 'a2'],
      { concurrency: 2 },
      () => !isOver,
    )
    isOver = true
    release('a1')
    await end('a1')
    await end('b1')
    expect(begun).toEqual(['a1', 'b1'])
    expect(await states()).toEqual(['done', 'done', 'left', 'left'])
  })
})

describe('failures', () => {
  const down = new Error('down')

  it('each keep a place, so that no more begin than may fail', async () => {
    const { begun, end, states } = handling(['a1', 'b1', 'c1', 'd1', 'e1'], {
      concurrency: 3,
      mostFailures: 3,
    })
    await end('a1', down)
    expect(begun).toEqual(['a1', 'b1', 'c1'])
    await end('b1')
    expect(begun).toEqual(['a1', 'b1', 'c1', 'd1'])
    await end('c1', down)
    await end('d1', down)
    expect(begun).toHaveLength(4)
    expect(await states()).toEqual(['failed', 'done', 'failed', 'failed', 'left'])
  })

  it('count where the place was released before, too', async () => {
    const { begun, release, end, states } = handling(['a1', 'a2', 'b1', 'c1', 'd1'], {
      concurrency: 1,
      mostFailures: 2,
    })
    release('a1')
    release('b1')
    await end('a1', down)
    await end('b1', down)
    expect(begun).toEqual(['a1', 'b1', 'c1'])
    await end('c1')
    expect(await states()).toEqual(['failed', 'left', 'failed', 'done', 'left'])
  })

  it('do not count where a record puts itself off, and leave the rest of its key', async () => {
    const { begun, end, states } = handling(['a1', 'a2', 'b1', 'c1'], { concurrency: 1, mostFailures: 1 })
    await end('a1', new PutOffError('later'))
    await end('b1')
    await end('c1')
    expect(begun).toEqual(['a1', 'b1', 'c1'])
    expect(await states()).toEqual(['failed', 'left', 'done', 'done'])
  })
})
