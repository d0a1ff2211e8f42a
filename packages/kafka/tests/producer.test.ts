import { createRequire } from 'node:module'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import {
  BacklogFullError,
  batchingProducer,
  KafkaUnavailableError,
  RecordTooLargeError,
} from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const inside = createRequire(import.meta.url)
const Broker = inside('kafkajs/src/broker/index.js')
const { KafkaJSRequestTimeoutError } = inside('kafkajs/src/errors.js')

const { log } = createContext('test', 'silent')
const brokers = inject('bootstrap')
const kafka = testKafka(brokers, log)
const record = (topic: string, value: string) => ({ topic, key: value, value })
/** Nothing listens on port 1. */
const nowhere = { brokers: '127.0.0.1:1', clientId: 'test', log }

describe('a batching producer', () => {
  it('resolves each send once it is written, and keeps their order', async () => {
    const topic = await kafka.topic('batch')
    const producer = batchingProducer({ brokers, clientId: 'test', log }, { maxBatch: 7 })
    const values = Array.from({ length: 100 }, (_, index) => String(index))
    await Promise.all(values.map(value => producer.send(record(topic, value))))
    expect((await kafka.readAll(topic)).map(({ value }) => value.toString())).toEqual(values)
    await producer.stop()
  })

  it('says so when Kafka is away', async () => {
    const producer = batchingProducer(nowhere)
    await expect(producer.send(record('any', 'x'))).rejects.toThrow(KafkaUnavailableError)
    await producer.stop()
  })

  it('takes no more than it may keep', async () => {
    const producer = batchingProducer(nowhere, { maxQueued: 2 })
    const sends = ['a', 'b', 'c'].map(value => producer.send(record('any', value)))
    const reasons = await Promise.allSettled(sends)
    expect(reasons.map(each => each.status === 'rejected' && each.reason.constructor)).toEqual([
      KafkaUnavailableError,
      KafkaUnavailableError,
      BacklogFullError,
    ])
    await producer.stop()
  })

  it.each([
    [true, []],
    [false, ['b', 'c']],
  ])(
    'what waits behind a record that is not taken is refused where it is to keep their order: %s',
    async (keepOrder, written) => {
      const topic = await kafka.topic('order')
      const settings = { maxBatch: 1, keepOrder, timeoutMs: 20_000 }
      const producer = batchingProducer({ brokers, clientId: 'test', log }, settings)
      const first = producer.send(record(`no-${topic}`, 'a'))
      const others = ['b', 'c'].map(value => producer.send(record(topic, value)))
      await expect(first).rejects.toThrow(KafkaUnavailableError)
      const results = await Promise.allSettled(others)
      expect(results.map(({ status }) => status === 'fulfilled')).toEqual([!keepOrder, !keepOrder])
      await producer.send(record(topic, 'd'))
      expect((await kafka.readAll(topic)).map(({ value }) => value.toString())).toEqual([...written, 'd'])
      await producer.stop()
    },
  )

  it('writes what still waits when it is stopped', async () => {
    const topic = await kafka.topic('stop')
    const producer = batchingProducer({ brokers, clientId: 'test', log })
    const sent = producer.send(record(topic, 'last'))
    await producer.stop()
    await sent
    expect(await kafka.readAll(topic)).toHaveLength(1)
  })

  it('leaves the processor alone while there is nothing to write', async () => {
    const topic = await kafka.topic('idle')
    const producer = batchingProducer({ brokers, clientId: 'test', log })
    await producer.send(record(topic, 'first'))
    const timers = vi.spyOn(globalThis, 'setTimeout')
    // Each turn of kafkajs's own loop, where there is one, takes a millisecond.
    for (let turn = 0; turn < 100; turn++) await new Promise(resolve => setTimeout(resolve, 2))
    const ofOthers = timers.mock.calls.length - 100
    timers.mockRestore()
    await producer.stop()
    expect(ofOthers).toBeLessThan(20)
  })
})

