import { randomUUID } from 'node:crypto'
import { deadLetterTopic } from 'kafka-restaurants-contracts'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { expect, inject, it, vi } from 'vitest'
import { SpoolFullError, UnsendableEventError } from '../src/index.ts'
import { bridged, kafkaAt, ownPrefix } from './bridged.ts'

const brokers = inject('bootstrap')
const kafka = kafkaAt(brokers)
const soon = { timeout: 20_000, interval: 20 }
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

it("does what the plugin's users know: in, out, told, stopped, held, started, in order", async () => {
  const prefix = ownPrefix()
  const [inTopic, outTopic] = [`${prefix}-inbound-test`, `${prefix}-outbound-message`]
  const sentTopic = `${prefix}::outbound::message::sent_to_external_queue`
  await kafka.makeTopic(inTopic)
  const { bus, bridge, payloads, reads, topics } = bridged(brokers, prefix)
  const comeIn = () => payloads(`${prefix}::inbound::test`)

  await bridge.start()
  await bridge.start()
  await reads(inTopic)
  await kafka.write(inTopic, { hello: 'bus' })
  await vi.waitFor(() => expect(comeIn()).toEqual([{ hello: 'bus' }]), soon)
  await bus.publish(`${prefix}::outbound::message`, { n: 0 })
  expect(await kafka.values(outTopic, 1)).toEqual([{ n: 0 }])
  await vi.waitFor(() => expect(payloads(sentTopic)).toEqual([{ n: 0 }]), soon)

  await bridge.stop()
  await bridge.stop()
  expect(bridge.status()).toMatchObject({
    status: 'stopped',
    inbound: { status: 'stopped', topics: [] },
    outbound: { status: 'stopped' },
  })
  await kafka.write(inTopic, ...numbers(20))
  await Promise.all(numbers(20, 1).map(n => bus.publish(`${prefix}::outbound::message`, { n })))
  expect(bridge.status().outbound.spool).toMatchObject({
    events: 20,
    waiting: { [`${prefix}::outbound::.*`]: 20 },
  })
  expect((await kafka.readAll(outTopic)).length).toBe(1)
  expect(comeIn()).toHaveLength(1)
  expect(payloads(sentTopic)).toHaveLength(1)

  await bridge.start()
  await vi.waitFor(() => expect(comeIn()).toEqual([{ hello: 'bus' }, ...numbers(20)]), soon)
  await vi.waitFor(() => expect(payloads(sentTopic)).toEqual(numbers(21).map(n => ({ n }))), soon)
  expect((await kafka.readAll(outTopic)).map(({ value }) => JSON.parse(value.toString()))).toEqual(
    numbers(21).map(n => ({ n })),
  )
  expect(bridge.status()).toMatchObject({ status: 'started', outbound: { spool: { events: 0 } } })
  expect(topics().filter(topic => topic.endsWith('queue::sent_to_external_queue'))).toEqual([])
})

it('a topic that is made later is read, from its first record; one that goes is let go', async () => {
  const prefix = ownPrefix()
  await kafka.makeTopic(`${prefix}-inbound-a`)
  const { bridge, payloads, reads, crashes } = bridged(brokers, prefix)
  await bridge.start()
  await reads(`${prefix}-inbound-a`)
  await kafka.makeTopic(`${prefix}-inbound-b`, 2)
  await kafka.makeTopic(`${prefix}-other-b`)
  await kafka.write(`${prefix}-inbound-b`, 1)
  await reads(`${prefix}-inbound-a`, `${prefix}-inbound-b`)
  await kafka.write(`${prefix}-inbound-a`, 'still')
  await vi.waitFor(() => expect(payloads(`${prefix}::inbound::a`)).toEqual(['still']), soon)
  await vi.waitFor(() => expect(payloads(`${prefix}::inbound::b`)).toEqual([1]), soon)
  await kafka.deleteTopic(`${prefix}-inbound-a`)
  await reads(`${prefix}-inbound-b`)
  await kafka.write(`${prefix}-inbound-b`, 2)
  await vi.waitFor(() => expect(payloads(`${prefix}::inbound::b`)).toEqual([1, 2]), soon)
  expect(crashes).toEqual([])
})

