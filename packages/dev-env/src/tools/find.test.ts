import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findTool, goDir, searchPath } from './find.ts'

test('what is on the PATH is found, if it is a program; what npm test got goes before, and folders of servers behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'find-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a-tool'), '')
  mkdirSync(join(folder, 'a-folder'))
  const env = { PATH: folder }
  expect(findTool('a-tool', env)).toBeUndefined()
  chmodSync(join(folder, 'a-tool'), 0o755)
  expect(findTool('a-tool', env)).toBe(join(folder, 'a-tool'))
  expect(findTool('a-folder', env)).toBeUndefined()
  const places = searchPath(env).split(delimiter)
  expect(places.indexOf(goDir)).toBeLessThan(places.indexOf(folder))
  expect(places.indexOf(folder)).toBeLessThan(places.indexOf('/usr/sbin'))
})
