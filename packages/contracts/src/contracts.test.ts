import { describe, expect, it } from 'vitest'
import { jsonSchemas, namedSchemas } from './json-schema.ts'
import { flatAmountCents } from './money.ts'
import { Order } from './orders.ts'
import { deadLetterTopic, TopicName, topicFault, topicSpecs, workedTopics } from './topics.ts'

describe('every schema with a name', () => {
  it.each(Object.entries(namedSchemas))('%s accepts its own examples', (_name, schema) => {
    const { examples = [] } = schema.meta() ?? {}
    expect(examples).not.toEqual([])
    for (const example of examples as unknown[]) expect(() => schema.parse(example)).not.toThrow()
  })

  it('is exported as JSON Schema, with what is required', () => {
    expect(jsonSchemas().Order).toMatchObject({ required: ['restaurant', 'email', 'credit_card'] })
    expect(jsonSchemas().PlaceOrder).toMatchObject({ required: ['restaurant', 'email', 'creditCard'] })
  })
})

describe('a record of the first generation', () => {
  const record = { email: 'diner@example.com', restaurant: 'Olive & Thyme' }

  it.each([4242424242424242, 378282246310005])('is an order with its card as the number %d', card => {
    expect(Order.parse({ ...record, credit_card: card }).credit_card).toBe(String(card))
  })

  it.each([
    ['a number that JSON does not hold exactly', 6304000000000000000],
    ['a fraction', 4242424242424242.5],
    ['a negative one', -4242424242424242],
    ['none', null],
    ['a list', [4242424242424242]],
  ])('is none with %s as its card', (_what, credit_card) => {
    const { error } = Order.safeParse({ ...record, credit_card })
    expect(error?.issues).toMatchObject([{ path: ['credit_card'] }])
    expect(error?.message).not.toContain('424242424242')
  })

  it('names no items: one that does, be it none, says what they come to', () => {
    const order = { ...record, credit_card: '4242424242424242' }
    expect(Order.parse(order)).toMatchObject({ items: [], amount_cents: flatAmountCents })
    const items = [{ id: 'soup', name: 'Soup', quantity: 2, price_cents: 500 }]
    for (const named of [[], items]) {
      expect(Order.safeParse({ ...order, items: named }).error?.issues).toMatchObject([
        { path: ['amount_cents'] },
      ])
      const priced = { ...order, items: named, amount_cents: 1000 }
      expect(Order.parse(priced)).toEqual({ ...priced, currency: 'EUR' })
    }
  })

  it('may have blanks around its mail address', () => {
    const order = { ...record, email: ' diner@example.com\n', credit_card: '4242424242424242' }
    expect(Order.parse(order).email).toBe('diner@example.com')
  })
})

it('every topic has its dead letters, which are kept for ever', () => {
  const names = topicSpecs().map(({ name }) => name)
  for (const topic of workedTopics)
    expect(names).toEqual(expect.arrayContaining([topic, deadLetterTopic(topic)]))
  expect(topicSpecs().find(({ name }) => name === deadLetterTopic('order'))?.config['retention.ms']).toBe(
    '-1',
  )
})

describe('the name of a topic', () => {
  it.each(['order', 'a.B_c-9', 'x'.repeat(236)])('may be %s', name => {
    expect(TopicName.safeParse(name).success).toBe(true)
    expect(topicFault(deadLetterTopic(name))).toBeUndefined()
  })

  it.each(['', '.', '..', 'a b', 'é', 'a/b', 'x'.repeat(237), 'x'.repeat(250)])(
    'may not be %j, or it or its dead letters would have none',
    name => expect(TopicName.safeParse(name).success).toBe(false),
  )
})