it('a group that begins with what comes next misses nothing of it, also where it is started again before its first record', async () => {
  const prefix = ownPrefix()
  const topic = `${prefix}-inbound-test`
  const group = randomUUID()
  await kafka.makeTopic(topic, 3)
  await kafka.write(topic, ...numbers(30))
  const first = bridged(brokers, prefix, { inbound: { group } })
  await first.bridge.start()
  await first.reads(topic)
  await vi.waitFor(async () => expect(await kafka.lag(group, topic)).toBe(0), soon)
  await first.close()
  await kafka.write(topic, ...numbers(30, 100))
  const second = bridged(brokers, prefix, { inbound: { group } })
  await second.bridge.start()
  await vi.waitFor(() => expect(second.seen).toHaveLength(30), soon)
  expect(first.seen).toEqual([])
  expect(new Set(second.payloads(`${prefix}::inbound::test`))).toEqual(new Set(numbers(30, 100)))
})

it('each process without a group sees all; what it publishes it sees once, and by its own name', async () => {
  const prefix = ownPrefix()
  const name = `${prefix}::outbound::order-status`
  const topic = `${prefix}-outbound-order-status`
  await kafka.makeTopic(topic, 3)
  const begin = async () => {
    const inbound = { patterns: [`${prefix}-outbound-.*`], group: undefined }
    const each = bridged(brokers, prefix, { inbound })
    await each.bridge.start()
    await each.reads(topic)
    return each
  }
  const [a, b] = [await begin(), await begin()]
  await Promise.all(numbers(30).map(n => a.bus.publish(name, { n }, { key: `order-${n % 5}` })))
  await vi.waitFor(() => expect(b.payloads(name)).toHaveLength(30), soon)
  for (const key of numbers(5)) {
    const own = (b.payloads(name) as { n: number }[]).map(({ n }) => n).filter(n => n % 5 === key)
    expect(own).toEqual(own.toSorted((one, other) => one - other))
  }
  expect(b.seen[0]?.key).toMatch(/^order-/)
  // What b has read goes out from no bus again, and a has seen it once: 30 are all that there are.
  await b.bus.publish(name, { n: 'last' }, { key: 'order-0' })
  await vi.waitFor(() => expect(a.payloads(name)).toContainEqual({ n: 'last' }), soon)
  expect(a.payloads(name)).toHaveLength(31)
  expect(await kafka.readAll(topic)).toHaveLength(31)
  const groups = async () => (await kafka.groups()).filter(group => group.startsWith(`event-bus-${prefix}-`))
  expect(await groups()).toHaveLength(2)
  for (const each of [a, b]) await each.close()
  expect(await groups()).toEqual([])
})

it('what came in never goes out again, also where both patterns are about it, or its headers are passed on', async () => {
  const prefix = ownPrefix()
  const [inTopic, echo] = [`${prefix}-outbound-test`, `${prefix}-outbound-echo`]
  await kafka.makeTopic(inTopic)
  const { bus, bridge, payloads, reads } = bridged(brokers, prefix, {
    inbound: { patterns: [`${prefix}-.*`] },
    outbound: { patterns: [`${prefix}::.*`] },
  })
  bus.subscribe(`${prefix}::outbound::test$`, ({ payload, headers }) =>
    bus.publish(`${prefix}::outbound::echo`, payload, { headers }),
  )
  await bridge.start()
  await reads(inTopic)
  await kafka.write(inTopic, ...numbers(5))
  await vi.waitFor(() => expect(payloads(`${prefix}::outbound::echo`)).toEqual(numbers(5)), soon)
  await bus.publish(`${prefix}::outbound::own`, 'own')
  expect(await kafka.readAll(inTopic)).toHaveLength(5)
  expect(await kafka.values(`${prefix}-outbound-own`, 1)).toEqual(['own'])
  await bridge.close()
  expect(await kafka.topics()).not.toContain(echo)
})

