import { expect, test } from 'vitest'
import { hasFilters, pagePath, readFilters, searchPath, stylesOf } from './filters.ts'

const none = { name: '', style: '', vegetarian: false, delivery: false }

test('a link to a search gives the same search', () => {
  const filters = { name: 'Thyme & Co', style: 'Israeli', vegetarian: true, delivery: false }
  const query = new URL(pagePath(filters), 'http://site').searchParams
  expect(readFilters(query)).toEqual(filters)
})

test('no filters leave a plain address', () => {
  expect(pagePath(none)).toBe('/')
  expect(searchPath(none)).toBe('/api/search')
  expect(hasFilters({ ...none, name: '  ' })).toBe(false)
  expect(hasFilters({ ...none, delivery: true })).toBe(true)
})

test('the search call carries only the filters that are set', () => {
  expect(searchPath({ ...none, name: ' olive ', vegetarian: true })).toBe(
    '/api/search?restaurant_name=olive&vegetarian=true',
  )
  expect(searchPath({ ...none, style: 'Korean', delivery: true })).toBe(
    '/api/search?restaurant_style=Korean&delivery=true',
  )
})

test('a filter that says something else than true is off', () => {
  expect(readFilters(new URLSearchParams('vegetarian=yes&delivery=false'))).toEqual(none)
})

test('each style can be chosen once, also the one in the link', () => {
  const restaurants = [{ style: 'Korean' }, { style: 'French' }, { style: 'korean' }]
  expect(stylesOf(restaurants, '').map(style => style.toLowerCase())).toEqual(['french', 'korean'])
  expect(stylesOf(restaurants, 'Martian')).toContain('Martian')
  expect(stylesOf([{ style: 'Crêperie' }], ' creperie')).toEqual(['Crêperie'])
})
