import { randomUUID } from 'node:crypto'
import { withAdmin } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, inject, it, vi } from 'vitest'
import { ownBroker } from '../../../scripts/testing/own-broker.ts'
import { type Call, startEndpoint, startEventor } from './eventor.ts'

const { log } = createContext('test', 'silent')
const brokers = inject('bootstrap')
const kafka = testKafka(brokers, log)

const concurrency = 3
const events = Array.from({ length: 12 }, (_, index) => String(index))
const soon = { timeout: 30_000, interval: 20 }

/**
 * A pipeline whose results wait for their broker, which is frozen: each of `concurrency` calls is in hand, as many results
 * are not taken yet, and the other events wait for a place.
 */
async function crowded() {
  const results = await ownBroker()
  const [input, output] = [await kafka.topic('in'), await testKafka(results.bootstrap, log).topic('out')]
  const group = randomUUID()
  const held: ((reply: { status?: number }) => void)[] = []
  let most = 0
  let holds = false
  const endpoint = await startEndpoint(async ({ body }: Call) => {
    if (!holds) return { body }
    const { promise, resolve } = Promise.withResolvers<{ status?: number }>()
    held.push(resolve)
    most = Math.max(most, held.length)
    return { body, ...(await promise) }
  })
  const file = JSON.stringify([
    {
      logLevel: 0,
      concurrency,
      eventListener: {
        type: 'kafka',
        topic: input,
        consumerConfig: {
          'bootstrap.servers': brokers,
          'group.id': group,
          'auto.offset.reset': 'earliest',
        },
      },
      eventHandler: { type: 'http', url: endpoint.url },
      eventResultProcessor: {
        type: 'kafka',
        topic: output,
        producerConfig: { 'bootstrap.servers': results.bootstrap, 'message.timeout.ms': 60_000 },
      },
    },
  ])
  const first = await startEventor(file)
  await kafka.write({ topic: input, key: 'warm', value: 'warm' })
  await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), soon)
  results.freeze()
  holds = true
  await kafka.write(...events.map(value => ({ topic: input, key: value, value })))

  const called = (count: number) => vi.waitFor(() => expect(endpoint.bodies()).toHaveLength(1 + count), soon)
  const answer = (reply = {}) => {
    for (const resolve of held.splice(0)) resolve(reply)
  }
  await called(concurrency)
  answer()
  await called(2 * concurrency)
  return {
    first,
    start: () => startEventor(file),
    mostAtOnce: () => most,
    called,
    /** Answers all calls that are held, and only those. */
    answer,
    /** Answers all calls from now on. */
    answerAll: () => {
      holds = false
      answer()
    },
    thaw: results.thaw,
    /** Each event was called for once and has one result, and all is committed. */
    expectEachOnce: async () => {
      await vi.waitFor(async () => expect(await kafka.lag(group, input)).toBe(0), soon)
      expect(endpoint.bodies().toSorted()).toEqual(['warm', ...events].toSorted())
      const ends = await withAdmin({ brokers: results.bootstrap, log }, admin =>
        admin.fetchTopicOffsets(output),
      )
      expect(ends.map(({ high }) => high)).toEqual([String(1 + events.length)])
    },
  }
}

const count = (text: string, word: string) => text.split(`"msg":"${word}"`).length - 1

describe('while more results wait for their broker than calls may be made at once', {
  timeout: 120_000,
}, () => {
  it('never more calls are made at once, and others are made', async () => {
    const { first, called, answer, answerAll, mostAtOnce, thaw, expectEachOnce } = await crowded()
    answer()
    await called(3 * concurrency)
    const answered = () => count(first.printed(), 'called')
    await vi.waitFor(() => expect(answered()).toBe(1 + 2 * concurrency), soon)
    expect(count(first.printed(), 'published')).toBe(1)
    answerAll()
    thaw()
    await expectEachOnce()
    expect(mostAtOnce()).toBe(concurrency)
  })

  it('a stop begins no call for those that wait for a place, and the next start calls for each once', async () => {
    const { first, start, called, answerAll, thaw, expectEachOnce } = await crowded()
    const stopped = first.kill('SIGTERM')
    await vi.waitFor(() => expect(first.printed()).toContain('"msg":"stopping"'), soon)
    answerAll()
    thaw()
    expect(await stopped).toBe(0)
    await called(2 * concurrency)
    await start()
    await expectEachOnce()
  })

  it('an outage of the endpoint begins no call for those that wait for a place, and counts no try', async () => {
    const { first, answer, answerAll, thaw } = await crowded()
    answer({ status: 503 })
    const waits = '"msg":"all wait, and are tried again"'
    await vi.waitFor(() => expect(first.printed()).toContain(waits), soon)
    // Not earlier: a result that is published in between says that not all fail.
    thaw()
    const [before = ''] = first.printed().split(waits)
    expect(count(before, 'handling')).toBe(1 + 2 * concurrency)
    answerAll()
    await vi.waitFor(() => expect(count(first.printed(), 'published')).toBe(1 + events.length), soon)
    expect(new Set(first.printed().match(/"attempt":\d+,"msg":"handling"/g))).toEqual(
      new Set(['"attempt":1,"msg":"handling"']),
    )
  })

  it('a rebalance begins no call for those that wait for a place, and each is called for once', async () => {
    const { first, start, answerAll, thaw, expectEachOnce } = await crowded()
    const told = '"msg":"begins nothing new, as the group says"'
    await start()
    await vi.waitFor(() => expect(first.printed()).toContain(told), soon)
    answerAll()
    thaw()
    await expectEachOnce()
    const [, after = ''] = first.printed().split(told)
    const [beforeRejoined = ''] = after.split('"msg":"joined the group"')
    expect(count(beforeRejoined, 'published')).toBe(2 * concurrency)
    expect(count(beforeRejoined, 'handling')).toBe(0)
  })
})