it('topic maps choose topics in Kafka, and what no map matches goes by the rule', async () => {
  const prefix = ownPrefix()
  const { bus, bridge } = bridged(brokers, prefix, {
    outbound: { topicMaps: [[`^${prefix}::webhook::(.*)$`, `${prefix}-hook-$wallet_id-$1`]] },
  })
  await bridge.start({ direction: 'outbound' })
  await bus.publish(`${prefix}::webhook::ping`, { wallet_id: 'w1' })
  await bus.publish(`${prefix}::outbound::message`, 'plain')
  expect(await kafka.values(`${prefix}-hook-w1-ping`, 1)).toEqual([{ wallet_id: 'w1' }])
  expect(await kafka.values(`${prefix}-outbound-message`, 1)).toEqual(['plain'])
  await expect(bus.publish(`${prefix}::webhook::ping`, {})).rejects.toThrow('needs $wallet_id')
})

it.each<[string, string, unknown, string]>([
  ['is too long', `outbound::${'x'.repeat(250)}`, 1, 'is longer than 249 characters'],
  ['has a blank', 'outbound::a b', 1, 'can have letters, digits, ".", "_" and "-" alone'],
  ['has a colon too few', 'outbound::a:b', 1, 'can have letters'],
  ['has a payload that is no JSON', 'outbound::message', undefined, 'its payload is no JSON'],
  ['has a payload that JSON can not hold', 'outbound::message', 1n, 'its payload is no JSON'],
  [
    'has a payload that is too large',
    'outbound::message',
    'x'.repeat(1_048_576),
    'its payload has 1048578 bytes, 1048576 is the most',
  ],
])(
  'an event that %s is refused when it is published, stopped or started',
  async (_, topic, payload, words) => {
    const prefix = ownPrefix()
    const { bus, bridge } = bridged(brokers, prefix)
    for (const start of [async () => {}, () => bridge.start({ direction: 'outbound' })]) {
      await start()
      const published = bus.publish(`${prefix}::${topic}`, payload)
      await expect(published).rejects.toThrow(UnsendableEventError)
      await expect(published).rejects.toThrow(words)
    }
    expect(bridge.status().outbound.spool?.events).toBe(0)
  },
)

it('a full spool refuses what is published, and tells why', async () => {
  const prefix = ownPrefix()
  const { bus, bridge } = bridged(brokers, prefix, {
    outbound: { spool: { file: ':memory:', maxBytes: 2_000 } },
  })
  const publish = (n: number) => bus.publish(`${prefix}::outbound::message`, n)
  const results = await Promise.allSettled(numbers(30).map(publish))
  const kept = results.filter(({ status }) => status === 'fulfilled').length
  expect(kept).toBeGreaterThan(3)
  expect(kept).toBeLessThan(30)
  await expect(publish(99)).rejects.toThrow(SpoolFullError)
  await expect(publish(99)).rejects.toThrow(
    /^the spool is full: \d+ events of \d+ bytes wait for Kafka, and 2000 bytes is the most$/,
  )
  await bridge.start()
  await vi.waitFor(() => expect(bridge.status().outbound.spool?.events).toBe(0), soon)
  await publish(100)
  expect(await kafka.values(`${prefix}-outbound-message`, kept + 1)).toEqual([...numbers(kept), 100])
})

it('an event that is too large for its topic is refused, or put aside where it was spooled, and others go on', async () => {
  const prefix = ownPrefix()
  const topic = `${prefix}-outbound-message`
  await kafka.makeTopic(topic, 1, { 'max.message.bytes': '2000' })
  const { bus, bridge } = bridged(brokers, prefix)
  const publish = (payload: string) => bus.publish(`${prefix}::outbound::message`, payload)
  const large = 'x'.repeat(5_000)
  await bridge.start({ direction: 'outbound' })
  await expect(publish(large)).rejects.toThrow(`a record is larger than topic ${topic} takes`)
  await bridge.stop()
  await Promise.all(['a', large, 'b'].map(publish))
  await bridge.start({ direction: 'outbound' })
  await vi.waitFor(
    () => expect(bridge.status().outbound.spool).toMatchObject({ events: 0, refused: 1 }),
    soon,
  )
  expect(await kafka.values(topic, 2)).toEqual(['a', 'b'])
})

