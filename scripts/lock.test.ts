import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDataDir, lockHolder } from './lock.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

test('two platforms cannot run on one folder', () => {
  const unlock = lockDataDir(dataDir)
  expect(() => lockDataDir(dataDir)).toThrow(`A platform already runs on ${dataDir} (process ${process.pid})`)
  unlock()
  expect(lockHolder(dataDir)).toBeUndefined()
  lockDataDir(dataDir)()
})

test('the lock of a killed platform is taken over', () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  writeFileSync(join(dataDir, 'platform.pid'), String(pid))
  expect(lockHolder(dataDir)).toBeUndefined()
  lockDataDir(dataDir)
  expect(lockHolder(dataDir)).toBe(process.pid)
})
