import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startBroker } from '../kafka/broker.ts'
import type { BrokerPlace } from '../kafka/settings.ts'
import { cacheDir } from '../paths.ts'
import { freePort } from '../ports.ts'

/** A broker for one test, to be killed (-9) and started again on its data, or frozen: the shared one has other guests. */
export async function ownBroker(login?: BrokerPlace['login']) {
  mkdirSync(cacheDir, { recursive: true })
  const dataDir = mkdtempSync(join(cacheDir, 'test-away-'))
  const ports = { port: await freePort(), controllerPort: await freePort() }
  const place = { dataDir, ...ports, login, progress: () => {} }
  let broker = await startBroker(place)
  onTestFinished(async () => {
    await broker.kill()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return {
    bootstrap: broker.bootstrap,
    /** It keeps its connections, and answers nothing until `thaw`. */
    freeze: () => process.kill(broker.pid, 'SIGSTOP'),
    thaw: () => process.kill(broker.pid, 'SIGCONT'),
    kill: () => broker.kill(),
    comeBack: async () => {
      broker = await startBroker(place)
    },
  }
}
