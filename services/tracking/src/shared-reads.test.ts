import { expect, it } from 'vitest'
import { sharedReads } from './shared-reads.ts'

it('reads once for all who ask meanwhile, and anew for who asks after a change', async () => {
  const reads: PromiseWithResolvers<number>[] = []
  const find = sharedReads(() => {
    reads.push(Promise.withResolvers())
    return reads.at(-1)?.promise ?? Promise.reject(new Error('none'))
  })
  const [one, two] = [find('a'), find('a')]
  expect(reads).toHaveLength(1)
  find.forget('a')
  const after = find('a')
  expect(reads).toHaveLength(2)
  reads[0]?.resolve(1)
  expect(await Promise.all([one, two])).toEqual([1, 1])
  // The end of the old one is not the end of the new one.
  const beside = find('a')
  expect(reads).toHaveLength(2)
  reads[1]?.resolve(2)
  expect(await Promise.all([after, beside])).toEqual([2, 2])
  const failing = find('a')
  reads[2]?.reject(new Error('away'))
  await expect(failing).rejects.toThrow('away')
  void find('a')
  expect(reads).toHaveLength(4)
})
