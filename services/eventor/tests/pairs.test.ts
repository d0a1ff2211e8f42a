import { withServers } from 'kafka-restaurants-dev-env/testing/with-servers'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { afterAll, beforeAll, expect, inject, vi } from 'vitest'
import {
  kafkaPlace,
  natsBroker,
  type Place,
  rabbitmqBroker,
  type TestBroker,
  type Written,
} from './brokers.ts'
import { type Reply, startEndpoint, startEventor } from './eventor.ts'
import { byKey, deadlineMs, firstOfEach, inOrder, numbered } from './listener-suite.ts'

const { describe, it } = withServers('nats-server', 'rabbitmq-server')

const servers: Record<string, TestBroker> = {}
beforeAll(async () => {
  servers.nats = await natsBroker({ ackWaitMs: 2_000 })
  servers.rabbitmq = await rabbitmqBroker()
}, 3 * deadlineMs)
afterAll(() => Promise.all(Object.values(servers).map(({ server }) => server.remove())))

const place = (broker: string): Place => servers[broker]?.source() ?? kafkaPlace(inject('bootstrap'))

const brokers = ['kafka', 'nats', 'rabbitmq']
const pairs = brokers.flatMap(from => brokers.map(to => ({ from, to })))

/** A pipeline that has events to bring, and no place for their results yet. */
async function pipeline(
  { from, to }: { from: string; to: string },
  events: Written[],
  answer: Parameters<typeof startEndpoint>[0],
  concurrency: number,
) {
  const [source, target] = [place(from), place(to)]
  await source.make()
  await source.write(...events)
  const endpoint = await startEndpoint(answer)
  const { config, deadLetterTopic } = source.spec
  // JSON is YAML.
  const file = JSON.stringify([
    {
      concurrency,
      eventListener: config,
      eventHandler: { type: 'http', url: endpoint.url, passHeaders: ['X-Place'] },
      errorHandling: { deadLetterTopic },
      eventResultProcessor: { ...target.resultsTo, passHeaders: ['X-Place'] },
    },
  ])
  return {
    source,
    target,
    endpoint,
    start: () => startEventor(file),
    acknowledged: async (count = events.length) => {
      await waitUntil('each event is sent', deadlineMs, () => new Set(endpoint.bodies()).size === count)
      await waitUntil('each is acknowledged', deadlineMs, async () => (await source.left()) === 0)
    },
  }
}

