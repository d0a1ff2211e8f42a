import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startBroker } from '../../../scripts/kafka/broker.ts'
import { cacheDir } from '../../../scripts/paths.ts'
import { freePort } from '../../../scripts/ports.ts'
import {
  atLeastOnceWorker,
  batchingProducer,
  exactlyOnceWorker,
  KafkaUnavailableError,
} from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const { log } = createContext('test', 'silent')

/** A broker of its own, to be killed: the shared one has other guests. */
async function ownBroker() {
  mkdirSync(cacheDir, { recursive: true })
  const dataDir = mkdtempSync(join(cacheDir, 'test-away-'))
  const place = { dataDir, port: await freePort(), controllerPort: await freePort(), progress: () => {} }
  let broker = await startBroker(place)
  onTestFinished(async () => {
    await broker.kill()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return {
    bootstrap: broker.bootstrap,
    kill: () => broker.kill(),
    comeBack: async () => {
      broker = await startBroker(place)
    },
  }
}

describe('while the broker is killed and comes back', () => {
  it('workers stay, take up where they were, and repeat nothing that was committed', async () => {
    const broker = await ownBroker()
    const kafka = testKafka(broker.bootstrap, log)
    const [input, output] = [await kafka.topic('in', 3), await kafka.topic('out', 3)]
    const connection = { brokers: broker.bootstrap, clientId: 'away-test', log }
    const mails: string[] = []
    const mailGroup = randomUUID()
    const { metrics } = createContext('test', 'silent')
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
})