describe('an idempotent producer', () => {
  const started = (settings = {}) => {
    const producer = batchingProducer({ brokers, clientId: 'test', log }, { idempotent: true, ...settings })
    onTestFinished(producer.stop)
    return producer
  }
  const valuesIn = async (topic: string) => (await kafka.readAll(topic)).map(({ value }) => value.toString())

  /** What happens to the next requests to write, in their order; those that come after are left alone. */
  function nextProduces(...does: ((produce: () => Promise<unknown>) => Promise<unknown>)[]) {
    const { produce } = Broker.prototype
    const spy = vi.spyOn(Broker.prototype, 'produce').mockImplementation(function (this: unknown, ...args) {
      const really = () => produce.apply(this, args)
      return does.shift()?.(really) ?? really()
    })
    onTestFinished(() => spy.mockRestore())
  }
  const silence = () => Promise.reject(new KafkaJSRequestTimeoutError('timed out'))
  const answerIsLost = (produce: () => Promise<unknown>) => produce().then(silence)

  it('writes a record once whose acknowledgement was lost, and says that it is written', async () => {
    const topic = await kafka.topic('lost-answer')
    const producer = started()
    nextProduces(answerIsLost, answerIsLost)
    await producer.send(record(topic, 'first'))
    await producer.send(record(topic, 'second'))
    expect(await valuesIn(topic)).toEqual(['first', 'second'])
  })

  it.each([
    ['was never written', silence],
    ['was written all the same', answerIsLost],
  ])('goes on after it gave up a record that %s', async (_what, happens) => {
    const topic = await kafka.topic('given-up')
    const producer = started()
    await producer.send(record(topic, 'before'))
    nextProduces(happens, happens, happens, happens)
    await expect(producer.send(record(topic, 'given up'))).rejects.toThrow(KafkaUnavailableError)
    for (const value of ['after', 'later']) await producer.send(record(topic, value))
    const written =
      happens === silence ? ['before', 'after', 'later'] : ['before', 'given up', 'after', 'later']
    expect(await valuesIn(topic)).toEqual(written)
  })

  it('goes on after records that took too long, others among them', async () => {
    const topic = await kafka.topic('too-late')
    const producer = started({ timeoutMs: 300 })
    await producer.send(record(topic, 'before'))
    const goesOn = Promise.withResolvers<void>()
    nextProduces(produce => goesOn.promise.then(produce).then(silence), silence, silence, silence)
    const sends = await Promise.allSettled(['a', 'b'].map(value => producer.send(record(topic, value))))
    expect(sends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const late = producer.send(record(topic, 'late')).catch(() => 'rejected')
    goesOn.resolve()
    await late
    await vi.waitFor(() => producer.send(record(topic, 'after')), 10_000)
    expect((await valuesIn(topic)).filter(value => value !== 'late')).toEqual(['before', 'a', 'b', 'after'])
  })

  it('goes on after its numbers were not what the broker expected', async () => {
    const topic = await kafka.topic('out-of-order')
    const producer = started()
    await producer.send(record(topic, 'before'))
    const { produce } = Broker.prototype
    const spy = vi.spyOn(Broker.prototype, 'produce').mockImplementationOnce(function (
      this: unknown,
      request,
    ) {
      for (const { partitions } of (request as { topicData: { partitions: { firstSequence: number }[] }[] })
        .topicData)
        for (const batch of partitions) batch.firstSequence += 7
      return produce.call(this, request)
    })
    onTestFinished(() => spy.mockRestore())
    const failure = await producer.send(record(topic, 'lost')).catch(error => error)
    expect(failure.cause.type).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    for (const value of ['after', 'later']) await producer.send(record(topic, value))
    expect(await valuesIn(topic)).toEqual(['before', 'after', 'later'])
  })

  it('goes on after records that were too large, with those that came with them', async () => {
    const topic = await kafka.topic('too-large', 1, 10_000)
    const producer = started()
    const large = { topic, key: 'large', value: 'x'.repeat(20_000) }
    await producer.send(record(topic, 'before'))
    const sends = [record(topic, 'a'), large, record(topic, 'b')].map(each => producer.send(each))
    const [a, refused, b] = await Promise.allSettled(sends)
    expect([a?.status, b?.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(RecordTooLargeError) })
    await producer.send(record(topic, 'after'))
    expect(await valuesIn(topic)).toEqual(['before', 'a', 'b', 'after'])
  })

  it('may begin before Kafka does, and outlives it', async () => {
    const broker = await ownBroker()
    const own = testKafka(broker.bootstrap, log)
    const topic = await own.topic('restarted')
    await broker.kill()
    const producer = batchingProducer(
      { brokers: broker.bootstrap, clientId: 'test', log },
      { idempotent: true },
    )
    onTestFinished(producer.stop)
    const isSent = (value: string) => producer.send(record(topic, value))
    await expect(isSent('too early')).rejects.toThrow(KafkaUnavailableError)
    await broker.comeBack()
    await vi.waitFor(() => isSent('one'), 30_000)
    await broker.kill()
    await expect(isSent('away')).rejects.toThrow(KafkaUnavailableError)
    await broker.comeBack()
    await vi.waitFor(() => isSent('two'), 30_000)
    await isSent('three')
    const values = (await own.readAll(topic)).map(({ value }) => value.toString())
    expect(new Set(values)).toEqual(new Set(['one', 'two', 'three']))
  }, 90_000)
})