/** What each listener promises together with each processor, as a process on a file. */
describe.each(pairs)('$from to $to', { timeout: 3 * deadlineMs }, ({ from, to }) => {
  it('brings bytes, key and headers over, whatever their case, and sets aside only the event that gets 400, after one try', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const [correlationId, place] = ['Bestellung №1', 'Café €, 日本 🍜']
    const headers = { Traceparent: traceparent, Correlation_ID: correlationId, 'X-Place': place }
    const binary = Buffer.from([0, 0xff, 0xfe, 0xc3, 0x28, 10])
    const events = [{ value: '1' }, { value: 'bad' }, { value: binary, headers }]
    const { source, target, endpoint, start, acknowledged } = await pipeline(
      { from, to },
      events.map(event => ({ key: 'k', ...event })),
      ({ body, headers }) => ({
        body,
        status: String(body) === 'bad' ? 400 : 200,
        headers: { 'X-Place': String(headers['x-place'] ?? '') },
      }),
      2,
    )
    await target.makeResults()
    await start()
    await acknowledged()
    const results = await target.results()
    expect(results.map(({ value }) => value)).toEqual([Buffer.from('1'), binary])
    for (const { key } of results) expect(key).toMatch(/(^|\.)k$/)
    expect(results[1]?.headers).toMatchObject({
      traceparent,
      correlation_id: correlationId,
      'x-place': place,
      response_status: '200',
      source: expect.stringContaining(source.name),
    })
    const [dead, ...others] = await source.deadLetters()
    expect(others).toEqual([])
    expect(String(dead?.value)).toBe('bad')
    expect(dead?.key).toMatch(/(^|\.)k$/)
    expect(dead?.headers).toMatchObject({
      dead_letter_status: '400',
      dead_letter_reason: 'the endpoint answered 400',
      dead_letter_attempts: '1',
    })
    expect(endpoint.bodies().filter(body => body === 'bad')).toHaveLength(1)
    const sent = endpoint.calls.at(-1)?.headers['x-correlation-id']
    expect(Buffer.from(String(sent), 'latin1').toString()).toBe(correlationId)
  })

  it('waits while the endpoint answers 503, and says so; then all are there, in order per key', async () => {
    const events = numbered(12, 3)
    let isAway = true
    const { source, target, start, acknowledged } = await pipeline(
      { from, to },
      events,
      ({ body }) => (isAway ? { status: 503 } : { body }),
      3,
    )
    await target.makeResults()
    const eventor = await start()
    await waits(eventor, 3, 'the endpoint answered 503')
    // It is there for what can be done.
    expect((await readiness(eventor)).status).toBe(200)
    expect(await source.left()).toBe(events.length)
    expect(await target.results()).toEqual([])
    isAway = false
    await acknowledged()
    expect(byKey(await target.results())).toEqual(byKey(events))
    expect(await source.deadLetters()).toEqual([])
    await waitUntil('nothing waits', deadlineMs, async () =>
      (await readiness(eventor)).text.includes('"outages":[]'),
    )
  })

  it('loses and skips no event when it is killed with calls in hand', async () => {
    const events = numbered(30, 5)
    const [finished, inHand] = [7, 4]
    const held = Promise.withResolvers<void>()
    const { source, target, endpoint, start, acknowledged } = await pipeline(
      { from, to },
      events.slice(0, 20),
      async ({ body }) => {
        if (endpoint.calls.length > finished) await held.promise
        return { body }
      },
      inHand,
    )
    await target.makeResults()
    const killed = await start()
    await waitUntil('calls hang', deadlineMs, () => endpoint.calls.length === finished + inHand)
    await killed.kill('SIGKILL')
    // They must not overtake what was in hand.
    await source.write(...events.slice(20))
    await expect.poll(source.left, { timeout: deadlineMs }).toBeGreaterThanOrEqual(events.length - finished)
    held.resolve()
    await start()
    await acknowledged(events.length)
    const results = byKey(await target.results())
    expect(firstOfEach(results)).toEqual(byKey(events))
    expect(inOrder(results)).toEqual(byKey(events))
    expect(await source.deadLetters()).toEqual([])
  })

  it('acknowledges nothing while nobody takes the results, and says so; then all are there', async () => {
    const events = numbered(12, 3)
    const { source, target, endpoint, start, acknowledged } = await pipeline(
      { from, to },
      events,
      undefined,
      3,
    )
    const eventor = await start()
    // RabbitMQ's processor gives its queue 5 s to come back, each time.
    await waits(eventor, to === 'rabbitmq' ? 1 : 3, target.name)
    expect(endpoint.calls.length).toBeGreaterThan(0)
    expect(await source.left()).toBe(events.length)
    await target.makeResults()
    await acknowledged()
    const results = byKey(await target.results())
    expect(firstOfEach(results)).toEqual(byKey(events))
    expect(await source.deadLetters()).toEqual([])
  })
})

/** A pipeline whose endpoint gives this answer to each event whose value begins with `bad`. */
async function failing(
  { broker, concurrency }: { broker: string; concurrency: number },
  answer: Reply,
  events: Written[],
) {
  const made = await pipeline(
    { from: broker, to: broker },
    events,
    ({ body }) => (String(body).startsWith('bad') ? answer : { body }),
    concurrency,
  )
  await made.target.makeResults()
  const eventor = await made.start()
  const passed = (count: number, withinMs = deadlineMs) =>
    waitUntil('all others pass', withinMs, async () => {
      const results = await made.target.results()
      return new Set(results.map(({ value }) => String(value))).size === count
    })
  const triesOfBad = () => made.endpoint.bodies().filter(body => body.startsWith('bad')).length
  return { ...made, eventor, passed, triesOfBad }
}

const bad = (count: number): Written[] =>
  Array.from({ length: count }, (_, index) => ({ key: `bad${index}`, value: `bad${index}` }))

const oneOrMore = (names: string[]) =>
  names.flatMap(broker => [1, 8].map(concurrency => ({ broker, concurrency })))

