import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { kafkaAnswers } from 'kafka-restaurants-dev-env/kafka/answers'
import { type BrokerOptions, startBroker } from 'kafka-restaurants-dev-env/kafka/broker'
import { cacheDir } from 'kafka-restaurants-dev-env/paths'
import { freePort } from 'kafka-restaurants-dev-env/ports'
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
