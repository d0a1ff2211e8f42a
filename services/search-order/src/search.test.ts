import type { Catalogue } from 'kafka-restaurants-contracts'
import { describe, expect, it } from 'vitest'
import { findRestaurant, search } from './search.ts'

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
  it('leaves empty filters aside', () =>
    expect(ids({ restaurant_name: '', restaurant_style: '', vegetarian: '' })).toHaveLength(3))
  it('sends no menus', () => expect(search(catalogue, {})[0]).not.toHaveProperty('menu'))
})

describe('a restaurant', () => {
  it('is found by id, and by name in any case', () => {
    expect(findRestaurant(catalogue, 'fig')?.id).toBe('fig')
    expect(findRestaurant(catalogue, 'trattoria luna')?.id).toBe('luna')
    expect(findRestaurant(catalogue, 'luna!')).toBeUndefined()
  })
})
