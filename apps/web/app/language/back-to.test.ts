import { describe, expect, it } from 'vitest'
import { backTo } from './back-to.ts'

describe('where the switch of languages leads back to', () => {
  it('is the page with its filters', () => {
    expect(backTo('http://food.test:3000/?q=pizza&style=Thai#x', 'food.test:3000')).toBe(
      '/?q=pizza&style=Thai',
    )
    expect(backTo('https://food.test/restaurants/a%20b', 'food.test')).toBe('/restaurants/a%20b')
  })

  it.each([
    null,
    '',
    'about:blank',
    'not an address',
    'https://evil.test/orders',
    'https://food.test:8443/orders',
    'https://food.test@evil.test/',
  ])('is the first page where it came from elsewhere: %j', referer => {
    expect(backTo(referer, 'food.test')).toBe('/')
  })

  it.each(['https://food.test//evil.test', 'https://food.test/\\evil.test', 'https://food.test///evil.test'])(
    'is never another host: %s',
    referer => {
      expect(backTo(referer, 'food.test')).toBe('/evil.test')
    },
  )
})
