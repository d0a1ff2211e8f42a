import { expect, test } from 'vitest'
import {
  changed,
  hasFilters,
  moreOf,
  mostShown,
  noFilters,
  pagePath,
  pageSize,
  readFilters,
  searchQuery,
  stylesQuery,
} from './filters.ts'

const read = (query: string) => readFilters(new URLSearchParams(query))

test('a link to a search gives the same search', () => {
  const filters = {
    words: 'Thyme & Co',
    style: 'Israeli',
    vegetarian: true,
    delivery: false,
    byName: true,
    shown: 2 * pageSize,
    after: 'abc_-',
  }
  expect(readFilters(new URL(pagePath(filters), 'http://site').searchParams)).toEqual(filters)
})

test('no filters leave a plain address', () => {
  expect(pagePath(noFilters)).toBe('/')
  expect(hasFilters({ ...noFilters, words: '  ' })).toBe(false)
  expect(hasFilters({ ...noFilters, byName: true })).toBe(false)
  expect(hasFilters({ ...noFilters, delivery: true })).toBe(true)
})

test('what a form without scripts sends is read, with its empty fields', () => {
  expect(read('q=+pizza+&style=&vegetarian=true&sort=name')).toEqual({
    ...noFilters,
    words: ' pizza ',
    vegetarian: true,
    byName: true,
  })
})

test('links of before, which searched names, are read as words', () => {
  expect(read('name=olive')).toEqual({ ...noFilters, words: 'olive' })
})

test('what is no filter is none', () => {
  expect(read('vegetarian=yes&delivery=false&sort=price&shown=-3&after=')).toEqual(noFilters)
  expect(read('shown=abc').shown).toBe(pageSize)
  expect(read('shown=25').shown).toBe(2 * pageSize)
  expect(read('shown=1e9').shown).toBe(mostShown)
})

test('search-order is asked for the filters that are set, and for styles with all but the style', () => {
  expect(String(searchQuery(noFilters))).toBe(`limit=${pageSize}`)
  const filters = { ...noFilters, words: ' olive ', style: 'Korean', delivery: true, byName: true }
  expect(String(searchQuery(filters))).toBe(
    `q=olive&delivery=true&restaurant_style=Korean&sort=name&limit=${pageSize}`,
  )
  expect(String(stylesQuery(filters))).toBe('q=olive&delivery=true')
})

test('another search begins at its beginning', () => {
  const far = { ...noFilters, shown: 96, after: 'abc' }
  expect(changed(far, { style: 'French' })).toEqual({ ...noFilters, style: 'French' })
})

test('there is more on the same page until it is long, and then on the next', () => {
  expect(moreOf(noFilters, undefined)).toBeUndefined()
  expect(moreOf(noFilters, 'c')).toEqual({ ...noFilters, shown: 2 * pageSize })
  expect(moreOf({ ...noFilters, shown: mostShown }, 'c')).toEqual({ ...noFilters, after: 'c' })
})
