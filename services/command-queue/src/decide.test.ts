import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, type Effect, type Input, type Limits } from './decide.ts'
import { endedCount, isIdle, queuedCount, queuedOf, type Resource, unknownResource } from './resource.ts'
import { findRunning, runningOf } from './running.ts'
import { storedResource } from './stored-resource.ts'

const usual: Limits = { semaphoreLimit: 1, queueLimit: 5, leaseMs: null, dedupeMs: 60_000, dedupeLimit: 100 }
const request = (id: string, at = 1_000): Input => ({ type: 'REQUEST', id, message: `do ${id}`, at })
const end = (id: string, more: { fence?: number; at?: number } = {}): Input => ({
  type: 'TERMINATING',
  id,
  at: 1_000,
  ...more,
})
const look = (at = 1_000): Input => ({ type: 'LOOK', at })

/** What a resource comes to by some inputs, and what follows from the last one. */
function decided(inputs: Input[], limits: Partial<Limits> = {}, from = unknownResource) {
  let [resource, effects]: [Resource, Effect[]] = [from, []]
  for (const input of inputs) ({ resource, effects } = decide(resource, input, { ...usual, ...limits }))
  return {
    resource,
    effects,
    running: runningOf(resource.running).map(({ id }) => id),
    queued: [...queuedOf(resource)].map(({ id }) => id),
    told: effects.map(effect => `${effect.type} ${'id' in effect ? effect.id : effect.why}`),
  }
}

describe('a command', () => {
  it('starts at once where there is a place, and else waits for one', () => {
    const { running, queued } = decided([request('a'), request('b'), request('c')])
    expect([running, queued]).toEqual([['a'], ['b', 'c']])
    const next = decided([request('a'), request('b'), request('c'), end('a')])
    expect([next.running, next.queued, next.told]).toEqual([['b'], ['c'], ['START b']])
  })

  it('is taken once, while it waits, runs and after it has ended', () => {
    expect(decided([request('a'), request('a')]).told).toEqual(['IGNORE repeated'])
    expect(decided([request('a'), request('b'), request('b')]).told).toEqual(['IGNORE repeated'])
    expect(decided([request('a'), end('a'), request('a')]).told).toEqual(['IGNORE repeated'])
  })

  it('is taken again when it ended long ago, or so many have since', () => {
    const [ended, later] = [
      [request('a'), end('a')],
      [request('b'), end('b'), request('c'), end('c')],
    ]
    expect(decided([...ended, request('a', 61_000)]).told).toEqual(['START a'])
    expect(decided([...ended, ...later, request('a')], { dedupeLimit: 2 }).told).toEqual(['START a'])
    expect(decided([...ended, ...later, request('a')], { dedupeLimit: 3 }).told).toEqual(['IGNORE repeated'])
  })

  it('is rejected with the reason where the line is full, and may come again', () => {
    const full = [request('a'), request('b'), request('c')]
    const { effects, queued } = decided([...full, request('d')], { queueLimit: 2 })
    const reason = '2 commands wait for this resource already, and 2 may'
    expect([effects, queued]).toEqual([[{ type: 'REJECT', id: 'd', message: 'do d', reason }], ['b', 'c']])
    const again = decided([...full, request('d'), end('a'), request('d')], { queueLimit: 2 })
    expect(again.queued).toEqual(['c', 'd'])
  })

  it('is never refused while there is room, also where none may wait', () => {
    expect(decided([request('a')], { queueLimit: 0 }).told).toEqual(['START a'])
    expect(decided([request('a'), request('b')], { queueLimit: 0 }).told).toEqual(['REJECT b'])
    const many = Array.from({ length: 5_000 }, (_, index) => request(`c${index}`))
    expect(decided(many, { queueLimit: null }).queued).toHaveLength(4_999)
  })

  it('of a resource that nothing limits is passed on, once, and owns no place', () => {
    const { running, told } = decided([request('a'), request('b')], { semaphoreLimit: null })
    expect([running, told]).toEqual([[], ['START b']])
    expect(decided([request('a'), request('a')], { semaphoreLimit: null }).told).toEqual(['IGNORE repeated'])
    expect(decided([request('a'), end('a')], { semaphoreLimit: null }).told).toEqual(['IGNORE owns no place'])
  })
})

describe('an event', () => {
  it.each([
    ['of a command that waits', [request('a'), request('b'), end('b')]],
    ['of one that nobody knows', [request('a'), end('x')]],
    ['that is repeated', [request('a'), request('b'), end('a'), end('a')]],
  ])('%s frees nothing', (_which, inputs) => {
    const { running, told } = decided(inputs)
    expect([running.length, told]).toEqual([1, ['IGNORE owns no place']])
  })

  it('with the fence of an earlier start frees nothing', () => {
    const { resource } = decided([request('a')])
    const fence = runningOf(resource.running)[0]?.fence ?? 0
    expect(decided([end('a', { fence: fence - 1 })], {}, resource).told).toEqual(['IGNORE old fence'])
    expect(decided([end('a', { fence })], {}, resource).running).toEqual([])
  })
})

