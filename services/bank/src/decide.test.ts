import { DeclineReason, isCardNumber } from 'kafka-restaurants-contracts'
import { describe, expect, it } from 'vitest'
import { decide, decliningCards } from './decide.ts'

describe('decide', () => {
  it.each(['4242424242424242', '5555555555554444', '378282246310005'])('%s pays', digits => {
    expect(decide(digits)).toEqual({ outcome: 'accepted' })
  })

  it.each(Object.entries(decliningCards))('%s is declined: %s', (digits, reason) => {
    expect(isCardNumber(digits)).toBe(true)
    expect(decide(digits)).toEqual({ outcome: 'declined', reason })
  })

  it.each([
    ['a wrong check digit', '4242424242424241'],
    ['nothing but zeros', '0'.repeat(16)],
    ['a zero in front', '04242424242424242'],
  ])('with %s it is no card number', (_what, digits) => {
    expect(decide(digits)).toEqual({ outcome: 'declined', reason: 'invalid_number' })
  })

  it('there is a way to see every reason', () => {
    expect(new Set([...Object.values(decliningCards), 'invalid_number'])).toEqual(
      new Set(DeclineReason.options),
    )
  })
})
