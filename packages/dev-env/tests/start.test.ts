import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kafkaAnswers } from 'kafka-restaurants-dev-env/kafka/answers'
import { type BrokerOptions, startBroker } from 'kafka-restaurants-dev-env/kafka/broker'
import { kafkaVersion } from 'kafka-restaurants-dev-env/kafka/fetch'
import { cacheDir } from 'kafka-restaurants-dev-env/paths'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { kafkaClient, testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { afterAll, beforeAll, expect, test } from 'vitest'

let place: BrokerOptions

beforeAll(async () => {
  const dataDir = mkdtempSync(join(cacheDir, 'test-start-'))
  place = { dataDir, port: await freePort(), controllerPort: await freePort() }
})
afterAll(() => rmSync(place.dataDir, { recursive: true, force: true }))

test('a broker killed with -9 starts again on its data', async () => {
  const first = await startBroker(place)
  await first.kill()
  expect(await kafkaAnswers(place.port)).toBe(false)

  await using second = await started()
  expect(await kafkaAnswers(place.port)).toBe(true)
  expect(second.broker.bootstrap).toBe(`localhost:${place.port}`)
})

test('a transaction whose time was up while the broker was dead is ended when it is back', async () => {
  const broker = await ownBroker()
  const { log } = createContext('test', 'silent')
  const kafka = testKafka(broker.bootstrap, log)
  const topic = await kafka.topic('in')
  const client = kafkaClient({ brokers: broker.bootstrap, clientId: 'test', log })
  const producer = client.producer({ transactionalId: topic, transactionTimeout: 1_000 })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic, messages: [{ value: 'in a transaction' }] })
  await broker.kill()
  await producer.disconnect()
  await broker.comeBack()
  await kafka.write({ topic, key: null, value: 'after it' })
  expect((await kafka.read(topic, 1)).map(({ value }) => String(value))).toEqual(['after it'])
})

test('data of a later Kafka are told, and left as they are', async () => {
  writeFileSync(join(place.dataDir, 'storage.version'), '999.0.0')
  await expect(startBroker(place)).rejects.toThrow(
    /^Kafka 999.0.0 has made .*storage, and \d.* can't read it/,
  )
  rmSync(join(place.dataDir, 'storage.version'))
  await expect(startBroker(place)).rejects.toThrow('Kafka 4.3.1 has made')
  writeFileSync(join(place.dataDir, 'storage.version'), kafkaVersion)
  expect(existsSync(join(place.dataDir, 'storage'))).toBe(true)
})

test('a taken port is named before Kafka starts', async () => {
  await using _broker = await started()
  await expect(startBroker(place)).rejects.toThrow(
    new RegExp(`^Ports ${place.port} \\(Kafka, by java \\(process \\d+\\)\\), .* are in use already\\.$`),
  )
})

async function started() {
  const broker = await startBroker(place)
  return { broker, [Symbol.asyncDispose]: broker.kill }
}
