import { randomBytes, randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { deadLetterTopic } from 'kafka-restaurants-contracts'
import { createTopics, type InputRecord, withAdmin } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, inject, it, vi } from 'vitest'
import { type SamplePlaces, sampleFile, startEndpoint, startEventor } from './eventor.ts'

const brokers = inject('bootstrap')
const { log } = createContext('test', 'silent')
const kafka = testKafka(brokers, log)
const texts = (records: InputRecord[]) => records.map(({ value }) => value.toString())

const sample = (at: Omit<SamplePlaces, 'brokers'>, more = '') => sampleFile({ brokers, ...at }, more)

async function places(partitions = 1) {
  const [input, output] = [await kafka.topic('in', partitions), await kafka.topic('out', partitions)]
  return { input, output, group: randomUUID() }
}
const drained = (group: string, topic: string, timeout = 30_000) =>
  vi.waitFor(async () => expect(await kafka.lag(group, topic)).toBe(0), { timeout, interval: 200 })

describe('the sample file', () => {
  it('takes "Hello World!" to the endpoint, and the same bytes to the result topic', async () => {
    const at = await places()
    const endpoint = await startEndpoint()
    await kafka.write({
      topic: at.input,
      key: 'k',
      value: 'Hello World!',
      headers: { correlation_id: 'c-1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    })
    const eventor = await startEventor(sample({ ...at, url: endpoint.url }))
    const [result] = await kafka.read(at.output, 1)
    expect(result?.value.toString()).toBe('Hello World!')
    expect(result?.key?.toString()).toBe('k')
    expect(result?.headers).toMatchObject({
      correlation_id: 'c-1',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      response_status: '200',
      source: `${at.input}[0]@0`,
    })
    expect(endpoint.calls).toMatchObject([
      {
        method: 'POST',
        path: '/payload',
        headers: { 'content-type': 'application/text', authorization: 'Basic dTpw' },
      },
    ])
    await drained(at.group, at.input)
    for (const word of ['handling', 'called', 'published']) {
      expect(eventor.printed()).toMatch(new RegExp(`"event":"${at.input}\\[0\\]@0".*"msg":"${word}"`))
    }
    expect(await eventor.kill('SIGTERM')).toBe(0)
  })

  it('calls for the events of a partition one by one, in the order of their offsets, whatever their keys', async () => {
    const at = await places()
    const endpoint = await startEndpoint()
    const values = Array.from({ length: 30 }, (_, index) => String(index))
    await kafka.write(...values.map(value => ({ topic: at.input, key: `k${Number(value) % 3}`, value })))
    await startEventor(sample({ ...at, url: endpoint.url }))
    await drained(at.group, at.input)
    expect(endpoint.bodies()).toEqual(values)
    expect(texts(await kafka.readAll(at.output))).toEqual(values)
  })

  it('commits no event whose endpoint is away, and delivers all when it is back', async () => {
    const at = await places()
    const endpoint = await startEndpoint()
    await endpoint.close()
    await kafka.write(...['1', '2', '3'].map(value => ({ topic: at.input, key: 'same', value })))
    const eventor = await startEventor(sample({ ...at, url: endpoint.url }))
    await vi.waitFor(
      async () =>
        expect(await (await fetch(`${eventor.url}/health/ready`)).text()).toMatch(/waits after try [3-9]/),
      { timeout: 20_000, interval: 100 },
    )
    expect(await kafka.lag(at.group, at.input)).toBe(3)
    await endpoint.open()
    expect(texts(await kafka.read(at.output, 3))).toEqual(['1', '2', '3'])
    await drained(at.group, at.input)
    expect(await kafka.readAll(deadLetterTopic(at.input))).toEqual([])
  })
})

describe('an endpoint that answers', () => {
  it('503 for a while has nothing in the dead letters, and all delivered afterwards, in order per key', async () => {
    const at = await places()
    let away = true
    const endpoint = await startEndpoint(({ body }) => (away ? { status: 503 } : { body }))
    const values = Array.from({ length: 30 }, (_, index) => ({ key: `k${index % 3}`, value: String(index) }))
    await kafka.write(...values.map(each => ({ topic: at.input, ...each })))
    const eventor = await startEventor(sample({ ...at, url: endpoint.url }, '  concurrency: 3'))
    const tries = Number(process.env.OUTAGE_TRIES ?? 6)
    await vi.waitFor(
      async () => {
        const text = await (await fetch(`${eventor.url}/health/ready`)).text()
        expect(Number(/waits after try (\d+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(tries)
      },
      { timeout: tries * 6_000, interval: 200 },
    )
    away = false
    await drained(at.group, at.input)
    const results = await kafka.readAll(at.output)
    expect(results).toHaveLength(30)
    for (const key of ['k0', 'k1', 'k2']) {
      const own = results.filter(result => result.key?.toString() === key)
      expect(texts(own)).toEqual(values.filter(each => each.key === key).map(({ value }) => value))
    }
    expect(await kafka.readAll(deadLetterTopic(at.input))).toEqual([])
  }, 240_000)

  it('400 to one event has that one set aside after one try, with status and reason; its neighbours pass', async () => {
    const at = await places()
    const endpoint = await startEndpoint(({ body }) => (String(body) === 'bad' ? { status: 400 } : { body }))
    await kafka.write(...['a', 'bad', 'b'].map(value => ({ topic: at.input, key: 'same', value })))
    await startEventor(sample({ ...at, url: endpoint.url }))
    await drained(at.group, at.input)
    expect(texts(await kafka.readAll(at.output))).toEqual(['a', 'b'])
    const [dead, ...others] = await kafka.readAll(deadLetterTopic(at.input))
    expect(others).toEqual([])
    expect(dead?.value.toString()).toBe('bad')
    expect(dead?.headers).toMatchObject({
      dead_letter_status: '400',
      dead_letter_reason: 'the endpoint answered 400',
      dead_letter_attempts: '1',
    })
    expect(endpoint.bodies().filter(body => body === 'bad')).toHaveLength(1)
  })

  it('400 has the topic of dead letters made where it is missing, with as many partitions', async () => {
    const input = `in-${randomUUID()}`
    await createTopics({ brokers, log }, [{ name: input, partitions: 3, config: {} }])
    const at = { ...(await places()), input }
    const endpoint = await startEndpoint(() => ({ status: 400 }))
    await kafka.write({ topic: input, key: 'k', value: 'bad' })
    await startEventor(sample({ ...at, url: endpoint.url }))
    await drained(at.group, input)
    const [dead] = await kafka.readAll(deadLetterTopic(input))
    expect(dead?.value.toString()).toBe('bad')
    const ends = await withAdmin({ brokers, log }, admin => admin.fetchTopicOffsets(deadLetterTopic(input)))
    expect(ends).toHaveLength(3)
  })

  it('500 to one event has that one tried as often as is allowed, over a restart, and set aside then', async () => {
    const at = await places()
    const endpoint = await startEndpoint(({ body }) => (String(body) === 'bad' ? { status: 500 } : { body }))
    await kafka.write(...['bad', 'a'].map(value => ({ topic: at.input, key: value, value })))
    const rules = '  errorHandling: { maxAttempts: 6, backoff: { firstMs: 100, longestMs: 800 } }'
    const yaml = sample({ ...at, url: endpoint.url }, rules)
    const first = await startEventor(yaml)
    const tries = () => endpoint.bodies().filter(body => body === 'bad').length
    await vi.waitFor(() => expect(tries()).toBeGreaterThanOrEqual(2), { timeout: 20_000, interval: 10 })
    await first.kill('SIGTERM')
    expect(tries()).toBeLessThan(6)
    await startEventor(yaml)
    const [dead] = await kafka.read(deadLetterTopic(at.input), 1)
    expect(dead?.headers).toMatchObject({ dead_letter_status: '500', dead_letter_attempts: '6' })
    expect(tries()).toBe(6)
    await drained(at.group, at.input)
  })
})

describe('a result', () => {
  it('has the key that a template makes, or the one of its event', async () => {
    const at = await places()
    const endpoint = await startEndpoint(() => ({ body: '{"ticket": 7}' }))
    await kafka.write({ topic: at.input, key: 'k', value: '{"orderId": "o-1"}' })
    const key = '    key: "{{ body.orderId }}/{{ response.body.ticket }}"'
    await startEventor(sample({ ...at, url: endpoint.url }, key))
    expect((await kafka.read(at.output, 1))[0]?.key?.toString()).toBe('o-1/7')
  })

  it('has the bytes of the response, decoded, and none where it has none', async () => {
    const at = await places()
    const bytes = Buffer.from([0, 255, 254, 10, 13, 0])
    const endpoint = await startEndpoint(({ body }) =>
      String(body) === 'none'
        ? { status: 204 }
        : { body: gzipSync(bytes), headers: { 'content-encoding': 'gzip', 'content-type': 'image/x-odd' } },
    )
    await kafka.write(...['gzip', 'none'].map(value => ({ topic: at.input, key: 'same', value })))
    await startEventor(sample({ ...at, url: endpoint.url }))
    const [packed, none] = await kafka.read(at.output, 2)
    expect(packed?.value).toEqual(bytes)
    expect(packed?.headers).toMatchObject({ response_status: '200', 'content-type': 'image/x-odd' })
    expect(none?.value).toEqual(Buffer.alloc(0))
    expect(none?.headers).toMatchObject({ response_status: '204', source: `${at.input}[0]@1` })
  })

  it.each(['at-least-once', 'exactly-once'])(
    'that is larger than its topic takes, makes a dead letter; %s',
    async delivery => {
      const [input, output] = [await kafka.topic('in'), await kafka.topic('out', 1, 10_000)]
      const at = { input, output, group: randomUUID() }
      const endpoint = await startEndpoint(({ body }) => ({
        body: randomBytes(String(body) === 'large' ? 20_000 : 1_000),
      }))
      const values = [...Array.from({ length: 30 }, (_, index) => String(index)), 'large', 'last']
      await kafka.write(...values.map(value => ({ topic: input, key: value, value })))
      await startEventor(sample({ ...at, url: endpoint.url }, `  concurrency: 32\n  delivery: ${delivery}`))
      await drained(at.group, input)
      const results = await kafka.readAll(output)
      expect(results.map(({ key }) => String(key)).toSorted()).toEqual(
        values.filter(value => value !== 'large').toSorted(),
      )
      const dead = await kafka.readAll(deadLetterTopic(input))
      expect(texts(dead)).toEqual(['large'])
      expect(dead[0]?.headers.dead_letter_reason).toBe(`its result is larger than topic ${output} takes`)
    },
  )
})

it('two pipelines of one file are the sidecar of a REST service that knows no Kafka', async () => {
  const kitchen = await startEndpoint(({ path, body }) => {
    const order = JSON.parse(body.toString())
    return path === '/tickets'
      ? { status: 201, body: JSON.stringify({ ticket: `t-${order.order_id}`, state: 'cooking' }) }
      : { body: JSON.stringify({ ready_in_minutes: 5 * order.items }) }
  })
  const names = ['actionable-commands', 'kitchen-tickets', 'quote-requests', 'quote-replies']
  const [commands, tickets, requests, replies] = await Promise.all(names.map(name => kafka.topic(name, 2)))
  const group = randomUUID()
  const pipeline = (from: string | undefined, path: string, to: string | undefined) => `
- eventListener: { type: kafka, topic: ${from}, consumerConfig: { bootstrap.servers: "${brokers}", group.id: ${group}-${from}, auto.offset.reset: earliest } }
  eventHandler: { type: http, url: "${kitchen.url}${path}", headers: { Content-Type: application/json } }
  eventResultProcessor: { type: kafka, topic: ${to}, producerConfig: { bootstrap.servers: "${brokers}" } }
`
  await startEventor(pipeline(commands, '/tickets', tickets) + pipeline(requests, '/quotes', replies))
  const orders = Array.from({ length: 20 }, (_, index) => ({
    topic: commands ?? '',
    key: `restaurant-${index % 4}`,
    value: JSON.stringify({ order_id: String(index) }),
  }))
  await kafka.write(...orders, {
    topic: requests ?? '',
    key: 'c-1',
    value: '{"items": 3}',
    headers: { correlation_id: 'c-1' },
  })
  const cooked = await kafka.read(tickets ?? '', 20)
  for (const key of new Set(orders.map(order => order.key))) {
    const expected = orders
      .filter(order => order.key === key)
      .map(order => `t-${JSON.parse(order.value).order_id}`)
    const own = cooked.filter(record => String(record.key) === key)
    expect(own.map(record => JSON.parse(record.value.toString()).ticket)).toEqual(expected)
  }
  const [quote] = await kafka.read(replies ?? '', 1)
  expect(quote?.value.toString()).toBe('{"ready_in_minutes":15}')
  expect(quote?.headers.correlation_id).toBe('c-1')
  expect(String(quote?.key)).toBe('c-1')
})
