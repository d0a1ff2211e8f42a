import { describe, expect, it } from 'vitest'
import type { TrackedHistory } from './history.ts'
import { watchedOrders } from './watched-orders.ts'

/** Orders of which only the place is known, each read begun answered by hand. */
function reads() {
  const begun: ((place: number) => void)[] = []
  const orders = watchedOrders(
    () => new Promise(resolve => begun.push(place => resolve({ place } as TrackedHistory))),
  )
  return { orders, begun }
}
const placeOf = (place: number) => new Map([['a', place]])

describe('an order that is watched', () => {
  it('is read when somebody begins to watch it, and again when it has changed', async () => {
    const { orders, begun } = reads()
    const watch = orders.watch('a')
    const first = watch.find()
    begun[0]?.(3)
    expect(await first).toEqual({ place: 3 })
    expect(await watch.find()).toEqual({ place: 3 })
    expect(begun).toHaveLength(1)
    void orders.watch('a').find()
    expect(begun).toHaveLength(2)
    orders.changed('a')
    void watch.find()
    expect(begun).toHaveLength(3)
  })

  it('moves up without being read', async () => {
    const { orders, begun } = reads()
    const watch = orders.watch('a')
    const first = watch.find()
    begun[0]?.(3)
    await first
    orders.moved(placeOf(2), orders.now())
    expect(await watch.find()).toEqual({ place: 2 })
    expect(begun).toHaveLength(1)
  })

  it.each(['before', 'after'])(
    'is read anew where it was read while its line was, and that ended %s it',
    async end => {
      const { orders, begun } = reads()
      const watch = orders.watch('a')
      const first = watch.find()
      const begunAt = orders.now()
      if (end === 'before') begun[0]?.(3)
      await Promise.resolve()
      if (end === 'before') await first
      orders.moved(placeOf(2), begunAt)
      begun[0]?.(3)
      await first
      const next = watch.find()
      begun[1]?.(1)
      expect(await next).toEqual({ place: 1 })
    },
  )

  it('is not kept when nobody watches it any more', async () => {
    const { orders, begun } = reads()
    const watch = orders.watch('a')
    const first = watch.find()
    begun[0]?.(3)
    await first
    watch.end()
    orders.moved(placeOf(2), orders.now())
    void orders.watch('a').find()
    expect(begun).toHaveLength(2)
  })
})
