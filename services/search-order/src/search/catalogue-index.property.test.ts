import fc from 'fast-check'
import {
  asRead,
  type Catalogue,
  type Restaurant,
  type SearchHit,
  type SearchQuery,
} from 'kafka-restaurants-contracts'
import { generate, howMany } from 'kafka-restaurants-contracts/fuzz'
import { describe, expect, it } from 'vitest'
import { type Answers, answersFrom } from '../answers.ts'
import { indexOf } from './catalogue-index.ts'
import { textsOf, wordsOf } from './words.ts'

/** What a search finds, looked for restaurant by restaurant: in the catalogue's order, or by name. */
function linear({ restaurants }: Catalogue, query: SearchQuery): Restaurant[] {
  const name = asRead(query.restaurant_name ?? '')
  const style = asRead(query.restaurant_style ?? '')
  const fits = (restaurant: Restaurant) =>
    (!name || asRead(restaurant.name).includes(name)) &&
    (!style || asRead(restaurant.style) === style) &&
    (query.vegetarian !== 'true' || restaurant.vegetarian) &&
    (query.delivery !== 'true' || restaurant.delivery) &&
    wordsOf(query.q ?? '').every(word =>
      textsOf(restaurant).some(({ text }) => wordsOf(text).some(other => other.startsWith(word))),
    )
  const found = restaurants.filter(fits)
  if (query.sort !== 'name') return found
  return found.toSorted((a, b) => (asRead(a.name) < asRead(b.name) ? -1 : 1))
}

const word = fc.constantFrom(
  'Luna',
  'Lunar',
  'Café',
  'cafe',
  'Zoë’s',
  'Wok',
  'ab',
  'é',
  'פיצה',
  'מָרָק',
  '寿司',
  'a',
  '7',
)
const text = fc.array(word, { minLength: 1, maxLength: 3 }).map(words => words.join(' '))
const restaurant = fc.record({
  name: text,
  style: fc.constantFrom('Italian', 'ITALIAN', 'Thai', 'Crêperie'),
  vegetarian: fc.boolean(),
  delivery: fc.boolean(),
  dishes: fc.array(text, { minLength: 1, maxLength: 3 }),
})
const catalogueOf = (entries: readonly ReturnType<typeof entryOf>[]): Catalogue => ({
  currency: 'EUR',
  restaurants: [...new Map(entries.map(entry => [asRead(entry.name), entry])).values()],
})
const entryOf = (
  {
    dishes,
    ...rest
  }: { name: string; style: string; vegetarian: boolean; delivery: boolean; dishes: string[] },
  number: number,
) => ({
  ...rest,
  id: `r-${number}`,
  description: '',
  menu: dishes.map((name, at) => ({
    id: `d-${at}`,
    name,
    description: '',
    vegetarian: false,
    priceCents: 100,
  })),
})
const entries = fc
  .array(restaurant, { minLength: 1, maxLength: 25 })
  .map(all => all.map((each, number) => entryOf(each, number)))
const flag = fc.constantFrom('true', 'false', '')
const query: fc.Arbitrary<SearchQuery> = fc.record(
  {
    q: fc.oneof(text, fc.constantFrom('lu', 'מרק', 'wok ita', "zoe's", '!', 'thai cafe')),
    restaurant_name: fc.oneof(text, fc.constantFrom('una', 'r w', 'é', 'פ', '司', '  ', 'o', 'nope')),
    restaurant_style: fc.constantFrom('italian', 'creperie', 'tha', ''),
    vegetarian: flag,
    delivery: flag,
    sort: fc.constantFrom('name', 'catalogue', ''),
  },
  { requiredKeys: [] },
)
const limit = fc.integer({ min: 1, max: 7 })

const path = (query: object) =>
  new URLSearchParams(Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]))
const hits = (answers: Answers, query: object) => {
  const { body, headers } = answers.search(`${path(query)}`)
  const link = headers[headers.indexOf('Link') + 1]
  return {
    hits: JSON.parse(body.toString()) as SearchHit[],
    total: Number(headers[headers.indexOf('X-Total-Count') + 1]),
    cursor: headers.includes('Link')
      ? new URLSearchParams(link?.slice(2, link.indexOf('>'))).get('cursor')
      : undefined,
  }
}
/** The ids of one page after the other; the catalogue is another one for each, the last one for the rest or all in turn. */
function readPages(
  states: readonly Catalogue[],
  query: SearchQuery,
  limit: number,
  isLasting = true,
): string[] {
  const made = states.map(state => answersFrom(indexOf(state)))
  const ids: string[] = []
  let cursor: string | null | undefined
  for (let page = 0; page === 0 || cursor; page++) {
    const answers = made[isLasting ? Math.min(page, made.length - 1) : page % made.length]
    if (!answers) break
    const found = hits(answers, { ...query, limit, ...(cursor && { cursor }) })
    ids.push(...found.hits.map(({ id }) => id))
    cursor = found.cursor
  }
  return ids
}
const idsOf = (restaurants: readonly { id: string }[]) => restaurants.map(({ id }) => id)

