import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from 'kafka-restaurants-service/command'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDataDir, lockHolder } from './lock.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

test('two platforms cannot run on one folder', () => {
  const lock = lockDataDir(dataDir)
  expect(() => lockDataDir(dataDir)).toThrow(`A platform already runs on ${dataDir} (process ${process.pid})`)
  lock.release()
  expect(lockHolder(dataDir)).toBeUndefined()
  lockDataDir(dataDir).release()
})

test('the lock of a killed platform is taken over', () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  writeFileSync(join(dataDir, 'platform.pid'), String(pid))
  expect(lockHolder(dataDir)).toBeUndefined()
  const lock = lockDataDir(dataDir)
  expect(lock.takenOver).toBe(true)
  expect(lockHolder(dataDir)).toBe(process.pid)
  lock.release()
})

test('who holds the lock is told when its folder is deleted, and takes no other lock away', async () => {
  const lock = lockDataDir(dataDir)
  rmSync(dataDir, { recursive: true })
  await lock.gone
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, 'platform.pid'), 'another')
  lock.release()
  expect(readFileSync(join(dataDir, 'platform.pid'), 'utf8')).toBe('another')
})

test('a folder that can be no folder is refused in words', () => {
  const file = join(dataDir, 'file')
  writeFileSync(file, '')
  const refusal = (folder: string) => {
    try {
      lockDataDir(folder).release()
    } catch (error) {
      return error
    }
  }
  expect(refusal(file)).toEqual(new UsageError(`DATA_DIR ${file} can't be used: it is a file.`))
  expect(refusal(join(file, 'below'))).toEqual(
    new UsageError(`DATA_DIR ${join(file, 'below')} can't be used: a part of the path is a file.`),
  )
  expect(refusal(join(dataDir, 'a,b'))).toEqual(
    new UsageError(`DATA_DIR ${join(dataDir, 'a,b')} can't be used: it holds a comma.`),
  )
})

// Root may write anywhere but on what is mounted read-only.
test.skipIf(process.platform !== 'linux')('a folder that may not be written is refused in words', () => {
  expect(() => lockDataDir('/sys/kernel')).toThrow(/^DATA_DIR \/sys\/kernel can't be used: .*\.$/)
  expect(() => lockDataDir('/proc/none')).toThrow(/^DATA_DIR \/proc\/none can't be used: .*\.$/)
})