describe('a lease', () => {
  const limits = { leaseMs: 500 }
  const begun = decided([request('a', 1_000), request('b', 1_000)], limits).resource
  const fence = runningOf(begun.running)[0]?.fence ?? 0
  const over = (at: number): Input => ({ type: 'LEASE_OVER', id: 'a', fence, seenAt: at, at: 5_000 })

  it('that runs out frees the place, tells it, and starts the next command', () => {
    expect(decided([over(1_499)], limits, begun).told).toEqual(['IGNORE lease goes on'])
    const { told, running } = decided([over(1_500)], limits, begun)
    expect([told, running]).toEqual([['EXPIRE a', 'START b'], ['b']])
  })

  it.each(['CONTINUING', 'INITIALIZING'] as const)('is renewed by %s', type => {
    const renewed = decided([{ type, id: 'a', at: 1_400 }], limits, begun).resource
    expect(decided([over(1_500)], limits, renewed).told).toEqual(['IGNORE lease goes on'])
    expect(decided([over(1_900)], limits, renewed).told).toEqual(['EXPIRE a', 'START b'])
  })

  it('of an earlier start frees nothing', () => {
    const other: Input = { type: 'LEASE_OVER', id: 'a', fence: fence - 1, seenAt: 9_000, at: 9_000 }
    expect(decided([other], limits, begun).told).toEqual(['IGNORE old fence'])
  })
})

describe('limits', () => {
  const five = ['a', 'b', 'c', 'd', 'e'].map(id => request(id))

  it('that are lowered end nothing that runs, and let nothing start until fewer do', () => {
    const { resource } = decided(five, { semaphoreLimit: 3 })
    const low = { semaphoreLimit: 1 }
    expect(decided([look()], low, resource).running).toEqual(['a', 'b', 'c'])
    expect(decided([end('a'), end('b')], low, resource).running).toEqual(['c'])
    expect(decided([end('a'), end('b'), end('c')], low, resource).running).toEqual(['d'])
  })

  it('that are raised have those that wait start at once', () => {
    const { resource } = decided(five)
    const { running, told } = decided([look()], { semaphoreLimit: 3 }, resource)
    expect([running, told]).toEqual([
      ['a', 'b', 'c'],
      ['START b', 'START c'],
    ])
  })
})

it('nothing is known of a resource when all has ended and is forgotten', () => {
  const { resource } = decided([request('a'), request('b'), end('a'), end('b')])
  expect([isIdle(resource, 2_000), isIdle(decided([look(61_000)], {}, resource).resource, 61_000)]).toEqual([
    false,
    true,
  ])
})

it('a fence grows with each start, also after a resource was forgotten', () => {
  const before = decided([request('a', 5_000)]).effects[0]
  const after = decided([request('a', 6_000)]).effects[0]
  expect(before?.type === 'START' && after?.type === 'START' && after.fence > before.fence).toBe(true)
})

/** What a queue is, as plainly as it can be said. */
class Model {
  running: { id: string; fence: number; until: number }[] = []
  queued: string[] = []
  ended: { id: string; until: number }[] = []

  take(input: Input, limits: Limits): string[] {
    const told: string[] = []
    const { at } = input
    this.forget(at, limits)
    const isOwner = (fence?: number) => (each: { id: string; fence: number }) =>
      'id' in input && each.id === input.id && (fence === undefined || each.fence === fence)
    const places = limits.semaphoreLimit ?? Number.POSITIVE_INFINITY
    if (input.type === 'REQUEST') {
      const isKnown = [...this.running, ...this.ended].some(({ id }) => id === input.id)
      const room = (limits.queueLimit ?? Number.POSITIVE_INFINITY) + Math.max(0, places - this.running.length)
      if (!isKnown && !this.queued.includes(input.id)) {
        if (this.queued.length < room) this.queued.push(input.id)
        else told.push(`REJECT ${input.id}`)
      }
    } else if (input.type !== 'LOOK') {
      const owner = this.running.find(isOwner(input.fence))
      const isOver =
        input.type === 'TERMINATING' || (input.type === 'LEASE_OVER' && (owner?.until ?? 0) <= input.seenAt)
      if (owner && isOver) {
        if (input.type === 'LEASE_OVER') told.push(`EXPIRE ${owner.id}`)
        this.running = this.running.filter(each => each !== owner)
        this.ended.push({ id: owner.id, until: at + limits.dedupeMs })
      } else if (owner && input.type !== 'LEASE_OVER' && limits.leaseMs !== null)
        owner.until = Math.max(Number.isFinite(owner.until) ? owner.until : 0, at + limits.leaseMs)
    }
    this.forget(at, limits)
    while (this.queued.length > 0 && this.running.length < places) {
      const id = this.queued.shift() ?? ''
      told.push(`START ${id}`)
      const until = limits.leaseMs === null ? Number.POSITIVE_INFINITY : at + limits.leaseMs
      if (limits.semaphoreLimit !== null) this.running.push({ id, fence: -1, until })
      else if (limits.dedupeLimit > 0) this.ended.push({ id, until: at + limits.dedupeMs })
    }
    return told
  }

