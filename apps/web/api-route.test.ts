import { describe, expect, test } from 'vitest'
import { upstreamPath } from './api-route.ts'

describe('the calls that the site passes on', () => {
  test.each([
    ['GET', '/api/search', '/search'],
    ['GET', '/api/restaurants/olive-and-thyme', '/restaurants/olive-and-thyme'],
    ['GET', '/api/payment-key', '/payment-key'],
    ['GET', '/api/openapi.json', '/openapi.json'],
    ['GET', '/api/health', '/health'],
    ['POST', '/api/orders', '/orders'],
  ])('%s %s goes to %s', (method, pathname, upstream) => {
    expect(upstreamPath(method, pathname)).toBe(upstream)
  })

  test.each([
    ['GET', '/api'],
    ['GET', '/api/orders'],
    ['GET', '/api/metrics'],
    ['GET', '/api/restaurants/a/b'],
    ['GET', '/api/searching'],
    ['POST', '/api/search'],
    ['DELETE', '/api/orders'],
  ])('%s %s goes nowhere', (method, pathname) => {
    expect(upstreamPath(method, pathname)).toBeUndefined()
  })
})