it('what is no JSON, and what a handler can not read, is a dead letter and holds up nothing; a tombstone is null', async () => {
  const prefix = ownPrefix()
  const topic = `${prefix}-inbound-test`
  await kafka.makeTopic(topic)
  const { bus, bridge, payloads, reads } = bridged(brokers, prefix)
  bus.subscribe(`${prefix}::inbound`, ({ payload }) => {
    if (payload === 'bad') throw new UnreadableRecordError('it is bad')
  })
  await bridge.start()
  await reads(topic)
  await kafka.writeRaw(...['1', 'no JSON', '"bad"', null, '2'].map(value => ({ topic, key: 'k', value })))
  await vi.waitFor(() => expect(payloads(`${prefix}::inbound::test`)).toEqual([1, 'bad', null, 2]), soon)
  const letters = await kafka.read(deadLetterTopic(topic), 2)
  expect(letters.map(({ value, headers }) => [value.toString(), headers.dead_letter_reason])).toEqual([
    ['no JSON', 'the value is not JSON'],
    ['"bad"', 'it is bad'],
  ])
})

it('a record is committed when its handlers are done, and handed over again where one failed', async () => {
  const prefix = ownPrefix()
  const topic = `${prefix}-inbound-test`
  const group = randomUUID()
  await kafka.makeTopic(topic)
  const { bus, bridge, reads } = bridged(brokers, prefix, {
    inbound: { group, consumer: { fromBeginning: true } },
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  const tries: unknown[] = []
  bus.subscribe(`${prefix}::inbound`, async ({ payload }) => {
    tries.push(payload)
    if (tries.length === 1) throw new Error('not yet')
    await promise
  })
  await bridge.start()
  await reads(topic)
  await kafka.writeRaw(...['1', '2'].map(value => ({ topic, key: 'k', value })))
  await vi.waitFor(() => expect(tries.filter(each => each === 1)).toHaveLength(2), soon)
  expect(await kafka.lag(group, topic)).toBe(2)
  resolve()
  await vi.waitFor(async () => expect(await kafka.lag(group, topic)).toBe(0), soon)
  expect(tries).toContain(2)
})

it('starts and stops one direction, and one pattern', async () => {
  const prefix = ownPrefix()
  for (const name of ['a', 'b']) await kafka.makeTopic(`${prefix}-${name}`)
  const { bus, bridge, payloads, reads } = bridged(brokers, prefix, {
    inbound: { patterns: [`${prefix}-a`, `${prefix}-b`] },
    outbound: { patterns: [`${prefix}::c`, `${prefix}::d`] },
  })
  await bridge.start({ direction: 'inbound' })
  await bridge.stop({ pattern: `${prefix}-a` })
  await bridge.start({ direction: 'outbound', pattern: `${prefix}::d` })
  await reads(`${prefix}-b`)
  expect(bridge.status()).toMatchObject({
    status: 'partly started',
    inbound: {
      status: 'partly started',
      patterns: [
        { pattern: `${prefix}-a`, status: 'stopped' },
        { pattern: `${prefix}-b`, status: 'started' },
      ],
    },
    outbound: {
      patterns: [
        { pattern: `${prefix}::c`, status: 'stopped' },
        { pattern: `${prefix}::d`, status: 'started' },
      ],
    },
  })
  await kafka.write(`${prefix}-a`, 'a')
  await kafka.write(`${prefix}-b`, 'b')
  await bus.publish(`${prefix}::c`, 'c')
  await bus.publish(`${prefix}::d`, 'd')
  await vi.waitFor(() => expect(payloads(`${prefix}::b`)).toEqual(['b']), soon)
  expect(await kafka.values(`${prefix}-d`, 1)).toEqual(['d'])
  expect(payloads(`${prefix}::a`)).toEqual([])
  expect(bridge.status().outbound.spool?.waiting).toEqual({ [`${prefix}::c`]: 1 })
  await bridge.start()
  await vi.waitFor(() => expect(payloads(`${prefix}::a`)).toEqual(['a']), soon)
  expect(await kafka.values(`${prefix}-c`, 1)).toEqual(['c'])
  await expect(bridge.stop({ pattern: 'x' })).rejects.toThrow(
    `there is no pattern x; there are: ${prefix}-a, ${prefix}-b, ${prefix}::c, ${prefix}::d`,
  )
})
