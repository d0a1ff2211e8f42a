import { describe, expect, it } from 'vitest'
import { type Look, pipelineOf, recent } from './pipeline.ts'

const look = (at: number, order: number): Look => ({ at, ends: { order }, groups: [] })

describe('the pipeline', () => {
  it('has no rate by one look, and that of the whole window by several', () => {
    expect(pipelineOf([look(0, 7)]).topics).toEqual([{ name: 'order', perSecond: undefined }])
    expect(pipelineOf([look(0, 7), look(1_000, 8), look(4_000, 21)]).topics).toEqual([
      { name: 'order', perSecond: 3.5 },
    ])
  })
  it('has no rate below nothing where a topic was made anew', () => {
    expect(pipelineOf([look(0, 7), look(1_000, 2)]).topics).toEqual([{ name: 'order', perSecond: 0 }])
  })
  it('forgets looks that are older than its window', () => {
    expect(recent([look(0, 0), look(6_000, 1)], look(6_500, 2)).map(({ at }) => at)).toEqual([6_000, 6_500])
  })
  it('is empty without a look', () => {
    expect(pipelineOf([])).toEqual({ topics: [], groups: [] })
  })
})
