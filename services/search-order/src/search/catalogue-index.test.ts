import type { Catalogue } from 'kafka-restaurants-contracts'
import { describe, expect, it } from 'vitest'
import { indexOf } from './catalogue-index.ts'

const menu = [{ id: 'soup', name: 'Soup', description: '', vegetarian: true, priceCents: 500 }]
const make = (id: string, name: string, style: string, vegetarian: boolean, delivery: boolean) => ({
  id,
  name,
  style,
  vegetarian,
  delivery,
  description: '',
  menu,
})
const catalogue: Catalogue = {
  currency: 'EUR',
  restaurants: [
    make('fig', 'The Fig Tree', 'Israeli', true, true),
    make('luna', 'Trattoria Luna', 'Italian', false, true),
    make('wok', 'Lunar Wok', 'Chinese', false, false),
  ],
}
const search = (catalogue: Catalogue, query: object) => {
  const index = indexOf(catalogue)
  return [...index.matching(query)].map(index.restaurant)
}
const findRestaurant = (catalogue: Catalogue, wanted: string) => indexOf(catalogue).find(wanted)
const ids = (query: object) => search(catalogue, query).map(({ id }) => id)

describe('search', () => {
  it('finds all without a filter', () => expect(ids({})).toEqual(['fig', 'luna', 'wok']))
  it('finds a part of the name in any case', () =>
    expect(ids({ restaurant_name: 'LUNA' })).toEqual(['luna', 'wok']))
  it('finds a style in any case, but not a part of it', () => {
    expect(ids({ restaurant_style: 'italian' })).toEqual(['luna'])
    expect(ids({ restaurant_style: 'ital' })).toEqual([])
  })
  it('keeps the vegetarian ones only when asked to', () => {
    expect(ids({ vegetarian: 'true' })).toEqual(['fig'])
    expect(ids({ vegetarian: 'false' })).toHaveLength(3)
  })
  it('keeps those that deliver', () => expect(ids({ delivery: 'true' })).toEqual(['fig', 'luna']))
  it('wants every filter to hold', () =>
    expect(ids({ restaurant_name: 'luna', delivery: 'true' })).toEqual(['luna']))
  it.each([
    "athena's",
    'ATHENA’S',
    'athena´s',
    '  Athena’s   Café ',
    'cafe zoe',
    'Cafe\u0301 Zoe\u0308',
    'CAFÉ\u00a0ZOË',
    'zoë – gross',
    'Groß',
  ])('finds Athena’s Café Zoë - Groß by %j', restaurant_name => {
    const restaurants = [make('athena', 'Athena’s Café Zoë - Groß', 'Crêperie', true, true)]
    expect(search({ ...catalogue, restaurants }, { restaurant_name })).toHaveLength(1)
    expect(search({ ...catalogue, restaurants }, { restaurant_style: 'creperie' })).toHaveLength(1)
  })
  it('takes no other letter for the same', () => {
    const restaurants = [make('a', 'カキ', 'Japanese', true, true)]
    expect(search({ ...catalogue, restaurants }, { restaurant_name: 'ガキ' })).toEqual([])
  })
  it('leaves empty filters aside', () =>
    expect(ids({ restaurant_name: '', restaurant_style: '', vegetarian: '' })).toHaveLength(3))
})

describe('a restaurant', () => {
  it('is found by id, and by name in any case', () => {
    expect(findRestaurant(catalogue, 'fig')?.id).toBe('fig')
    expect(findRestaurant(catalogue, 'trattoria luna')?.id).toBe('luna')
    expect(findRestaurant(catalogue, 'luna!')).toBeUndefined()
  })
  it('is found by its name as people type it', () => {
    const restaurants = [make('athena', 'Athena’s Café', 'Greek', true, true)]
    expect(findRestaurant({ ...catalogue, restaurants }, " athena's  CAFE")?.id).toBe('athena')
  })
})
