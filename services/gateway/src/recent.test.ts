import { expect, it } from 'vitest'
import { recent } from './recent.ts'

it('remembers the newest half at least, and never more than all', () => {
  const names = recent<number>(100)
  for (let i = 0; i < 1_000; i++) {
    names.set(String(i), i)
    expect(names.size()).toBeLessThanOrEqual(100)
    for (let back = 0; back < Math.min(50, i); back++) expect(names.get(String(i - back))).toBe(i - back)
  }
  expect(names.get('0')).toBeUndefined()
  names.delete('999')
  expect(names.get('999')).toBeUndefined()
})
