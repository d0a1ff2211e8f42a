import { expect, it } from 'vitest'
import { eventBus } from './bus.ts'

it('an event goes to all whose pattern matches from the beginning of its topic, in the order of their subscriptions', async () => {
  const bus = eventBus()
  const seen: string[] = []
  for (const pattern of [
    'acapy::',
    /acapy::(in|out)bound::test/,
    'bound',
    '.*bound',
    '^acapy::outbound::test$',
    '',
  ]) {
    bus.subscribe(pattern, ({ topic, payload }) => void seen.push(`${pattern} ${topic} ${payload}`))
  }
  await bus.publish('acapy::inbound::test', 1)
  expect(seen).toEqual([
    'acapy:: acapy::inbound::test 1',
    '/acapy::(in|out)bound::test/ acapy::inbound::test 1',
    '.*bound acapy::inbound::test 1',
    ' acapy::inbound::test 1',
  ])
})

it('a pattern with flags matches the same at every call', async () => {
  const bus = eventBus()
  let seen = 0
  bus.subscribe(/A::B/gi, () => void seen++)
  for (let n = 0; n < 3; n++) await bus.publish('a::b', n)
  expect(seen).toBe(3)
})

it('who has unsubscribed sees nothing more', async () => {
  const bus = eventBus()
  const seen: unknown[] = []
  const unsubscribe = bus.subscribe('a', ({ payload }) => void seen.push(payload))
  await bus.publish('a', 1)
  unsubscribe()
  unsubscribe()
  await bus.publish('a', 2)
  expect(seen).toEqual([1])
})

it('an event has been handled by all, also where one has failed, when its publisher goes on', async () => {
  const bus = eventBus()
  const done: string[] = []
  bus.subscribe('a', () => {
    throw new Error('first')
  })
  bus.subscribe('a', async () => {
    await new Promise(setImmediate)
    done.push('second')
  })
  await expect(bus.publish('a', 1)).rejects.toThrow('first')
  expect(done).toEqual(['second'])
  bus.subscribe('a', async () => {
    throw new Error('third')
  })
  await expect(bus.publish('a', 1)).rejects.toMatchObject({
    name: 'AggregateError',
    message: '2 handlers of a failed',
    errors: [{ message: 'first' }, { message: 'third' }],
  })
})

it('a pattern that is no regular expression is refused at once', () => {
  expect(() => eventBus().subscribe('(', () => {})).toThrow(SyntaxError)
})

it('says whether anybody listens to a topic', () => {
  const bus = eventBus()
  expect(bus.listens('acapy::outbound')).toBe(false)
  const end = bus.subscribe('acapy::', () => {})
  expect([bus.listens('acapy::outbound'), bus.listens('other::outbound')]).toEqual([true, false])
  end()
  expect(bus.listens('acapy::outbound')).toBe(false)
})
