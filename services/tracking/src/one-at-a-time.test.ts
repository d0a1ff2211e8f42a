import { expect, it } from 'vitest'
import { oneAtATime } from './one-at-a-time.ts'

it('does once more what is asked for while it is done, however often, and keys apart', async () => {
  const begun: string[] = []
  const gates: (() => void)[] = []
  const act = oneAtATime(key => {
    begun.push(key)
    return new Promise(resolve => gates.push(resolve))
  })
  const first = act('a')
  await Promise.all([act('a'), act('a')])
  const other = act('b')
  expect(begun).toEqual(['a', 'b'])
  gates[0]?.()
  gates[1]?.()
  await other
  expect(begun).toEqual(['a', 'b', 'a'])
  gates[2]?.()
  await first
  void act('a')
  expect(begun).toEqual(['a', 'b', 'a', 'a'])
})

it('can be asked again after a failure', async () => {
  let times = 0
  const act = oneAtATime(async () => {
    times += 1
    if (times === 1) throw new Error('away')
  })
  await expect(act('a')).rejects.toThrow('away')
  await act('a')
  expect(times).toBe(2)
})
