import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { slots } from './slots.ts'

it('runs as many at once as there are slots, in their order, and each group by itself', async () => {
  const within = slots(2)
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const run = (group: number, name: string) =>
    within(group, () => {
      begun.push(name)
      return new Promise<void>(resolve => ends.set(name, resolve))
    })
  const all = [run(0, 'a'), run(0, 'b'), run(0, 'c'), run(0, 'd'), run(1, 'e')]
  expect(begun).toEqual(['a', 'b', 'e'])
  ends.get('b')?.()
  await setImmediate()
  expect(begun).toEqual(['a', 'b', 'e', 'c'])
  ends.get('a')?.()
  await setImmediate()
  for (const end of ends.values()) end()
  await Promise.all(all)
  expect(begun).toEqual(['a', 'b', 'e', 'c', 'd'])
})

it('frees the slot of work that fails', async () => {
  const within = slots(1)
  await expect(within(0, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await within(0, async () => 'yes')).toBe('yes')
})
