import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { expect, test } from 'vitest'
import { guaranteesFile, pointAtLines } from './guarantees.ts'

const text = readFileSync(guaranteesFile, 'utf8')

test('every line that the guarantees quote is there', () => {
  expect(pointAtLines(text).lost).toEqual([])
  expect(text.match(/#L\d+\)/g)?.length).toBeGreaterThan(20)
})

test('a quote that is nowhere is told', () => {
  expect(pointAtLines('[`no such words`](../package.json#L1)').lost).toEqual(['package.json: no such words'])
})

test('every file that the guarantees link to is there', () => {
  const files = [...text.matchAll(/\]\(\.\.\/([^)#]+)/g)].map(([, file = '']) => file)
  expect(files.filter(file => !existsSync(resolve(root, file)))).toEqual([])
})
