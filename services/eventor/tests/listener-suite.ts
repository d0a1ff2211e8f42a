import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import { withServers } from 'kafka-restaurants-dev-env/testing/with-servers'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Event, HandleEvent } from '../src/event.ts'
import { listenerOf, type Source, type TestBroker, type Written } from './brokers.ts'
import type { Plan } from './listener-process.ts'

export const deadlineMs = 60_000
/** Less than the 9 s after which a process ends as one that can't stop, with a second for other connections. */
const stoppedWithinMs = 8_000

/** What a listener and a processor promise, whatever the broker. */
export function listenerSuite(
  name: string,
  server: Parameters<typeof withServers>[0],
  start: () => Promise<TestBroker>,
  more: (broker: () => TestBroker) => void,
): void {
  withServers(server).describe(name, { timeout: 2 * deadlineMs }, () => {
    let broker: TestBroker
    let source: Source
    beforeAll(async () => {
      broker = await start()
    }, 3 * deadlineMs)
    afterAll(() => broker?.server.remove())
    more(() => broker)

    const made = async (...events: Written[]) => {
      source = broker.source()
      await source.make()
      await source.write(...events)
      return source
    }
    const listen = async (handle: HandleEvent, options: Parameters<typeof listenerOf>[2] = {}) => {
      const listener = listenerOf(source.spec, handle, options)
      onTestFinished(() => listener.stop())
      await listener.start()
      return listener
    }

    it('handles events of different keys at once, and never two of one key', async () => {
      const events = numbered(200, 10)
      await made(...events)
      const seen: Event[] = []
      const inHand = new Set<string>()
      let most = 0
      const listener = await listen(
        async event => {
          const key = String(event.key)
          expect(inHand).not.toContain(key)
          inHand.add(key)
          most = Math.max(most, inHand.size)
          await new Promise(resolve => setTimeout(resolve, Math.random() * 5))
          inHand.delete(key)
          seen.push(event)
        },
        { concurrency: 4 },
      )
      await waitUntil('all are handled', deadlineMs, () => seen.length === events.length)
      await listener.stop()
      expect(byKey(seen)).toEqual(byKey(events))
      expect(most).toBe(4)
      expect(await source.left()).toBe(0)
    })

    it('hands key, headers and bytes over as text headers say', async () => {
      const headers = { traceparent: '00-1-2-01', correlation_id: 'c', 'x-tenant': 'Zoë' }
      await made(
        { key: 'a', value: 'Hello World!', headers },
        { key: 'a', value: '2', headers: { key: 'b' } },
      )
      const seen: Event[] = []
      await listen(async event => void seen.push(event))
      await waitUntil('both are handled', deadlineMs, () => seen.length === 2)
      expect(seen[0]?.value.toString()).toBe('Hello World!')
      expect(seen[0]?.headers).toEqual(headers)
      expect(String(seen[0]?.key)).toMatch(/(^|\.)a$/)
      expect(String(seen[1]?.key)).toBe('b')
    })

    it('sets an event aside that no retry can help, once and with the reason, and goes on', async () => {
      await made(
        { key: 'a', value: '1' },
        { key: 'a', value: 'bad', headers: { x: 'y' } },
        { key: 'a', value: '3' },
      )
      const seen: string[] = []
      const outcomes: string[] = []
      const listener = await listen(
        async ({ value }) => {
          seen.push(value.toString())
          if (value.toString() === 'bad') {
            throw new UnreadableRecordError('the endpoint\nanswered 400', { dead_letter_status: '400' })
          }
        },
        { onOutcome: outcome => outcomes.push(outcome) },
      )
      await waitUntil('all are handled', deadlineMs, () => outcomes.length === 3)
      await listener.stop()
      expect(seen).toEqual(['1', 'bad', '3'])
      expect(outcomes).toEqual(['handled', 'dead-letter', 'handled'])
      const letters = await source.deadLetters()
      expect(letters.map(({ value }) => String(value))).toEqual(['bad'])
      expect(letters[0]?.headers).toMatchObject({
        x: 'y',
        key: expect.stringMatching(/(^|\.)a$/),
        dead_letter_reason: expect.stringMatching(/^the endpoint\sanswered 400$/),
        dead_letter_status: '400',
        dead_letter_attempts: '1',
        dead_letter_topic: expect.stringContaining('test-'),
        dead_letter_at: expect.stringMatching(/^\d{4}-/),
      })
      expect(await source.left()).toBe(0)
    })

    it('has an event that is put off wait with the rest of its key, and counts its tries', async () => {
      await made(...['a', 'b', 'a', 'c'].map((key, index) => ({ key, value: `${key}${index}` })))
      const seen: string[] = []
      await listen(async ({ value }, attempt) => {
        seen.push(`${value}#${attempt}`)
        const others = seen.includes('b1#1') && seen.includes('c3#1')
        if (value.toString() === 'a0' && !(others && attempt >= 3)) {
          throw new PutOffError('not now', { waitMs: 20 })
        }
      })
      await waitUntil('the last of the key is handled', deadlineMs, () => seen.includes('a2#1'))
      const tries = seen.filter(each => each.startsWith('a0'))
      expect(tries).toEqual(tries.map((_, index) => `a0#${index + 1}`))
      expect(tries.length).toBeGreaterThanOrEqual(3)
      expect(seen.at(-1)).toBe('a2#1')
      expect(seen.indexOf('c3#1')).toBeLessThan(seen.lastIndexOf(tries.at(-1) ?? ''))
    })

    it('waits with all while the endpoint is down, says so, and counts nothing', async () => {
      const events = numbered(20, 5)
      await made(...events)
      let isDown = true
      let failures = 0
      const attempts = new Set<number>()
      const seen: Event[] = []
      const listener = await listen(
        async (event, attempt) => {
          attempts.add(attempt)
          if (isDown) {
            failures += 1
            throw new Error('connect ECONNREFUSED')
          }
          seen.push(event)
        },
        { concurrency: 3 },
      )
      // The three that were in hand at first, and then one alone each time.
      await waitUntil('it was tried again', deadlineMs, () => failures >= 5)
      expect(listener.outages().join()).toContain('connect ECONNREFUSED')
      expect(listener.notReady()).toEqual([])
      isDown = false
      await waitUntil('all are handled', deadlineMs, () => seen.length === events.length)
      expect(listener.outages()).toEqual([])
      await listener.stop()
      expect([...attempts]).toEqual([1])
      expect(byKey(seen)).toEqual(byKey(events))
      expect(await source.deadLetters()).toEqual([])
    })

    it('loses nothing, and keeps the order, when it is killed with events in hand', async () => {
      const events = numbered(45, 5)
      await made(...events.slice(0, 30))
      const killed = await listenInProcess({ spec: source.spec, concurrency: 3, finish: 7, putOff: 0 })
      await waitUntil('three hang', deadlineMs, () => killed.seen.filter(({ done }) => !done).length === 3)
      await killed.kill()
      // They must not overtake what was in hand.
      await source.write(...events.slice(30))
      const finished = killed.seen.filter(({ done }) => done).map(({ value }) => value)
      const seen: Event[] = []
      const listener = await listen(async event => void seen.push(event), { concurrency: 3 })
      const all = () => new Set([...finished, ...seen.map(({ value }) => value.toString())])
      await waitUntil('all are handled', deadlineMs, () => all().size === events.length)
      await listener.stop()
      expect(await source.left()).toBe(0)
      expect(firstOfEach(byKey(seen))).toEqual(inOrder(byKey(seen)))
      // Acknowledged before the others were even begun, so they do not come again.
      const repeated = seen.filter(({ value }) => finished.slice(0, 4).includes(value.toString()))
      expect(repeated).toEqual([])
    })

    it('remembers tries through kill -9 and through a restart', async () => {
      await made({ key: 'a', value: '1' })
      const killed = await listenInProcess({ spec: source.spec, concurrency: 1, finish: 0, putOff: 2 })
      await waitUntil('the third try hangs', deadlineMs, () => killed.seen.length === 3)
      await killed.kill()
      const attempts: number[] = []
      const put = await listen(async (_, attempt) => {
        attempts.push(attempt)
        throw new PutOffError('not now', { waitMs: 60_000 })
      })
      await waitUntil('it is tried', deadlineMs, () => attempts.length === 1)
      await put.stop()
      await listen(async (_, attempt) => void attempts.push(attempt))
      await waitUntil('it is tried again', deadlineMs, () => attempts.length === 2)
      // The third hung, and was not counted: nobody knows what became of it.
      expect(attempts).toEqual([3, 4])
    })

    it('begins nothing new when it stops, and acknowledges what is in hand', async () => {
      await made(...numbered(10, 10))
      const seen: string[] = []
      const finish = Promise.withResolvers<void>()
      const listener = await listen(
        async ({ value }) => {
          seen.push(value.toString())
          await finish.promise
        },
        { concurrency: 2 },
      )
      await waitUntil('two are in hand', deadlineMs, () => seen.length === 2)
      const stopped = listener.stop()
      finish.resolve()
      await stopped
      expect(seen).toHaveLength(2)
      const rest: string[] = []
      await listen(async ({ value }) => void rest.push(value.toString()))
      await waitUntil('the rest is handled', deadlineMs, () => rest.length === 8)
      expect([...seen, ...rest].sort()).toEqual(
        numbered(10, 10)
          .map(({ value }) => value)
          .sort(),
      )
    })

    it('gives up after 4 s what is in hand when it stops, and hands it back at once', async () => {
      await made(...numbered(3, 3))
      const seen: string[] = []
      const listener = await listen(
        async ({ value }) => {
          seen.push(value.toString())
          await new Promise(() => {})
        },
        { concurrency: 2 },
      )
      await waitUntil('two are in hand', deadlineMs, () => seen.length === 2)
      const begun = Date.now()
      await listener.stop()
      expect(Date.now() - begun).toBeGreaterThanOrEqual(3_900)
      expect(Date.now() - begun).toBeLessThan(stoppedWithinMs)
      const rest: string[] = []
      await listen(async ({ value }) => void rest.push(value.toString()))
      // NATS would bring what was not given back after 10 s.
      await waitUntil('all are handled', 8_000, () => rest.length === 3)
      expect(rest).toEqual(['0', '1', '2'])
    })

    it('stops in time while the server stands still, and loses nothing', async () => {
      await made(...numbered(4, 4))
      await source.makeResults()
      const processor = source.processor()
      onTestFinished(() => processor.stop())
      await processor.start()
      const seen: string[] = []
      const frozen = Promise.withResolvers<void>()
      const listener = await listen(
        async ({ value }) => {
          seen.push(value.toString())
          await frozen.promise
        },
        { concurrency: 2 },
      )
      await waitUntil('two are in hand', deadlineMs, () => seen.length === 2)
      broker.server.freeze()
      onTestFinished(() => broker.server.thaw())
      frozen.resolve()
      const begun = Date.now()
      await listener.stop()
      await processor.stop()
      expect(Date.now() - begun).toBeLessThan(stoppedWithinMs)
      broker.server.thaw()
      const rest: string[] = []
      await listen(async ({ value }) => void rest.push(value.toString()))
      await waitUntil('all are handled', deadlineMs, () => new Set([...seen, ...rest]).size === 4)
    })

    it('says for which answer it waits while it connects, and connects when it comes', async () => {
      await made({ key: 'a', value: '1' })
      broker.server.freeze()
      onTestFinished(() => broker.server.thaw())
      const seen: string[] = []
      const listener = await listen(async ({ value }) => void seen.push(value.toString()))
      await waitUntil('it says so', deadlineMs, () =>
        /timeout|timedout|within/i.test(listener.notReady().join()),
      )
      broker.server.thaw()
      await waitUntil('the event is handled', deadlineMs, () => seen.length === 1)
    })

    it('waits for a source that is not there, and says so', async () => {
      source = broker.source()
      const seen: string[] = []
      const listener = await listen(async ({ value }) => void seen.push(value.toString()))
      await waitUntil('it says so', deadlineMs, () => listener.notReady().join().includes('there is no'))
      await source.make()
      await source.write({ key: 'a', value: '1' })
      await waitUntil('the event is handled', deadlineMs, () => seen.length === 1)
      await source.remove()
      await waitUntil('it says so again', deadlineMs, () =>
        listener.notReady().join().includes('there is no'),
      )
      await source.make()
      await source.write({ key: 'a', value: '2' })
      await waitUntil('the new one is handled', deadlineMs, () => seen.length === 2)
      expect(seen).toEqual(['1', '2'])
    })

    it('refuses dead letters that would come back as events', async () => {
      source = broker.source()
      await source.make()
      const own =
        source.spec.type === 'nats' ? `${(source.spec.config as { stream: string }).stream}.dead` : ''
      const deadLetterTopic = own || (source.spec.config as { queue: string }).queue
      source.spec = { ...source.spec, deadLetterTopic }
      const listener = await listen(async () => {})
      await expect(listener.crashed).rejects.toThrow('would come back as events')
    })

    it('publishes results with key and headers, and waits in words where nobody takes them', async () => {
      source = broker.source()
      const processor = source.processor()
      onTestFinished(() => processor.stop())
      await processor.start()
      const result = { key: 'k', value: Buffer.from([0, 255, 1]), headers: { correlation_id: 'c', x: 'y' } }
      const publish = () =>
        processor
          .publish(result, () => ({}))
          .then(
            () => 'published',
            (error: Error) => error.message,
          )
      // What it waits on is another thing while it connects once more.
      await waitUntil('it says that nobody takes them', deadlineMs, async () =>
        /there is no queue|no JetStream stream takes/.test(await publish()),
      )
      await source.makeResults()
      await waitUntil('it can publish', deadlineMs, async () => (await publish()) === 'published')
      expect(processor.notReady()).toEqual([])
      const [published] = await source.results()
      expect(published?.value).toEqual(result.value)
      expect(published?.headers).toMatchObject({ key: 'k', correlation_id: 'c', x: 'y' })
    })

    it('puts a result off whose own destination nobody takes, and sets one aside that has none', async () => {
      source = broker.source()
      const processor = source.processor('nowhere-{{ key }}')
      onTestFinished(() => processor.stop())
      await processor.start()
      await waitUntil('it is connected', deadlineMs, () => processor.notReady().length === 0)
      const result = { key: null, value: Buffer.from('1'), headers: {} }
      await expect(processor.publish(result, () => ({ key: 'a' }))).rejects.toThrow(PutOffError)
      await expect(processor.publish(result, () => ({}))).rejects.toThrow(UnreadableRecordError)
      await expect(processor.publish(result, () => ({ key: `${'long '.repeat(60)}` }))).rejects.toThrow(
        UnreadableRecordError,
      )
    })

    it(
      'loses neither events nor results when the server is killed, and comes back',
      async () => {
        const events = numbered(150, 10)
        await made(...events)
        await source.makeResults()
        const processor = source.processor()
        onTestFinished(() => processor.stop())
        await processor.start()
        const seen: Event[] = []
        const killed = Promise.withResolvers<void>()
        const listener = await listen(
          async event => {
            if (seen.length >= 60) await killed.promise
            await processor.publish({ ...event, headers: {} }, () => ({}))
            seen.push(event)
          },
          { concurrency: 4 },
        )
        await waitUntil('it is in the middle', deadlineMs, () => seen.length >= 60)
        await waitUntil('its records are safe', deadlineMs, source.isOnDisk)
        await broker.server.kill()
        killed.resolve()
        await waitUntil('it says so', deadlineMs, () => listener.notReady().length > 0)
        await broker.server.comeBack()
        const values = () => new Set(seen.map(({ value }) => value.toString()))
        await waitUntil('all are handled', 2 * deadlineMs, () => values().size === events.length)
        // Some acknowledgements went down with the server, so that their events come again.
        await waitUntil('all are acknowledged', deadlineMs, async () => (await source.left()) === 0)
        await listener.stop()
        expect(await source.left()).toBe(0)
        expect(firstOfEach(byKey(seen))).toEqual(inOrder(byKey(seen)))
        const results = new Set((await source.results()).map(({ value }) => String(value)))
        expect(results).toEqual(new Set(events.map(({ value }) => value)))
        expect(await source.deadLetters()).toEqual([])
      },
      4 * deadlineMs,
    )
  })
}

