import { describe, expect, it } from 'vitest'
import { commitOf, isDone } from '../progress.ts'
import { progressOver } from './settle.ts'

describe('the progress over the records of a partition', () => {
  const records = [10n, 12n, 14n, 16n]

  it('counts a control record to the record before it', () => {
    expect(progressOver(records, 18n, new Set([10n, 12n]))).toEqual({ seenTo: 14n, open: [] })
    expect(progressOver(records, 18n, new Set([12n, 14n]))).toEqual({ seenTo: 16n, open: [[10n, 12n]] })
    expect(progressOver(records, 18n, new Set([16n]))).toEqual({ seenTo: 18n, open: [[10n, 16n]] })
    expect(progressOver(records, 18n, new Set(records))).toEqual({ seenTo: 18n, open: [] })
  })

  it('stays open from the first record on where nothing is done', () => {
    expect(progressOver(records, 18n, new Set())).toEqual({ seenTo: 10n, open: [] })
    expect(progressOver([], 18n, new Set())).toEqual({ seenTo: 18n, open: [] })
  })

  it('needs few bytes for a thousand records that are done in one go', () => {
    const many = Array.from({ length: 1_002 }, (_, index) => BigInt(2 * index))
    const progress = progressOver(many, 2_004n, new Set(many.slice(1, -1)))
    expect(commitOf(progress)).toEqual({ offset: '0', metadata: 'o2d2000' })
    expect(many.filter(offset => !isDone(progress, offset))).toEqual([0n, 2_002n])
  })
})
