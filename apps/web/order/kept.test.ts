import { afterEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { inBrowser, keep, kept } from './kept.ts'

afterEach(() => vi.unstubAllGlobals())

describe.each([
  { where: 'sessionStorage', keeper: { keep, kept } },
  { where: 'localStorage', keeper: inBrowser },
])('in $where', ({ where, keeper: { keep, kept } }) => {
  test('what is kept is found again, in its shape alone, until it is forgotten', () => {
    vi.stubGlobal(where, storage())
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
    vi.stubGlobal(where, { getItem: refuse, setItem: refuse, removeItem: refuse })
    keep('name', 'value')
    expect(kept('name', z.string())).toBe('value')
    keep('name', undefined)
    expect(kept('name', z.string())).toBeUndefined()
  })
})

function storage() {
  const items = new Map<string, string>()
  return {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, text: string) => items.set(name, text),
    removeItem: (name: string) => items.delete(name),
  }
}
