import { afterAll, beforeAll, expect, inject, vi } from 'vitest'
import { waitUntil } from '../../../scripts/wait-until.ts'
import {
  kafkaPlace,
  natsBroker,
  type Place,
  rabbitmqBroker,
  type TestBroker,
  type Written,
} from './brokers.ts'
import { startEndpoint, startEventor } from './eventor.ts'
import { byKey, deadlineMs, firstOfEach, inOrder, numbered } from './listener-suite.ts'
import { withServers } from './with-servers.ts'

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

/** What each listener promises together with each processor, as a process on a file. */
describe.each(pairs)('$from to $to', { timeout: 3 * deadlineMs }, ({ from, to }) => {
  /** A pipeline that has events to bring, and no place for their results yet. */
  const pipeline = async (
    events: Written[],
    answer: Parameters<typeof startEndpoint>[0],
    concurrency: number,
  ) => {
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
        eventHandler: { type: 'http', url: endpoint.url },
        errorHandling: { deadLetterTopic },
        eventResultProcessor: target.resultsTo,
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

  it('brings bytes, key and headers over, whatever their case, and sets aside only the event that gets 400, after one try', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const headers = { Traceparent: traceparent, Correlation_ID: 'c-1' }
    const binary = Buffer.from([0, 0xff, 0xfe, 0xc3, 0x28, 10])
    const events = [{ value: '1' }, { value: 'bad' }, { value: binary, headers }]
    const { source, target, endpoint, start, acknowledged } = await pipeline(
      events.map(event => ({ key: 'k', ...event })),
      ({ body }) => ({ body, status: String(body) === 'bad' ? 400 : 200 }),
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
      correlation_id: 'c-1',
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
  })

  it('waits while the endpoint answers 503, and says so; then all are there, in order per key', async () => {
    const events = numbered(12, 3)
    let isAway = true
    const { source, target, start, acknowledged } = await pipeline(
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
    const { source, target, endpoint, start, acknowledged } = await pipeline(events, undefined, 3)
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
