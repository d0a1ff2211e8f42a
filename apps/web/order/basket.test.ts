import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fillBasket, forgetOrdered, markOrdered } from './basket.ts'

const stored = new Map<string, string>()
beforeEach(() => {
  stored.clear()
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, text: string) => stored.set(name, text),
    removeItem: (name: string) => stored.delete(name),
  })
})
afterEach(() => vi.unstubAllGlobals())

test('a basket stays until its order is paid, and others with it', () => {
  fillBasket('fig', { soup: 1 })
  fillBasket('wok', { rice: 2 })
  markOrdered('fig', 'key-1')
  expect([...stored.keys()]).toEqual(['basket:fig', 'basket:wok'])
  forgetOrdered({ page: 'fig', key: 'key-1' })
  expect([...stored.keys()]).toEqual(['basket:wok'])
})

test('a basket that was changed since is another one', () => {
  fillBasket('fig', { soup: 1 })
  markOrdered('fig', 'key-1')
  fillBasket('fig', { soup: 2 })
  forgetOrdered({ page: 'fig', key: 'key-1' })
  expect(stored.get('basket:fig')).toBe('{"cart":{"soup":2}}')
})