describe('of generated catalogues and queries', () => {
  it('the index finds what looking at each restaurant finds, and says how many', () => {
    for (const [all, wanted] of generate(fc.tuple(entries, query), howMany(20_000))) {
      const catalogue = catalogueOf(all)
      const found = hits(answersFrom(indexOf(catalogue)), wanted)
      const expected = linear(catalogue, wanted)
      expect([idsOf(found.hits), found.total], JSON.stringify(wanted)).toEqual([
        idsOf(expected),
        expected.length,
      ])
    }
  })

  it('each hit says why it fits: texts of its own that have all words together', () => {
    for (const [all, { q = '' }] of generate(fc.tuple(entries, query), howMany(5_000))) {
      const catalogue = catalogueOf(all)
      for (const { id, matches = [] } of hits(answersFrom(indexOf(catalogue)), { q }).hits) {
        const own = catalogue.restaurants.filter(each => each.id === id).flatMap(textsOf)
        const begun = matches.flatMap(({ text }) => wordsOf(text))
        expect(wordsOf(q).every(word => begun.some(other => other.startsWith(word)))).toBe(true)
        for (const match of matches) expect(own).toContainEqual(match)
        expect(matches.length).toBeLessThanOrEqual(wordsOf(q).length)
      }
    }
  })

  it('the pages joined are all, in order, each once', () => {
    for (const [all, wanted, most] of generate(fc.tuple(entries, query, limit), howMany(5_000))) {
      const catalogue = catalogueOf(all)
      expect(readPages([catalogue], wanted, most)).toEqual(idsOf(linear(catalogue, wanted)))
    }
  })

  it('the pages by name have nothing twice, and all that stays, whatever comes and goes between them', () => {
    const states = fc.array(fc.uniqueArray(fc.nat({ max: 24 }), { maxLength: 20 }), {
      minLength: 1,
      maxLength: 6,
    })
    for (const [all, without, most] of generate(fc.tuple(entries, states, limit), howMany(5_000))) {
      const named = catalogueOf(all).restaurants
      // One always stays, as no catalogue is empty; and another order is none of the names' business.
      const catalogues = without.map(
        (gone): Catalogue => ({
          currency: 'EUR',
          restaurants: named.filter((_, i) => i === 0 || !gone.includes(i)).reverse(),
        }),
      )
      const ids = readPages(catalogues, { sort: 'name' }, most, false)
      expect(new Set(ids).size).toBe(ids.length)
      const stays = named.filter((_, i) => i === 0 || !without.some(gone => gone.includes(i)))
      expect(ids).toEqual(expect.arrayContaining(idsOf(stays)))
    }
  })

  it("those in the catalogue's order, too, where the last one of the page before is still there, or alone has gone", () => {
    const change = fc.record({ gone: fc.uniqueArray(fc.nat({ max: 24 })), lastGoes: fc.boolean() })
    for (const [all, { gone, lastGoes }, most] of generate(
      fc.tuple(entries, change, limit),
      howMany(5_000),
    )) {
      const before = catalogueOf(all).restaurants
      const last = Math.min(most, before.length) - 1
      const stays = before.filter((_, i) => (lastGoes ? i !== last : i === last || !gone.includes(i)))
      if (stays.length === 0) continue
      const catalogues = [before, stays].map((restaurants): Catalogue => ({ currency: 'EUR', restaurants }))
      const ids = readPages(catalogues, {}, most)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids).toEqual(expect.arrayContaining(idsOf(stays)))
    }
  })

  it('the styles and their counts are what the search finds of each', () => {
    for (const [all, { restaurant_style: _, sort: __, ...filters }] of generate(
      fc.tuple(entries, query),
      howMany(5_000),
    )) {
      const catalogue = catalogueOf(all)
      const styles = indexOf(catalogue).styles(filters)
      expect(styles.map(({ restaurants }) => restaurants)).toEqual(
        styles.map(({ style }) => linear(catalogue, { ...filters, restaurant_style: style }).length),
      )
      const written = new Set(catalogue.restaurants.map(({ style }) => asRead(style)))
      expect(styles.map(({ style }) => asRead(style))).toEqual([...written].sort())
    }
  })
})
