import fc from 'fast-check'
import { generate, howMany } from 'kafka-restaurants-contracts/fuzz'
import { describe, expect, it } from 'vitest'
import { readByPieces, readCatalogue } from './catalogue.ts'
import { type CatalogueIndex, indexOf } from './search/catalogue-index.ts'

const dish = { id: 'soup', name: 'Soup "of\\the day {[', priceCents: 500 }
const make = (id: string, more: object = {}) => ({
  id,
  name: `${id.toUpperCase()} כוכב`,
  style: 'Italian',
  vegetarian: true,
  delivery: false,
  menu: [dish],
  ...more,
})

/** Reads a text in chunks of a size, each overwritten when the next one comes, as a file's are. */
function byPieces(text: string | Buffer, size: number): CatalogueIndex {
  const bytes = Buffer.from(text)
  function* chunks() {
    const chunk = Buffer.alloc(size)
    for (let at = 0; at < bytes.length; at += size) {
      chunk.fill(0)
      yield chunk.subarray(0, bytes.copy(chunk, 0, at))
    }
  }
  const reading = readByPieces(chunks(), bytes.length)
  for (;;) {
    const { done, value } = reading.next()
    if (done) return value
  }
}
const messageOf = (read: () => unknown): string => {
  try {
    read()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'read'
}
const all = (index: CatalogueIndex) => [index.currency, ...[...index.matching({})].map(index.restaurant)]
const text = (restaurants: unknown[], more: object = {}, indent = 1) =>
  JSON.stringify({ currency: 'EUR', restaurants, ...more }, null, indent)

describe('a catalogue that is read by pieces', () => {
  it('holds the same, wherever the chunks end', () => {
    const cases = fc.tuple(
      fc.array(fc.record({ description: fc.string({ unit: 'grapheme' }), vegetarian: fc.boolean() }), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom({}, { note: { restaurants: [{ a: '"restaurants": [' }] } }),
    )
    for (const [some, size, indent, more] of generate(cases, howMany(5_000))) {
      const restaurants = some.map((change, i) => make(`r-${i}`, change))
      const written = text(restaurants, more, indent)
      expect(all(byPieces(written, size))).toEqual(all(indexOf(readCatalogue(written))))
    }
  })

  it.each([
    ['a wrong value', text([make('a'), make('b', { vegetarian: 'yes' })])],
    ['a missing field', text([make('a'), make('b', { style: undefined })])],
    ['several faults', text([make('a', { delivery: 1 }), make('b', { style: 3, menu: [] })])],
    ['a dish twice', text([make('a', { menu: [dish, dish] })]).replaceAll('restaurants[0].menu', 'menu')],
    ['no currency', text([make('a')], { currency: undefined })],
    ['a wrong currency', text([make('a')], { currency: 'euro' })],
    ['no restaurants', text([])],
    ['no list', JSON.stringify({ currency: 'EUR', restaurants: make('a') }, null, 1)],
    ['broken JSON', '{\n "currency": "EUR",\n "restaurants": [}\n'],
    ['nothing', ''],
  ])('with %s is refused in the same lines', (_what, written) => {
    const lines = (message: string) =>
      message.split('\n').map(line => line.replace(/(^line \d+: [^:]*).*/, '$1'))
    const whole = messageOf(() => readCatalogue(written))
    expect(whole).toMatch(/^line \d/)
    for (const size of [1, 17, 10_000]) {
      expect(lines(messageOf(() => byPieces(written, size)))).toEqual(lines(whole))
    }
  })

  it('names the line of broken JSON within a restaurant', () => {
    const written = text([make('a'), make('b')]).replace('"id": "b",', '"id": "b"')
    const line = written.slice(0, written.indexOf('"id": "b"')).split('\n').length
    expect(messageOf(() => byPieces(written, 100))).toMatch(
      new RegExp(`^line (${line}|${line + 1}): restaurants\\[1\\]: `),
    )
  })

  it.each([
    ['an id', { id: 'a' }, 'restaurants[1].id: "a" is used twice, also by restaurants[0]'],
    ['a name', { name: 'A כוכב' }, 'restaurants[1].name: "A כוכב" is used twice, also by restaurants[0]'],
    ['a name like an id', { name: ' A' }, 'restaurants[1].name: " A" is used twice, also by restaurants[0]'],
  ])('uses %s once', (_what, change, message) => {
    expect(messageOf(() => byPieces(text([make('a'), make('b', change)]), 64))).toContain(message)
  })

  it.each([
    ['entries that are none', text([make('a'), 7, 'x', null]), 'restaurants[1]: must be a mapping'],
    ['a 0 for a restaurant', text([make('a'), 0]), 'must be one list'],
    [
      'two lists',
      text([make('a')]).replace('}\n ]', `}\n ],\n "restaurants": [${JSON.stringify(make('b'))}]`),
      'line ',
    ],
    ['a bracket that is not closed', text([make('a'), make('b')]).replace(/ {2}\}\n \]\n\}$/, ''), 'line '],
  ])('with %s is refused', (_what, written, message) => {
    expect(messageOf(() => byPieces(written, 50))).toContain(message)
  })

  it('may begin with a byte order mark', () => {
    expect(byPieces(`\uFEFF${text([make('a')])}`, 40).size).toBe(1)
  })

  it('is UTF-8', () => {
    const latin = Buffer.from(text([make('a'), make('b', { name: 'Café' })]), 'latin1')
    expect(messageOf(() => byPieces(latin, 40))).toMatch(/line \d+: restaurants\[1\]: is no UTF-8/)
  })

  it('tells no more than a hundred faults or so', () => {
    const restaurants = Array.from({ length: 1_000 }, (_, i) => make(`r-${i}`, { style: 3 }))
    expect(messageOf(() => byPieces(text(restaurants), 5_000)).split('\n').length).toBeLessThan(110)
  })
})
