import { expect, it } from 'vitest'
import { steadyPartitioner } from './partitioner.ts'

const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 1,
  replicas: [1],
  isr: [1],
  offlineReplicas: [],
}))
const partitioner = steadyPartitioner()
const place = (message: { key: string | null; value: string; partition?: number }) =>
  partitioner({ topic: 'any', partitionMetadata, message })

it('a record without a key goes to the same partition at each try', () => {
  const records = Array.from({ length: 50 }, () => ({ key: null, value: 'same' }))
  const first = records.map(place)
  expect(records.map(place)).toEqual(first)
  expect(records.toReversed().map(place)).toEqual(first.toReversed())
  expect(new Set(first).size).toBeGreaterThan(1)
})

it('records of one key go to one partition', () => {
  expect(place({ key: 'olive-and-thyme', value: 'a' })).toBe(place({ key: 'olive-and-thyme', value: 'b' }))
})

it('a record that says where it belongs goes there, whatever its key', () => {
  expect([0, 7].map(partition => place({ key: 'olive-and-thyme', value: 'a', partition }))).toEqual([0, 7])
})

// The hashes that Kafka's own UtilsTest has.
it.each([
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['a-little-bit-longer-string', -1_486_304_829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
  ['abc', 479_470_107],
])('a record of the key %s goes to the partition of the Java client', (key, hash) => {
  expect(place({ key, value: '' })).toBe((hash & 0x7f_ff_ff_ff) % 12)
})

it('a key of a megabyte is placed as soon as any other', () => {
  const startedAt = performance.now()
  for (let turn = 0; turn < 10; turn++) place({ key: 'x'.repeat(1_000_000 + turn), value: '' })
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})
