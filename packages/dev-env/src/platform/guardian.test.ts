import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { lives } from '../testing/processes.ts'
import { waitUntil } from '../wait-until.ts'

test.skipIf(process.platform === 'win32').each([
  ['no process', ''],
  ['not even one that ignores SIGTERM', "process.on('SIGTERM', () => {}); "],
])('%s outlives a platform that was killed with -9', async (_, first) => {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-'))
  const from = (file: string) => JSON.stringify(resolve(import.meta.dirname, file))
  const platform = `
    import { spawnLogged } from ${from('../child.ts')}
    import { startGuardian } from ${from('guardian.ts')}
    import { waitUntil } from ${from('../wait-until.ts')}
    const args = ['-e', ${JSON.stringify(`${first}console.log('here'); setInterval(() => {}, 1000)`)}]
    const child = startGuardian(1).watch(spawnLogged({ command: process.execPath, args }, 'child.log'))
    await waitUntil('the child', 10_000, () => child.lastLines().includes('here'))
    process.stdout.write(String(child.pid), () => process.kill(process.pid, 'SIGKILL'))`
  const args = ['--input-type=module', '-e', platform]
  const { stdout, signal } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  expect(signal).toBe('SIGKILL')
  const pid = Number(stdout)
  expect(pid).toBeGreaterThan(1)
  await waitUntil('its child has ended', 10_000, () => !lives(pid))
  rmSync(folder, { recursive: true })
})
