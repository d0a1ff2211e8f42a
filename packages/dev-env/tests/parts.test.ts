import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from 'kafka-restaurants-dev-env/paths'
import { localUrl, type Part } from 'kafka-restaurants-dev-env/platform/parts'
import { startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { expect, onTestFinished, test } from 'vitest'

/** All that is to be said of a service. */
const toy = (GREETING: string): Part => ({
  ports: { http: 5990, metrics: 5991 },
  env: (_around, file) => ({ GREETING, OWN_FILE: file('toy.json') }),
  folder: 'packages/dev-env/tests/toy',
})

async function start(greeting: string) {
  const dataDir = mkdtempSync(join(cacheDir, 'test-parts-'))
  const portOffset = await freeOffset()
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const parts = { toy: toy(greeting) }
  return { portOffset, platform: await startPlatform({ dataDir, portOffset, parts, site: false }) }
}

test('an entry in the table is a service that is started with the platform, watched, and ended with it', async () => {
  const { platform, portOffset } = await start('hello')
  onTestFinished(platform.kill)
  const port = 5990 + portOffset
  const url = localUrl(port)
  expect(platform.services).toEqual([{ name: 'toy', port, says: `${url}/health` }])
  expect(await (await fetch(`${url}/greeting`)).json()).toBe('hello')
  const { pid = 0 } = platform.processes.get('toy') ?? {}
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => platform.processes.get('toy')?.restarted, { timeout: 20_000 }).toBe(1)
  await platform.stop()
  await expect(fetch(`${url}/greeting`)).rejects.toThrow()
})

test('its environment is read before anything starts', async () => {
  await expect(start('hi')).rejects.toThrow(/The environment can't be used.*\n.*GREETING/)
})
