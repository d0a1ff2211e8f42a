import { describe, expect, test } from 'vitest'
import { expiryFault, withSlash } from './expiry.ts'

const now = new Date(2026, 10, 27)

describe('a card', () => {
  test.each(['11/26', '12/26', '01/27', '1227', '12/2029', '3.30', ' 03 / 30 ', '１２/２９'])(
    'is good with %s',
    typed => expect(expiryFault(typed, now)).toBeUndefined(),
  )

  test.each([
    ['', 'expiry'],
    ['10/26', 'expired'],
    ['12/25', 'expired'],
    ['13/29', 'expiryShape'],
    ['00/29', 'expiryShape'],
    ['soon', 'expiryShape'],
    ['12/2099', 'expiryFarAhead'],
  ])('is not with %j', (typed, fault) => expect(expiryFault(typed, now)).toBe(fault))
})

test('the slash comes by itself, and can be deleted', () => {
  expect([
    withSlash('1', ''),
    withSlash('12', '1'),
    withSlash('12', '12/'),
    withSlash('12/2', '12/'),
  ]).toEqual(['1', '12/', '12', '12/2'])
})
