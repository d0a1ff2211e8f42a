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
const place = (message: { key: string | null; value: string }) =>
  partitioner({ topic: 'any', partitionMetadata, message })

it('a record without a key goes to the same partition at each try', () => {
  const records = Array.from({ length: 50 }, () => ({ key: null, value: 'same' }))
  const first = records.map(place)
  expect(records.map(place)).toEqual(first)
  expect(records.toReversed().map(place)).toEqual(first.toReversed())
  expect(new Set(first).size).toBeGreaterThan(1)
})

it('records of one key go to one partition, that of the Java client', () => {
  expect(place({ key: 'olive-and-thyme', value: 'a' })).toBe(place({ key: 'olive-and-thyme', value: 'b' }))
  expect(place({ key: '21', value: '' })).toBe(((-973_932_308 & 0x7f_ff_ff_ff) >>> 0) % 12)
})
