import { expect, it } from 'vitest'
import { readLimits, usualLimits } from './limits.ts'

it('a resource has what the file gives it, and of the rest what all have', () => {
  const limits = readLimits(
    'queueLimit: null\nresources:\n  oven: { semaphoreLimit: 3, leaseMs: 500 }\n  "*": {}\n',
  )
  const usual = { semaphoreLimit: 1, queueLimit: null, leaseMs: null, dedupeMs: 600_000, dedupeLimit: 1_000 }
  expect(limits('oven')).toEqual({ ...usual, semaphoreLimit: 3, leaseMs: 500 })
  expect([limits('*'), limits('any other'), limits('constructor'), limits('__proto__')]).toEqual([
    usual, usual, usual, usual,
  ]) // biome-ignore format: a line
  expect(usualLimits('oven')).toEqual({ ...usual, queueLimit: 5 })
})

it.each([
  ['', 'line 1: the file is empty: it begins with such as "semaphoreLimit: 1"'],
  ['semaphoreLimit: many', 'line 1: semaphoreLimit: '],
  ['semaphoreLimit: 1.5', 'line 1: semaphoreLimit: '],
  ['semaphoreLimit: -1', 'line 1: semaphoreLimit: must be at least 0'],
  ['queueLimit: 9999999999', 'line 1: queueLimit: '],
  ['leaseMs: 0', 'line 1: leaseMs: must be at least 1'],
  ['dedupeMs: 10', 'line 1: dedupeMs: must be at least 1000'],
  ['dedupeMs: null', 'line 1: dedupeMs: '],
  ['queuelimit: 5', 'line 1: queuelimit: unknown key; did you mean queueLimit?'],
  ['resources:\n  - oven', 'line 1: resources: '],
  ['resources:\n  oven:\n    leaseMs: soon', 'line 3: resources.oven.leaseMs: '],
  ['resources:\n  " oven": {}', 'line 2: resources. oven: must have no blanks at its ends'],
  ['a: b: c', 'line 1: has a second ": " in one line: put the value in quotes'],
])('%j is told by line', (text, fault) => {
  expect(() => readLimits(text)).toThrow(fault)
})
