import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { exactlyOnceWorker } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import type { TestProject } from 'vitest/node'
import { signalGroup } from '../child.ts'
import { startBroker } from '../kafka/broker.ts'
import { cacheDir } from '../paths.ts'
import { startGuardian } from '../platform/guardian.ts'
import { freePort } from '../ports.ts'
import { waitUntil } from '../wait-until.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the one broker of all integration tests answers, such as `localhost:40123`. Each test makes its own topics. */
    bootstrap: string
  }
}

/** Vitest's global setup of the integration tests: one broker on a free port, with data of its own, gone afterwards. */
export default async function brokerForTests(project: TestProject): Promise<() => Promise<void>> {
  mkdirSync(cacheDir, { recursive: true })
  const dataDir = mkdtempSync(join(process.env.TEST_DATA_DIR || cacheDir, 'test-broker-'))
  const guardian = startGuardian()
  const [port, controllerPort] = [await freePort(), await freePort()]
  const broker = await startBroker({
    dataDir,
    port,
    controllerPort,
    progress: console.log,
    watch: guardian.watch,
  })
  guardian.watch(broker)
  const removeAll = () => {
    signalGroup(broker.pid, 'SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
  }
  process.once('exit', removeAll) // Ctrl-C ends vitest without calling the teardown
  await makeInternalTopics(broker.bootstrap)
  project.provide('bootstrap', broker.bootstrap)
  return async () => {
    process.off('exit', removeAll)
    await broker.kill()
    guardian.dismiss()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/**
 * Kafka makes the topics that hold offsets and transactions at their first use, which takes seconds on a busy machine.
 * No test's deadline is to pay for that.
 */
async function makeInternalTopics(brokers: string): Promise<void> {
  const { log, metrics } = createContext('test', 'silent')
  const worker = exactlyOnceWorker({
    kafka: { brokers, clientId: 'test', log },
    group: 'first-use',
    inputs: [await testKafka(brokers, log).topic('first-use')],
    handle: async () => [],
    metrics,
  })
  await worker.start()
  await waitUntil('the first consumer group', 60_000, () => worker.notReady().length === 0)
  await worker.stop()
}
