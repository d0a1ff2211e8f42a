import { expect, test } from 'vitest'
import { type FaultName, faultNames, makePlan } from './plan.ts'

const seeds = Array.from({ length: 200 }, (_, seed) => seed * 7919)

test('the same seed gives the same plan, another seed another one', () => {
  expect(makePlan(7, 2)).toEqual(makePlan(7, 2))
  expect(makePlan(7, 2)).not.toEqual(makePlan(8, 2))
})

test('two minutes have every fault, whatever the seed', () => {
  for (const seed of seeds) {
    expect(new Set(makePlan(seed, 2).map(({ fault }) => fault))).toEqual(new Set(faultNames))
  }
})

test('faults begin in their order and within the run', () => {
  for (const seed of seeds) {
    const times = makePlan(seed, 1).map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBeGreaterThan(0)
    expect(times.at(-1)).toBeLessThan(60_000)
  }
})

test('a frozen replica stays frozen for longer than its session lasts', () => {
  const frozen = seeds.flatMap(seed => makePlan(seed, 1, ['replica-frozen']))
  expect(Math.min(...frozen.map(({ lastsMs }) => lastsMs))).toBeGreaterThan(10_000)
})

test('only the chosen faults happen, and the shortest run has one', () => {
  const only: FaultName[] = ['bank-slow', 'email-kill']
  expect(new Set(makePlan(1, 1, only).map(({ fault }) => fault))).toEqual(new Set(only))
  expect(makePlan(1, 0.1, only)).toHaveLength(1)
})
