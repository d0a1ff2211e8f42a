import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countOf, firstOf, itemsOf, lastOf, noPages, type Pages, withItem, withoutFirst } from './pages.ts'

it('a list in pages is a list: first in, first out, and none of those before it changes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean(), { maxLength: 60 }), (size, adds) => {
      let list: Pages<number> = noPages
      let plain: number[] = []
      const seen: [Pages<number>, number[]][] = []
      for (const [index, isAdded] of adds.entries()) {
        list = isAdded ? withItem(list, index, size) : withoutFirst(list)
        plain = isAdded ? [...plain, index] : plain.slice(1)
        seen.push([list, plain])
      }
      for (const [was, items] of seen) {
        expect([...itemsOf(was)]).toEqual(items)
        expect([countOf(was, size), firstOf(was), lastOf(was)]).toEqual([
          items.length,
          items[0],
          items.at(-1),
        ])
        expect(was.pages.every(page => page.length === size)).toBe(true)
      }
    }),
  )
})

it('a page is the same one from when it is full until it is gone', () => {
  let list: Pages<number> = noPages
  for (let number = 0; number < 7; number++) list = withItem(list, number, 3)
  const [first, second] = list.pages
  expect([first, second, list.tail]).toEqual([[0, 1, 2], [3, 4, 5], [6]])
  const later = withItem(withoutFirst(list), 7, 3)
  expect([later.pages[0] === first, later.pages[1] === second]).toEqual([true, true])
  const without = withoutFirst(withoutFirst(later))
  expect([without.pages[0] === second, without.first]).toEqual([true, 1])
})
