import { describe, expect, it } from 'vitest'
import type { TopicMap } from './names.ts'
import { busTopicOf, mapFault, topicNaming } from './names.ts'

const named = (topic: string, maps: TopicMap[] = [], payload: unknown = {}) =>
  topicNaming(maps)({ topic, payload, headers: {} })

describe('a topic in Kafka', () => {
  it.each([
    ['acapy::outbound::message', 'acapy-outbound-message'],
    ['restaurants::outbound::order-status', 'restaurants-outbound-order-status'],
    ['plain', 'plain'],
  ])('%s is %s', (topic, expected) => {
    expect(named(topic)).toBe(expected)
  })

  const payload = { wallet_id: 'w1', state: 'active', n: 7, deep: {} }
  it.each<[string, string, string]>([
    ['^acapy::webhook::(.*)$', 'webhook-$wallet_id', 'webhook-w1'],
    ['acapy::webhook', '$0', 'acapy-webhook'],
    ['acapy::(\\w+)::(\\w+)', '$2.$1', 'ping.webhook'],
    ['acapy', '$topic', 'acapy-webhook-ping'],
    ['acapy', 'a_$category-$state-$n', 'a_ping-active-7'],
    ['acapy', `\${state}s`, 'actives'],
    ['acapy', 'fixed', 'fixed'],
  ])('of %s: %s is %s', (pattern, template, expected) => {
    expect(named('acapy::webhook::ping', [[pattern, template]], payload)).toBe(expected)
  })

  it('is that of the first map that matches, or none', () => {
    const maps: TopicMap[] = [
      ['b', 'no'],
      ['a::b', 'first'],
      ['a', 'second'],
    ]
    expect(named('a::b', maps)).toBe('first')
    expect(named('a::c', maps)).toBe('second')
    expect(named('c::a', maps)).toBe('c-a')
  })

  it.each([
    [
      'a b',
      [],
      'a b can\'t be sent: its topic in Kafka, a b, can have letters, digits, ".", "_" and "-" alone',
    ],
    ['a:b', [], 'a:b can'],
    ['grüße', [], 'can have letters'],
    ['', [], 'can have letters'],
    ['..', [], 'is no name'],
    ['x'.repeat(250), [], 'is longer than 249 characters'],
    [
      'a',
      [['a', '$wallet_id']],
      "a can't be sent: its topic in Kafka needs $wallet_id, which it does not have",
    ],
    ['a', [['a', '$deep']], 'needs $deep'],
    ['a', [['a(b)?', '$1']], 'needs $1'],
    ['a', [['a', '$category']], 'needs $category'],
    ['a', [['a', '$constructor']], 'needs $constructor'],
  ] as [string, TopicMap[], string][])('%s by %j is refused', (topic, maps, message) => {
    expect(() => named(topic, maps, { deep: {} })).toThrow(message)
  })

  it('needs a payload with the fields of its template, whatever else it is', () => {
    for (const payload of [null, undefined, 'text', 7, []])
      expect(() => named('a', [['a', '$state']], payload)).toThrow('needs $state')
  })
})

it.each([
  ['acapy-inbound-test', undefined, 'acapy::inbound::test'],
  ['restaurants-outbound-order-status', undefined, 'restaurants::outbound::order::status'],
  [
    'restaurants-outbound-order-status',
    'restaurants::outbound::order-status',
    'restaurants::outbound::order-status',
  ],
  ['webhook-w1', 'acapy::webhook::ping', 'webhook::w1'],
])('%s, told to be %s, is %s on the bus', (topic, told, expected) => {
  expect(busTopicOf(topic, told)).toBe(expected)
})

it.each<[TopicMap, string | undefined]>([
  [['^a::(.*)$', '$1-$0-$topic-$x-$$'], undefined],
  [['a', '$1'], 'asks for $1, and the pattern has 0 groups'],
  [['a(b)', '$2'], 'asks for $2, and the pattern has 1 group'],
  [['a', 'costs $'], 'a $ must be followed by a number, a name, or another $'],
  [['a', '$-b'], 'a $ must be followed by a number, a name, or another $'],
  [['(a', 'b'], 'is no regular expression: Unterminated group'],
])('%j: %s', (map, fault) => {
  expect(mapFault(map)).toBe(fault)
})
