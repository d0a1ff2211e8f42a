import { expect, test } from 'vitest'
import { type FaultName, faultNames, isFault, makePlan } from './plan.ts'

const seeds = Array.from({ length: 200 }, (_, seed) => seed * 7919)

const brokerCounts = [1, 3]
const everyFault = faultNames(3)

test('the same seed gives the same plan, another seed another one', () => {
  expect(makePlan(7, 2, everyFault)).toEqual(makePlan(7, 2, everyFault))
  expect(makePlan(7, 2, everyFault)).not.toEqual(makePlan(8, 2, everyFault))
})

test('one broker has no other to move leaders and coordinators to', () => {
  const moves = everyFault.filter(fault => !faultNames(1).includes(fault))
  expect(moves).toEqual(['leaders-moved', 'coordinators-moved'])
  expect(everyFault.every(isFault)).toBe(true)
})

test.each(brokerCounts)('two minutes with %i brokers have every fault, whatever the seed', brokers => {
  const names = faultNames(brokers)
  for (const seed of seeds) {
    expect(new Set(makePlan(seed, 2, names).map(({ fault }) => fault))).toEqual(new Set(names))
  }
})

test('the brokers have time to heal between their faults', () => {
  for (const seed of seeds) {
    const times = makePlan(seed, 4, everyFault)
      .filter(({ fault }) => /^broker-|-moved$/.test(fault))
      .map(({ atMs }) => atMs)
    expect(times.length).toBeGreaterThan(8)
    const waits = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))
    expect(Math.min(...waits)).toBeGreaterThan(15_000)
  }
})

test('every broker and every topic has its turn', () => {
  const which = seeds.flatMap(seed => makePlan(seed, 2, everyFault).map(planned => planned.which))
  for (const third of [0, 1, 2])
    expect(which.filter(each => Math.floor(each * 3) === third).length).toBeGreaterThan(which.length / 4)
})

test('faults begin in their order and within the run', () => {
  for (const seed of seeds) {
    const times = makePlan(seed, 1, everyFault).map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBeGreaterThan(0)
    expect(times.at(-1)).toBeLessThan(60_000)
  }
})

test.each<FaultName>([
  'replica-frozen',
  'tracking-frozen',
  'command-queue-frozen',
  'command-queue-replica-frozen',
  'kitchen-eventor-frozen',
])('%s lasts longer than a session', fault => {
  const frozen = seeds.flatMap(seed => makePlan(seed, 1, [fault]))
  expect(Math.min(...frozen.map(({ lastsMs }) => lastsMs))).toBeGreaterThan(10_000)
})

test('a frozen broker stays frozen for longer than its session lasts', () => {
  const frozen = seeds.flatMap(seed => makePlan(seed, 1, ['broker-frozen']))
  expect(Math.min(...frozen.map(({ lastsMs }) => lastsMs))).toBeGreaterThan(3_000)
})

test('only the chosen faults happen, and the shortest run has one', () => {
  const only: FaultName[] = ['bank-slow', 'email-kill']
  expect(new Set(makePlan(1, 1, only).map(({ fault }) => fault))).toEqual(new Set(only))
  expect(makePlan(1, 0.1, only)).toHaveLength(1)
})
