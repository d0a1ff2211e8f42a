import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Decision, decide, type ErrorRules, retryAfterMs, type When } from './rules.ts'

const network = { network: true } as const
const statusOf = (status: number) => ({ status })

describe('decide, by default', () => {
  it.each<[number, Decision]>([
    [200, 'publish'],
    [204, 'publish'],
    [302, 'publish'],
    [400, 'dead-letter'],
    [404, 'dead-letter'],
    [408, 'retry'],
    [425, 'retry'],
    [429, 'outage'],
    [500, 'retry'],
    [501, 'retry'],
    [502, 'outage'],
    [503, 'outage'],
    [504, 'outage'],
    [600, 'retry'],
    [999, 'retry'],
  ])('%i: %s', (status, decision) => {
    expect(decide({ status }, {}, ['onSuccess'])).toBe(decision)
  })

  it('no answer is an outage', () => {
    expect(decide(network, {}, ['onSuccess'])).toBe('outage')
  })

  it.each([[[]], [['onError' as const]]])('a success that nobody wants (%j) is dropped', when => {
    expect(decide(statusOf(200), {}, when)).toBe('drop')
  })

  it.each([400, 429, 500, 503])('%i is published, as onError says', status => {
    expect(decide({ status }, {}, ['onError'])).toBe('publish')
  })

  it('there is nothing to publish without an answer, whatever onError says', () => {
    expect(decide(network, {}, ['onSuccess', 'onError'])).toBe('outage')
  })
})

describe('decide, by rules', () => {
  it.each<[string, number, ErrorRules, Decision]>([
    ['a status wins over its class', 404, { retry: ['4xx'], deadLetter: [404] }, 'dead-letter'],
    ['a status wins over its class', 404, { retry: [404], deadLetter: ['4xx'] }, 'retry'],
    ['a status wins over its class', 404, { ignore: ['4xx'], deadLetter: [404] }, 'dead-letter'],
    ['retry wins over deadLetter', 409, { retry: [409], deadLetter: [409] }, 'retry'],
    ['retry wins over deadLetter', 501, { retry: ['5xx'], deadLetter: ['5xx'] }, 'retry'],
    ['ignore wins over both', 409, { ignore: [409], retry: [409], deadLetter: [409] }, 'ignore'],
    ['a success can be ignored', 204, { ignore: [204] }, 'ignore'],
    ['a success can be a failure', 302, { deadLetter: ['3xx'] }, 'dead-letter'],
    ['not ready yet can be tried again', 202, { retry: [202] }, 'retry'],
    ['what no list names is a dead letter', 500, { retry: [503] }, 'dead-letter'],
    ['the default of the other list still holds', 429, { deadLetter: ['4xx'] }, 'outage'],
    ['an outage may be a dead letter', 503, { deadLetter: [503] }, 'dead-letter'],
  ])('%s: %i with %j', (_, status, rules, decision) => {
    expect(decide({ status }, rules, ['onSuccess'])).toBe(decision)
  })

  it('no answer is what a list says, and otherwise still an outage', () => {
    expect(decide(network, { retry: ['5xx'] }, [])).toBe('outage')
    expect(decide(network, { retry: [], deadLetter: ['network'] }, [])).toBe('dead-letter')
    expect(decide(network, { ignore: ['network'] }, [])).toBe('ignore')
  })

  it.each<[number, ErrorRules, Decision]>([
    [404, { deadLetter: [404] }, 'dead-letter'],
    [404, { deadLetter: ['4xx'] }, 'dead-letter'],
    [429, { deadLetter: ['4xx'] }, 'outage'],
    [500, { retry: ['5xx'] }, 'retry'],
    [500, { deadLetter: [404] }, 'publish'],
    [404, { ignore: [404] }, 'ignore'],
  ])('with onError, a written list that names it wins: %i with %j', (status, rules, decision) => {
    expect(decide({ status }, rules, ['onSuccess', 'onError'])).toBe(decision)
  })
})

describe('decide, always', () => {
  const rule = fc.oneof(
    fc.integer({ min: 200, max: 599 }),
    fc.constantFrom('2xx', '3xx', '4xx', '5xx', 'network'),
  )
  const rules = fc.record(
    { retry: fc.array(rule), deadLetter: fc.array(rule), ignore: fc.array(rule) },
    { requiredKeys: [] },
  )
  const when = fc.subarray<When>(['onSuccess', 'onError'])
  const status = fc.integer({ min: 200, max: 599 })

  it('publishes only what `when` asks for', () => {
    fc.assert(
      fc.property(status, rules, when, (status, rules, when) => {
        const wanted = when.includes(status < 400 ? 'onSuccess' : 'onError')
        expect(decide({ status }, rules, when) === 'publish').toBe(
          wanted && decide({ status }, rules, ['onSuccess', 'onError']) === 'publish',
        )
      }),
    )
  })

  it('an error is never done without a rule, or somebody who wants it', () => {
    fc.assert(
      fc.property(status, rules, when, (status, { retry, deadLetter }, when) => {
        fc.pre(status >= 400)
        const decision = decide({ status }, { retry, deadLetter }, when)
        expect(['drop', 'ignore']).not.toContain(decision)
      }),
    )
  })

  it('the order within a list does not matter', () => {
    fc.assert(
      fc.property(status, rules, when, (status, rules, when) => {
        const reversed = Object.fromEntries(
          Object.entries(rules).map(([name, list]) => [name, list?.toReversed()]),
        )
        expect(decide({ status }, reversed, when)).toBe(decide({ status }, rules, when))
      }),
    )
  })
})

describe('Retry-After', () => {
  const now = new Date('1994-11-06T08:49:00Z')

  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['99999999999999999999', 3_600_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
    ['Sun Nov  6 08:49:37 1994', 37_000],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
    ['Mon, 07 Nov 1994 08:49:37 GMT', 3_600_000],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['Soon', undefined],
    ['', undefined],
  ])('%j is %s ms', (text, waitMs) => {
    expect(retryAfterMs({ 'retry-after': text }, now)).toBe(waitMs)
  })

  it('need not be there', () => {
    expect(retryAfterMs({}, now)).toBeUndefined()
  })

  it('is nothing, or between 0 and an hour, whatever it says', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const waitMs = retryAfterMs({ 'retry-after': text }, now) ?? 0
        expect(waitMs).toBeGreaterThanOrEqual(0)
        expect(waitMs).toBeLessThanOrEqual(3_600_000)
      }),
    )
  })
})