/** Events `0` to `count - 1`, dealt out to `keys` keys. */
export const numbered = (count: number, keys: number): Written[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index % keys}`, value: String(index) }))

/** The numbers of each key, in their order. */
export function byKey(
  events: { key: Buffer | string | null; value: Buffer | string }[],
): Record<string, number[]> {
  const numbers: Record<string, number[]> = {}
  for (const { key, value } of events) {
    const name = String(key).split('.').at(-1) ?? ''
    numbers[name] = [...(numbers[name] ?? []), Number(value)]
  }
  return numbers
}

/** Without repetitions: after a crash, some of a key may come again, in their order. */
export const firstOfEach = (numbers: Record<string, number[]>) =>
  Object.fromEntries(Object.entries(numbers).map(([key, each]) => [key, [...new Set(each)]]))

export const inOrder = (numbers: Record<string, number[]>) =>
  Object.fromEntries(
    Object.entries(firstOfEach(numbers)).map(([key, each]) => [key, each.toSorted((a, b) => a - b)]),
  )

async function listenInProcess(plan: Plan) {
  const script = resolve(import.meta.dirname, 'listener-process.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise(resolve => child.once('close', resolve))
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  onTestFinished(kill)
  const seen: { value: string; attempt: number; done: boolean }[] = []
  createInterface(child.stdout).on('line', line => {
    if (line.includes('"done"')) seen.push(JSON.parse(line))
  })
  return { seen, kill }
}
