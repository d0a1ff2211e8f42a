import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { keep, kept } from './kept.ts'

afterEach(() => vi.unstubAllGlobals())

test('what is kept is found again, in its shape alone, until it is forgotten', () => {
  keep('name', { a: 1 })
  expect(kept('name', z.object({ a: z.number() }))).toEqual({ a: 1 })
  expect(kept('name', z.string())).toBeUndefined()
  keep('name', undefined)
  expect(kept('name', z.object({ a: z.number() }))).toBeUndefined()
})

test('a browser that refuses storage keeps it all the same, until the page is loaded again', () => {
  const refuse = () => {
    throw new Error('no storage')
  }
  vi.stubGlobal('sessionStorage', { getItem: refuse, setItem: refuse, removeItem: refuse })
  keep('name', 'value')
  expect(kept('name', z.string())).toBe('value')
  keep('name', undefined)
  expect(kept('name', z.string())).toBeUndefined()
})
