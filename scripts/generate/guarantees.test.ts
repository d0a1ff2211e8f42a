import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { expect, test } from 'vitest'
import { guaranteesFile, pointAtLines } from './guarantees.ts'

const text = readFileSync(guaranteesFile, 'utf8')

test('the guarantees quote lines of code, each of which is where they say', () => {
  expect(text.match(/#L\d+\)/g)?.length).toBeGreaterThan(20)
  expect(pointAtLines(text)).toBe(text)
})

test('a quote that is nowhere is told', () => {
  expect(() => pointAtLines('[`no such words`](../package.json#L1)')).toThrow('package.json: no such words')
})

test('every file that the guarantees link to is there', () => {
  const files = [...text.matchAll(/\]\(\.\.\/([^)#]+)/g)].map(([, file = '']) => file)
  expect(files.filter(file => !existsSync(resolve(root, file)))).toEqual([])
})
