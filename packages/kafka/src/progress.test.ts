import { describe, expect, it } from 'vitest'
import { commitOf, isDone, nextOffset, progressOf, rangesOf } from './progress.ts'

describe('the progress of a group', () => {
  it('is one offset where nothing waits', () => {
    expect(commitOf({ seenTo: 42n, open: [] })).toEqual({ offset: '42', metadata: '' })
    expect(progressOf({ offset: '42', metadata: '' })).toMatchObject({ seenTo: 42n, open: [] })
  })

  it('keeps what is done beyond a record that waits, and reads it back', () => {
    const progress = { seenTo: 130n, open: rangesOf([100n, 122n, 121n]) }
    expect(nextOffset(progress)).toBe(100n)
    const commit = commitOf(progress)
    expect(commit).toEqual({ offset: '100', metadata: 'o1d20o2d7' })
    expect(progressOf(commit)).toMatchObject(progress)
    expect(progress.open).toEqual([
      [100n, 101n],
      [121n, 123n],
    ])
    const done = [99n, 101n, 120n, 123n, 129n].map(offset => isDone(progress, offset))
    expect(done).toEqual([true, true, true, true, true])
    const open = [100n, 121n, 122n, 130n].map(offset => isDone(progress, offset))
    expect(open).toEqual([false, false, false, false])
  })

  it('keeps how often open records were tried', () => {
    const tries = new Map([
      [10n, 1],
      [12n, 30],
    ])
    const progress = { seenTo: 20n, open: rangesOf([10n, 11n, 12n, 13n, 17n]), tries }
    const commit = commitOf(progress)
    expect(commit.metadata).toBe('o1x1o1o1x30o1d3o1d2')
    expect(progressOf(commit)).toEqual(progress)
  })

  it('ignores metadata that others wrote, and knows a group that has committed nothing', () => {
    for (const metadata of [null, undefined, 'host-7', 'o1d', 'o1 d2']) {
      expect(progressOf({ offset: '7', metadata })).toMatchObject({ seenTo: 7n, open: [] })
    }
    expect(progressOf({ offset: '-1', metadata: null })).toBeUndefined()
  })
})
