import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { waitUntil } from '../wait-until.ts'

test.skipIf(process.platform === 'win32')(
  'no process outlives a platform that was killed with -9',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guardian-'))
    const from = (file: string) => JSON.stringify(resolve(import.meta.dirname, file))
    const platform = `
    import { spawnLogged } from ${from('../child.ts')}
    import { startGuardian } from ${from('guardian.ts')}
    const command = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] }
    const child = startGuardian('processes.txt').watch(spawnLogged(command, 'child.log'))
    process.stdout.write(String(child.pid), () => process.kill(process.pid, 'SIGKILL'))`
    const args = ['--input-type=module', '-e', platform]
    const { stdout, signal } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    expect(signal).toBe('SIGKILL')
    const pid = Number(stdout)
    expect(pid).toBeGreaterThan(1)
    await waitUntil('its child has ended', 5_000, () => !lives(pid))
    rmSync(folder, { recursive: true })
  },
)

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
