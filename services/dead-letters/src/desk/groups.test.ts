import { inputRecord } from 'kafka-restaurants-kafka/testing'
import { expect, it } from 'vitest'
import { groupPage, groupsOf, groupsTold, letterReader } from './groups.ts'

const letter = (offset: number, reason: string, at = '2026-01-01T00:00:00.000Z', topic = 'order') =>
  inputRecord(`${topic}.dead-letters`, 0, {
    offset: String(offset),
    timestamp: '0',
    key: null,
    value: Buffer.from('v'),
    attributes: 0,
    headers: {
      dead_letter_reason: reason,
      dead_letter_at: at,
      dead_letter_topic: topic,
      dead_letter_partition: '0',
      dead_letter_offset: '7',
      dead_letter_attempts: '1',
    },
  })
const read = (...records: ReturnType<typeof letter>[]) => groupsOf(records.map(letterReader().keep))

it('groups by topic and reason, the largest first, and tells when it began and went on', () => {
  const groups = read(
    letter(0, 'no JSON', '2026-01-02T00:00:00.000Z', 'other'),
    letter(1, 'no JSON', '2026-01-02T00:00:00.000Z'),
    letter(2, 'no order'),
    letter(3, 'no JSON', '2026-01-01T00:00:00.000Z'),
  )
  const told = groupsTold(groups, [{ topic: 'order', open: 3, unread: 0 }])
  expect(told.groups.map(({ topic, reason, count }) => [topic, reason, count])).toEqual([
    ['order', 'no JSON', 2],
    ['other', 'no JSON', 1],
    ['order', 'no order', 1],
  ])
  expect(told.groups[0]).toMatchObject({
    oldestAt: '2026-01-01T00:00:00.000Z',
    newestAt: '2026-01-02T00:00:00.000Z',
  })
  expect(told.left).toEqual({ groups: 0, letters: 0 })
})

it('says how much is not in a list that is too long', () => {
  const many = Array.from({ length: 150 }, (_, index) => letter(index, `reason ${index}`))
  const told = groupsTold(read(...many), [])
  expect(told.groups).toHaveLength(100)
  expect(told.left).toEqual({ groups: 50, letters: 50 })
})

it('tells of one topic what is too little to be among the largest of all', () => {
  const many = Array.from({ length: 300 }, (_, index) => letter(index, `reason ${index % 150}`))
  const groups = read(...many, letter(0, 'no mailbox', undefined, 'order_confirm'))
  const topics = [{ topic: 'order_confirm', open: 1, unread: 0 }]
  expect(groupsTold(groups, topics).groups.map(({ topic }) => topic)).not.toContain('order_confirm')
  const told = groupsTold(groups, topics, 'order_confirm')
  expect(told).toMatchObject({ topics, groups: [{ reason: 'no mailbox' }], left: { groups: 0, letters: 0 } })
  expect(groupsTold(groups, topics, 'nobody').groups).toEqual([])
})

it('pages through a group, the oldest first, and begins again where the last one seen is gone', () => {
  const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`
  const groups = read(letter(2, 'x', at(2)), letter(0, 'x', at(0)), letter(1, 'x', at(1)))
  const [group] = groups.values()
  if (!group) throw new Error('no group')
  const first = groupPage(group, { limit: 2 })
  expect(first.letters.map(({ id }) => id)).toEqual(['order.dead-letters-0@0', 'order.dead-letters-0@1'])
  const second = groupPage(group, { limit: 2, after: first.next ?? '' })
  expect(second.letters.map(({ id }) => id)).toEqual(['order.dead-letters-0@2'])
  expect(second.next).toBeUndefined()
  expect(groupPage(group, { limit: 2, after: 'order.dead-letters-0@99' }).letters).toEqual(first.letters)
})

it('keeps little of what is long, and survives headers that say nothing sensible', () => {
  const [group] = read(letter(0, 'r'.repeat(4_000), 'x'.repeat(4_000))).values()
  expect(group?.key.reason).toHaveLength(300)
  expect(group?.letters[0]?.line.at).toHaveLength(100)
  const odd = inputRecord('order.dead-letters', 0, {
    offset: '0',
    timestamp: '0',
    key: null,
    value: null,
    attributes: 0,
    headers: { dead_letter_attempts: '-3', dead_letter_redriven: '1e400' },
  })
  expect(letterReader().keep(odd).line).toMatchObject({ attempts: 0, redriven: 0, at: '', source: '' })
})
