import fc from 'fast-check'
import { generate, howMany } from 'kafka-restaurants-contracts/fuzz'
import { expect, it } from 'vitest'
import { inAll, onceEach } from './lists.ts'

const most = 5_000
const list = fc
  .tuple(fc.nat({ max: most }), fc.integer({ min: 1, max: 40 }), fc.nat({ max: 3_000 }))
  .map(([start, step, length]) =>
    Uint32Array.from({ length }, (_, i) => start + i * step).filter(number => number < most),
  )

it('lists of any length have in common what is in each', () => {
  for (const lists of generate(fc.array(list, { minLength: 1, maxLength: 4 }), howMany(5_000))) {
    const [first = new Uint32Array(), ...others] = lists.map(each => new Set(each))
    const expected = [...first].filter(number => others.every(other => other.has(number)))
    const found = inAll(lists)
    expect([...found]).toEqual(expected)
    if (lists.length > 1) expect(found.buffer.byteLength).toBe(found.byteLength)
  }
})

it('numbers from several lists stand once each, in order', () => {
  for (const lists of generate(fc.array(list, { maxLength: 4 }), howMany(5_000))) {
    const all = lists.flatMap(each => [...each])
    expect([...onceEach(Uint32Array.from(all), most)]).toEqual([...new Set(all)].sort((a, b) => a - b))
  }
})
