import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findLab } from './lab.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function labIn(place: string): string {
  const lab = join(folder, place)
  mkdirSync(join(lab, 'k8s'), { recursive: true })
  writeFileSync(join(lab, 'k8s/build.sh'), '')
  return lab
}

test('the lab lies in a folder that the project lies in, however deep', () => {
  const lab = labIn('shared/lab')
  expect(findLab({}, join(folder, 'work/main'))).toBe(lab)
})

test('LAB says where another is', () => {
  labIn('shared/lab')
  const other = labIn('elsewhere')
  expect(findLab({ LAB: other }, join(folder, 'main'))).toBe(other)
})

test('a LAB without a lab is told, and none is looked for', () => {
  labIn('shared/lab')
  expect(() => findLab({ LAB: folder }, join(folder, 'main'))).toThrow('no k8s/build.sh in it')
})
