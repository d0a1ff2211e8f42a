import { createContext } from 'kafka-restaurants-service'
import { describe, expect, inject, it, vi } from 'vitest'
import { BacklogFullError, batchingProducer, KafkaUnavailableError } from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

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
