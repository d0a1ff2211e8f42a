import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { spawnLogged } from './child.ts'
import { lives, withWorker } from './testing/processes.ts'
import { waitUntil } from './wait-until.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'child-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const node = (script: string) => ({ command: process.execPath, args: ['-e', script] })

test.skipIf(process.platform === 'win32')(
  'what a killed process leaves is ended before it counts as gone',
  async () => {
    const logFile = join(folder, 'log')
    const child = spawnLogged(node(withWorker()), logFile)
    const worker = Number(await waitUntil('its worker', 10_000, () => readFileSync(logFile, 'utf8').trim()))
    expect(lives(worker)).toBe(true)
    process.kill(child.pid, 'SIGKILL') // it alone, not its group
    expect(await child.exited).toEqual({ code: null, reason: 'SIGKILL' })
    expect(lives(worker)).toBe(false)
  },
)

test.skipIf(process.platform === 'win32')('a stop ends what outlives its parent, too', async () => {
  const logFile = join(folder, 'log')
  const child = spawnLogged(
    node(withWorker("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)")),
    logFile,
  )
  const worker = Number(await waitUntil('its worker', 10_000, () => readFileSync(logFile, 'utf8').trim()))
  await child.stop(5_000)
  expect(lives(worker)).toBe(false)
})

test('the end of a log holds nothing of earlier runs', async () => {
  const logFile = join(folder, 'log')
  await spawnLogged(node("console.log('the first run')"), logFile).exited
  const second = spawnLogged(node("console.log('the second'); console.log('run')"), logFile)
  await second.exited
  expect(readFileSync(logFile, 'utf8')).toBe('the first run\nthe second\nrun\n')
  expect(second.lastLines()).toBe('    the second\n    run')
  expect(second.lastLines(1)).toBe('    run')
})
