import { randomUUID } from 'node:crypto'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, it, vi } from 'vitest'
import {
  atLeastOnceWorker,
  batchingProducer,
  exactlyOnceWorker,
  KafkaUnavailableError,
} from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const { log } = createContext('test', process.env.TEST_LOG_LEVEL ?? 'silent')

describe('while the broker is killed and comes back', () => {
  it('workers stay, take up where they were, and repeat nothing that was committed', async () => {
    const broker = await ownBroker()
    const kafka = testKafka(broker.bootstrap, log)
    const [input, output] = [await kafka.topic('in', 3), await kafka.topic('out', 3)]
    const connection = { brokers: broker.bootstrap, clientId: 'away-test', log }
    const mails: string[] = []
    const mailGroup = randomUUID()
    const { metrics } = createContext('test', process.env.TEST_LOG_LEVEL ?? 'silent')
    const first = exactlyOnceWorker({
      kafka: connection,
      group: randomUUID(),
      inputs: [input],
      handle: async ({ key, value }) => [{ topic: output, key, value }],
      metrics,
    })
    const second = atLeastOnceWorker({
      kafka: connection,
      group: mailGroup,
      inputs: [output],
      handle: async ({ value }) => {
        mails.push(value.toString())
        return []
      },
      metrics: createContext('test', 'silent').metrics,
    })
    const crashes: unknown[] = []
    for (const worker of [first, second]) {
      worker.crashed.catch(error => crashes.push(error))
      await worker.start()
    }
    const producer = batchingProducer(connection)
    const send = (value: string) => producer.send({ topic: input, key: value, value })
    await Promise.all(['a', 'b', 'c'].map(send))
    await vi.waitFor(() => expect(mails.toSorted()).toEqual(['a', 'b', 'c']), 20_000)
    await vi.waitFor(async () => expect(await kafka.lag(mailGroup, output)).toBe(0), 20_000)

    await broker.kill()
    await expect(send('while away')).rejects.toThrow(KafkaUnavailableError)
    await broker.comeBack()
    await vi.waitFor(() => send('d'), { timeout: 20_000, interval: 200 })

    await vi.waitFor(() => expect(mails).toContain('d'), 60_000)
    expect(mails.filter(mail => 'abc'.includes(mail)).toSorted()).toEqual(['a', 'b', 'c'])
    expect(crashes).toEqual([])
    await vi.waitFor(() => expect([...first.notReady(), ...second.notReady()]).toEqual([]), 20_000)
    await Promise.all([first.stop(), second.stop(), producer.stop()])
  }, 120_000)
  it('a worker that is stopped just after commits what it did while the broker was dead', async () => {
    const broker = await ownBroker()
    const kafka = testKafka(broker.bootstrap, log)
    const topic = await kafka.topic('in')
    const group = randomUUID()
    const handled: string[] = []
    const [inHand, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const begin = async () => {
      const worker = atLeastOnceWorker({
        kafka: { brokers: broker.bootstrap, clientId: 'away-test', log },
        group,
        inputs: [topic],
        handle: async ({ value }) => {
          handled.push(value.toString())
          inHand.resolve()
          await release.promise
          return []
        },
        metrics: createContext('test', 'silent').metrics,
      })
      await worker.start()
      return worker
    }
    const mails = Array.from({ length: 10 }, (_, index) => String(index))
    await kafka.write(...mails.map(value => ({ topic, key: value, value })))
    const first = await begin()
    await inHand.promise
    await broker.kill()
    release.resolve()
    await vi.waitFor(() => expect(first.outages().join()).toMatch(/waits after try/), 30_000)
    await broker.comeBack()
    await first.stop()
    await kafka.write({ topic, key: 'last', value: 'last' })
    const second = await begin()
    await vi.waitFor(() => expect(handled).toContain('last'), 60_000)
    await second.stop()
    expect(handled.toSorted()).toEqual([...mails, 'last'])
  }, 120_000)
})
