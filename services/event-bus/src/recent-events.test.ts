import { expect, it } from 'vitest'
import { recentEvents } from './recent-events.ts'

const all = () => true
const filled = (count: number, most?: number) => {
  const recent = recentEvents(most)
  for (let n = 1; n <= count; n++) recent.add({ topic: n % 2 ? 'odd' : 'even', payload: n, headers: {} })
  return recent
}
const payloads = (updates: { data: unknown }[]) =>
  updates.map(({ data }) => (data as { payload: number }).payload)

it('gives what came after an id, of those that are asked for', () => {
  const recent = filled(5)
  const [, second] = recent.after('', all)
  expect(payloads(recent.after(second?.id ?? '', all))).toEqual([3, 4, 5])
  expect(payloads(recent.after(second?.id ?? '', topic => topic === 'odd'))).toEqual([3, 5])
  expect(recent.after(recent.newestId(), all)).toEqual([])
})

it.each(['', 'other-3', '-', 'x'])('an id that is not its own, %j, is before all', id => {
  expect(payloads(filled(3).after(id, all))).toEqual([1, 2, 3])
})

it.each(['99', 'x', '-1', '1.5', ''])('one from the future, or that is none, is before all: %j', rest => {
  const recent = filled(3)
  const id = recent.newestId().replace(/\d+$/, rest)
  expect(payloads(recent.after(id, all))).toEqual([1, 2, 3])
})

it('says how many are gone', () => {
  const recent = filled(25, 10)
  const [gap, ...updates] = recent.after('', all)
  expect(gap).toMatchObject({ event: 'gap', data: { missed: 15 } })
  expect(payloads(updates)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25])
  expect(recent.after(gap?.id ?? '', all)).toEqual(updates)
})
