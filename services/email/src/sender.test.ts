import { describe, expect, it } from 'vitest'
import { senderOf } from './sender.ts'

describe('a sender', () => {
  const address = 'orders@kafka-restaurants.example'
  it.each([
    [`Kafka Restaurants <${address}>`, 'Kafka Restaurants'],
    [address, ''],
    [`<${address}>`, ''],
    [`Kafka Restaurants: Orders <${address}>`, 'Kafka Restaurants: Orders'],
    [`Fig, Olive; and "more" (new) <${address}>`, 'Fig, Olive; and "more" (new)'],
    [`"Fig, \\"Olive\\" & more" <${address}>`, 'Fig, "Olive" & more'],
    [`  Café Fig <${address}> `, 'Café Fig'],
  ])('%j is named %j', (from, name) => {
    expect(senderOf(from)).toEqual({ name, address, domain: 'kafka-restaurants.example' })
  })

  it('may have a host of one label', () => {
    expect(senderOf('Fig <orders@localhost>')?.domain).toBe('localhost')
  })

  it.each([
    'orders',
    'a <b@c>\r\nX: y',
    'Kafka: a@b.example;',
    'Kafka:a@b.example',
    'a@b.example, c@d.example',
    'a@b.example,c@d.example',
    'A <a@b.example>, C <c@d.example>',
    'A <a@b@c.example>',
    'A <a@b-.example>',
    'A <>',
    '',
  ])('%j is none', from => {
    expect(senderOf(from)).toBeUndefined()
  })
})
