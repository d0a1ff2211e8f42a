import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { spawnLogged } from '../child.ts'
import { waitUntil } from '../wait-until.ts'
import { testRun } from './run.ts'

test.skipIf(process.platform === 'win32')(
  'the end of a run ends its processes, waits for one that may not be cut off, and leaves no data',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'run-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const run = testRun()
    const sh = (text: string, log: string) =>
      spawnLogged({ command: 'sh', args: ['-c', text], cwd: folder }, join(folder, log))
    const cut = sh('touch begun; exec sleep 600', 'cut.log')
    run.watch(cut)
    const whole = sh('while [ ! -e go ]; do sleep 0.05; done; touch done', 'whole.log')
    run.watch(whole, true)
    await waitUntil('the first has begun', 10_000, () => existsSync(join(folder, 'begun')))
    const ended = run.end()
    expect((await cut.exited).reason).toBe('SIGTERM')
    expect(whole.exit).toBeUndefined()
    sh('touch go', 'go.log')
    await ended
    expect(existsSync(join(folder, 'done'))).toBe(true)
    expect(existsSync(run.dataDir)).toBe(false)
  },
)