  forget(at: number, { dedupeLimit }: Limits) {
    while (this.ended.length > dedupeLimit || (this.ended[0]?.until ?? Number.POSITIVE_INFINITY) <= at)
      this.ended.shift()
  }
}

const someLimits = fc.record<Limits>({
  semaphoreLimit: fc.constantFrom(0, 1, 1, 2, 3, 40, null),
  queueLimit: fc.constantFrom(0, 1, 5, 40, null),
  leaseMs: fc.constantFrom(null, 50, 500),
  dedupeMs: fc.constantFrom(0, 100, 10_000),
  dedupeLimit: fc.constantFrom(0, 3, 200),
})
type Step = {
  limits?: Limits | undefined
  ms: number
  type: Input['type']
  number: number
  fence: 'none' | 'own' | 'old'
}
const someSteps = fc.array(
  fc.record<Step>({
    limits: fc.option(someLimits, { nil: undefined, freq: 30 }),
    ms: fc.constantFrom(0, 1, 30, 200),
    type: fc.constantFrom(
      'REQUEST',
      'REQUEST',
      'REQUEST',
      'TERMINATING',
      'TERMINATING',
      'CONTINUING',
      'LEASE_OVER',
      'LOOK',
    ),
    number: fc.nat(60),
    fence: fc.constantFrom('none', 'own', 'own', 'old'),
  }),
  { maxLength: 300 },
)

it('any inputs, limits and times lead where the model says, also from what was stored in between', () => {
  fc.assert(
    fc.property(someLimits, someSteps, (first, steps) => {
      const model = new Model()
      let [limits, now, lastFence] = [first, 1_000, 0]
      let kept: Resource | undefined
      const stored = new Map<string, Buffer>()
      for (const step of steps) {
        limits = step.limits ?? limits
        now += step.ms
        const before = kept ?? unknownResource
        const input = inputOf(step, before, now)
        for (const each of model.running) each.fence = findRunning(before.running, each.id)?.fence ?? -1
        const expected = model.take(input, limits)
        const { resource, effects } = decide(before, input, limits)
        expect(effects.flatMap(each => ('id' in each ? [`${each.type} ${each.id}`] : []))).toEqual(expected)
        for (const effect of effects) {
          if (effect.type !== 'START') continue
          expect(effect.fence).toBeGreaterThan(lastFence)
          lastFence = effect.fence
        }
        expect(runningOf(resource.running).map(({ id }) => id)).toEqual(model.running.map(({ id }) => id))
        expect([...queuedOf(resource)].map(({ id }) => id)).toEqual(model.queued)
        expect([queuedCount(resource), endedCount(resource)]).toEqual([
          model.queued.length,
          model.ended.length,
        ])
        // The changelog is all that a successor has.
        const after = isIdle(resource, now) ? undefined : resource
        for (const [part, value] of storedResource.changes(kept, after))
          if (value === null) stored.delete(part)
          else stored.set(part, Buffer.from(value))
        expect(stored.size > 0).toBe(after !== undefined)
        const restored = after && storedResource.restore(stored)
        expect(restored).toEqual(after)
        kept = step.number % 2 === 0 ? after : restored
      }
    }),
    { numRuns: 500 },
  )
})

/** Half of what is said of commands is of one that runs. */
function inputOf({ type, number, fence }: Step, resource: Resource, at: number): Input {
  const running = runningOf(resource.running)
  const owner =
    type !== 'REQUEST' && number % 2 === 0 ? running[number % Math.max(1, running.length)] : undefined
  const id = owner?.id ?? `c${number}`
  const own = running.find(each => each.id === id)?.fence ?? 7
  if (type === 'LOOK') return { type, at }
  if (type === 'REQUEST') return { type, id, message: 'm', at }
  if (type === 'LEASE_OVER')
    return { type, id, fence: fence === 'old' ? own - 1 : own, seenAt: at - (number % 3), at }
  return { type, id, fence: { none: undefined, own, old: own - 1 }[fence], at }
}
