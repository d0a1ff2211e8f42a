import type { Order } from 'kafka-restaurants-contracts'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { describe, expect, it } from 'vitest'
import { outcomeRecord, readOrder } from './order.ts'

const card = '4242424242424242'
const order = { restaurant: 'Fig', email: 'diner@example.com', credit_card: card }

describe('an order that could not be passed on is no order, before anything is charged, as it', () => {
  const read = (value: string) =>
    readOrder({ value: Buffer.from(value), reference: 'order-3@42/1' } as InputRecord)
  const withMore = (more: string) => `{${JSON.stringify(order).slice(1, -1)},"more":${more}}`

  it.each([
    ['is nested too deeply', '['.repeat(5_000) + ']'.repeat(5_000)],
    ['is larger once more is added to it', `"${'x'.repeat(999_000)}"`],
    ['grows when it is written again', `[${Array(100_000).fill('1e20')}]`],
  ])('%s', (_why, more) => {
    expect(() => read(withMore(more))).toThrow('the order is too deep or too large to be passed on')
    expect(read(withMore('[[["deep enough"]]]')).order).toMatchObject(order)
  })
})

describe('a card that is a JSON number', () => {
  const read = (card: string) => {
    const value = Buffer.from(`{"email":"diner@example.com","credit_card":${card},"restaurant":"Fig"}`)
    return readOrder({ value, reference: 'order-3@42/1' } as InputRecord).order.credit_card
  }

  it('is read as its digits', () => {
    expect(read('4242424242424242')).toBe('4242424242424242')
    expect(read('378282246310005')).toBe('378282246310005')
  })

  it.each([
    '6212345678901234567',
    '9999999999999995',
    '-4242424242424242',
    '0',
    '4242',
    '42.5',
    '1e400',
    'null',
  ])('and has lost digits on the way, or is no whole one, is none: %s', card => {
    expect(() => read(card)).toThrow('credit_card')
  })
})

describe('a record of the first generation', () => {
  it('is an order with its card as a JSON number', () => {
    const value = Buffer.from(JSON.stringify({ ...order, credit_card: Number(card) }))
    expect(readOrder({ value, reference: 'order-3@42/1' } as InputRecord).order.credit_card).toBe(card)
  })

  it.each(['a@b-.com', `${'x'.repeat(65)}@example.com`, 'nobody'])(
    'with the address %s, which no mail reaches, is none, before anything is charged',
    email => {
      const value = Buffer.from(JSON.stringify({ ...order, email }))
      const read = () => readOrder({ value, reference: 'order-3@42/1' } as InputRecord)
      expect(read).toThrow('the value is no order: email: is not a mail address')
    },
  )
})

describe("an outcome shows no bare card number of its order's", () => {
  const outcome = (more: object, headers: Record<string, string> = {}) => {
    const answer = { outcome: 'accepted', payment_id: 'pay_1', card_last4: '4242', reference: 'r' } as const
    const made = outcomeRecord('o-1', { ...order, ...more } as unknown as Order, answer, {
      now: new Date(),
      headers,
    })
    return { ...made, entry: JSON.parse(String(made.value))[0] }
  }

  it.each(['4242  4242  4242  4242', '4242 - 4242\t4242–4242', '4242\u00a04242\u202f4242\u20094242'])(
    'grouped like %j, whichever way the order has it',
    grouped => {
      for (const credit_card of [card, grouped]) {
        const { entry } = outcome({ credit_card, note: `a ${grouped} b`, [grouped]: [grouped] })
        const masked = '************4242'
        expect(entry).toMatchObject({ note: `a ${masked} b`, [masked]: [masked] })
        expect(Object.keys(entry)).not.toContain(grouped)
      }
    },
  )

  it('in the headers that it passes on', () => {
    const { headers } = outcome({}, { Correlation_ID: `order of 4242  4242 4242-4242`, other: card })
    expect(headers).toEqual({ correlation_id: 'order of ************4242' })
  })

  it('in any grouping, in numbers and in the names of fields', () => {
    const { entry } = outcome({
      note: `a 4242 4242-42424242 b`,
      table: Number(card),
      more: { [card]: [card] },
    })
    const masked = '************4242'
    expect(entry).toMatchObject({ note: `a ${masked} b`, table: 4242, more: { [masked]: [masked] } })
  })

  it('in its key', () => {
    expect(outcome({ restaurant: `Fig ${card}` }).key).toBe('Fig ************4242')
  })
})
