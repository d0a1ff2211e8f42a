import { Restaurant } from 'kafka-restaurants-contracts'
import { describe, expect, it } from 'vitest'
import { readCatalogue } from './catalogue.ts'

const dish = { id: 'soup', name: 'Soup', priceCents: 500 }
const restaurant = { id: 'a', name: 'A', style: 'Italian', vegetarian: true, delivery: false, menu: [dish] }
const text = (change: object) =>
  JSON.stringify(
    { currency: 'EUR', restaurants: [restaurant, { ...restaurant, id: 'b', name: 'B', ...change }] },
    null,
    1,
  )
const lineOf = (text: string, part: string) => text.slice(0, text.lastIndexOf(part)).split('\n').length

describe('a catalogue', () => {
  it('is read with defaults filled in', () => {
    expect(readCatalogue(text({})).restaurants[0]?.menu[0]).toEqual({
      ...dish,
      description: '',
      vegetarian: false,
    })
  })

  it('names line and field of a wrong value', () => {
    const wrong = text({ vegetarian: 'yes' })
    expect(() => readCatalogue(wrong)).toThrow(`line ${lineOf(wrong, '"yes"')}: restaurants[1].vegetarian:`)
  })

  it('names the place of a missing field by its parent', () => {
    const wrong = text({ style: undefined })
    expect(() => readCatalogue(wrong)).toThrow(/line \d+: restaurants\[1\]\.style: /)
  })

  it('names every fault, not only the first', () => {
    expect(() => readCatalogue(text({ style: 3, delivery: 'no' }))).toThrow(/style: [^\n]+\n.*delivery: /)
  })

  it('names the line of broken JSON', () => {
    expect(() => readCatalogue('{\n "currency": "EUR",\n "restaurants": [}\n')).toThrow(/^line 3: /)
  })

  it('uses an id once', () => {
    expect(() => readCatalogue(text({ id: 'a' }))).toThrow('restaurants[1].id: "a" is used twice')
  })

  it.each([
    ['a name like an id', { name: 'A-B' }, { id: 'a-b' }],
    ['one name in another spelling', { name: 'Zoë’s' }, { name: "ZOE'S" }],
    ['an id like a name', { id: 'a-b' }, { name: 'A–B' }],
  ])('with %s is refused, and both lines are named', (_what, one, other) => {
    const restaurants = [
      { ...restaurant, ...one },
      { ...restaurant, id: 'b', name: 'B', ...other },
    ]
    const text = JSON.stringify({ currency: 'EUR', restaurants }, null, 1)
    const lines = [one, other].map(change => {
      const [[field, value] = []] = Object.entries(change)
      return `line ${lineOf(text, `"${field}": "${value}"`)}: restaurants[${change === one ? 0 : 1}].${field}: `
    })
    for (const line of lines) expect(() => readCatalogue(text)).toThrow(line)
  })

  it('may have a restaurant whose name is its own id', () => {
    expect(readCatalogue(text({ name: 'b' })).restaurants[1]?.name).toBe('b')
  })

  it('with two dishes of one id on a menu is refused', () => {
    const menu = [dish, { ...dish, name: 'Large soup', priceCents: 900 }]
    expect(() => readCatalogue(text({ menu }))).toThrow(
      /restaurants\[1\]\.menu\[0\]\.id: "soup" is used twice.*\n.*restaurants\[1\]\.menu\[1\]\.id: /,
    )
  })

  it('may have restaurants as the first generation had them', () => {
    const old = { style: 'Italian', vegetarian: true, delivery: false }
    const restaurants = ['Luna & Söhne', 'כוכב', '…'].map(name => ({ ...old, name }))
    const read = readCatalogue(JSON.stringify({ currency: 'EUR', restaurants })).restaurants
    expect(read.map(({ id, menu }) => [id, menu])).toEqual([
      ['luna-sohne', []],
      ['15n15h15n15d', []],
      ['restaurant', []],
    ])
    for (const { id } of read) expect(Restaurant.shape.id.safeParse(id).success).toBe(true)
  })

  it('may say where a restaurant is, when it is open, and what is in a dish', () => {
    const more = { address: 'Olive Street 5', openingHours: ['Mo-Su 11:00-22:00'], priceLevel: 2 }
    const menu = [{ ...dish, section: 'Starters', allergens: ['celery'] }]
    expect(readCatalogue(text({ ...more, menu })).restaurants[1]).toMatchObject({ ...more, menu })
  })

  it.each([
    [{ openingHours: ['always'] }, /openingHours\[0\]: must be opening hours such as/],
    [{ priceLevel: 5 }, /priceLevel: /],
    [{ currency: 'euro' }, /currency: must be an ISO 4217 code/],
  ])('with %j is refused, and line and field are named', (change, fault) => {
    expect(() => readCatalogue(text(change))).toThrow(fault)
    expect(() => readCatalogue(text(change))).toThrow(/^line \d+: restaurants\[1\]\./)
  })

  it('is not an empty file', () => {
    expect(() => readCatalogue('')).toThrow(/line 1|empty/)
  })
})