/** One event that fails is that event's trouble, whatever the broker, and however many are called for at once. */
describe.each(oneOrMore(brokers))('$broker, $concurrency at once', { timeout: 3 * deadlineMs }, at => {
  it.each([
    ['at the head', 0],
    ['in the middle', 14],
    ['at the end', 28],
  ])(
    'an event %s that always gets 503 holds up no others, not those that come later either',
    async (_, place) => {
      const begun = Date.now()
      const made = await failing(at, { status: 503 }, numbered(28, 28).toSpliced(place, 0, ...bad(1)))
      const { source, endpoint, eventor, start, passed, triesOfBad } = made
      await passed(28)
      for (const come of [numbered(48, 48).slice(28), numbered(68, 68).slice(48)]) {
        const tries = triesOfBad()
        await waitUntil('it was tried again', deadlineMs, () => triesOfBad() > tries)
        await source.write(...come)
        await passed(Number(come.at(-1)?.value) + 1)
      }
      expect(await source.deadLetters()).toEqual([])
      await waitUntil('it waits no more', deadlineMs, async () =>
        (await readiness(eventor)).text.includes('"outages":[]'),
      )
      // Longer each time, and for no longer than that.
      expect(triesOfBad()).toBeLessThanOrEqual(5 + (Date.now() - begun) / 1_000)
      expect(await eventor.kill('SIGTERM')).toBe(0)
      const [calls, tries] = [endpoint.calls.length, triesOfBad()]
      await start()
      await waitUntil('it is tried again', deadlineMs, () => triesOfBad() > tries)
      expect(
        endpoint
          .bodies()
          .slice(calls)
          .filter(body => !body.startsWith('bad')),
      ).toEqual([])
    },
  )

  it('an event that gets 429 is asked when Retry-After says so, and all others pass meanwhile', async () => {
    const begun = Date.now()
    const answer = { status: 429, headers: { 'Retry-After': '30' } }
    const events = numbered(300, 300).toSpliced(3, 0, ...bad(1))
    const { passed, triesOfBad, source } = await failing(at, answer, events)
    await passed(300)
    await source.write(...numbered(600, 600).slice(300))
    await passed(600)
    expect(triesOfBad()).toBeLessThanOrEqual(1 + Math.floor((Date.now() - begun) / 30_000))
  })
})

/** Nor do those that fail hold up others where nothing has passed yet. */
describe.each(oneOrMore(brokers))(
  '$broker, $concurrency at once, where nothing has passed yet',
  { timeout: 3 * deadlineMs },
  at => {
    it('an event that is alone, and asks to wait, holds up none that come later', async () => {
      const answer = { status: 429, headers: { 'Retry-After': '30' } }
      const { passed, triesOfBad, source } = await failing(at, answer, bad(1))
      await waitUntil('it was tried', deadlineMs, () => triesOfBad() === 1)
      await source.write(...numbered(20, 20))
      await passed(20, 15_000)
      expect(triesOfBad()).toBe(1)
    })

    it('more events at the head that always get 503 than may be called for hold up no others', async () => {
      const count = Math.max(at.concurrency, 3) + 2
      const { passed, source, endpoint } = await failing(at, { status: 503 }, [
        ...bad(count),
        ...numbered(20, 20),
      ])
      await passed(20, 15_000)
      await source.write(...numbered(40, 40).slice(20))
      await passed(40, 15_000)
      expect(new Set(endpoint.bodies()).size).toBe(count + 40)
      // A group of Kafka's has one offset, which stays before the first that waits.
      expect(await source.left()).toBe(at.broker === 'kafka' ? count + 40 : count)
      expect(await source.deadLetters()).toEqual([])
    })
  },
)

it.each(brokers)(
  'a stop gives up a call that takes too long, exits 0, and hands it back; %s',
  async broker => {
    let hangs = true
    const { endpoint, source, target, start, acknowledged } = await pipeline(
      { from: broker, to: broker },
      numbered(2, 2),
      async ({ body }) => {
        if (hangs) await new Promise(() => {})
        return { body }
      },
      2,
    )
    await target.makeResults()
    const first = await start()
    await waitUntil('both are called for', deadlineMs, () => endpoint.calls.length === 2)
    const begun = Date.now()
    expect(await first.kill('SIGTERM')).toBe(0)
    // A process that can't stop would end with 1 after 9 s.
    expect(Date.now() - begun).toBeLessThan(8_000)
    hangs = false
    await start()
    await acknowledged()
    expect(byKey(await target.results())).toEqual(byKey(numbered(2, 2)))
    expect(await source.deadLetters()).toEqual([])
  },
  3 * deadlineMs,
)

const readiness = async ({ url }: { url: string }) => {
  const response = await fetch(`${url}/health/ready`)
  return { status: response.status, text: await response.text() }
}

/** Until it says that it has tried so often at least, and why that was in vain. */
const waits = (eventor: { url: string }, leastTries: number, why: string) =>
  vi.waitFor(
    async () => {
      const { text } = await readiness(eventor)
      expect(text).toContain(why)
      expect(Number(/after try (\d+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(leastTries)
    },
    { timeout: deadlineMs, interval: 100 },
  )
