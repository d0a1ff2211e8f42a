import { describe, expect, it } from 'vitest'
import { isCardNumber, isSealed, maskCardNumbers } from './card.ts'
import { jsonSchemas, namedSchemas } from './json-schema.ts'
import { PlaceOrder } from './orders.ts'
import { deadLetterTopic, topicSpecs, topics } from './topics.ts'

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

describe('a card number', () => {
  it('has 13 to 19 digits and a right check digit', () => {
    expect(['4242424242424242', '4242 4242 4242 4242', '378282246310005'].map(isCardNumber)).toEqual([
      true,
      true,
      true,
    ])
    expect(['4242424242424241', '42', '', 'abcd', '4'.repeat(20)].map(isCardNumber)).toEqual(
      Array(5).fill(false),
    )
  })

  it('is masked wherever it stands, and other digits are not', () => {
    expect(maskCardNumbers('a 4242424242424242 b')).toBe('a ************4242 b')
    expect(maskCardNumbers('4242-4242-4242-4242')).toBe('****-****-****-4242')
    expect(maskCardNumbers('994242424242424242')).not.toContain('4242424242424242')
    expect(maskCardNumbers('4242424242424242,5555555555554444')).toBe('************4242,************4444')
    const plain = 'order 1111111111111111 of 2026-11-21, phone 030 1234567'
    expect(maskCardNumbers(plain)).toBe(plain)
  })

  it('is none by chance, in an id that every record carries', () => {
    const traceparent = '00-ab4242424242424242cdefab12345678-1234567812345670-01'
    const orderId = 'ab123456-4242-4242-8242-424242424242'
    const headers = `{"traceparent":"${traceparent}","order_id":"${orderId}"}`
    expect(maskCardNumbers(headers)).toBe(headers)
    expect(maskCardNumbers('00004242-4242-4242-8242-000000000000')).not.toContain('4242-4242')
    expect(maskCardNumbers(`${orderId} 4242424242424242`)).toBe(`${orderId} ************4242`)
  })

  it('is not sealed by dots and letters around it', () => {
    const jwe = (ciphertext: string) =>
      `eyJhbGciOiJFQ0RILUVTIn0..${'i'.repeat(16)}.${ciphertext}.${'t'.repeat(22)}`
    expect(isSealed(jwe('c1ph3r'))).toBe(true)
    expect(['4242424242424242.a.b.c.d', jwe('4242424242424242')].map(isSealed)).toEqual([false, false])
  })

  it('is refused without being repeated', () => {
    const order = { restaurant: 'x', email: 'a@example.com', creditCard: '4242424242424241' }
    const result = PlaceOrder.safeParse(order)
    expect(result.error?.issues).toHaveLength(1)
    expect(JSON.stringify(result.error)).not.toContain(order.creditCard)
  })
})

it('every topic has its dead letters, which are kept for ever', () => {
  const names = topicSpecs().map(({ name }) => name)
  for (const topic of Object.values(topics))
    expect(names).toEqual(expect.arrayContaining([topic, deadLetterTopic(topic)]))
  expect(topicSpecs().find(({ name }) => name === deadLetterTopic('order'))?.config['retention.ms']).toBe(
    '-1',
  )
})
