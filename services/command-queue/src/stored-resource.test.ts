import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lastOf, withItem, withoutFirst } from './pages.ts'
import { endedCount, isKnown, perPage, queuedCount, type Resource, unknownResource } from './resource.ts'
import { runningOf, withInstead, withStarted } from './running.ts'
import { restoredResource, storedOutline, storedResource } from './stored-resource.ts'

const running = (fence: number) => ({
  id: `c${fence}`,
  fence,
  startedAt: 1,
  leaseUntil: (fence * 7_919) % 10_007,
})

/** What happens to the lists of a resource, of which each grows for long before it is taken from. */
const steps = fc.array(
  fc.record({
    list: fc.constantFrom('queued', 'ended', 'running'),
    by: fc.integer({ min: -40, max: 60 }),
    /** Who ends of those that run. */
    from: fc.nat(),
  }),
  { maxLength: 30 },
)

function grown(resource: Resource, list: string, number: number): Resource {
  const id = `c${number}`
  if (list === 'running') return { ...resource, running: withStarted(resource.running, running(number)) }
  return list === 'queued'
    ? { ...resource, queued: withItem(resource.queued, { id, message: 'm', requestedAt: 1 }, perPage.queued) }
    : { ...resource, ended: withItem(resource.ended, { id, until: number }, perPage.ended) }
}
function shrunk(resource: Resource, list: string, from = 0): Resource {
  if (list === 'running') {
    const all = runningOf(resource.running)
    const one = all[from % all.length]
    return one ? { ...resource, running: withInstead(resource.running, one) } : resource
  }
  if (list === 'queued') return { ...resource, queued: withoutFirst(resource.queued) }
  return { ...resource, ended: withoutFirst(resource.ended) }
}

it('what is stored of a resource is all of it, without what is gone, and each full page is written once', () => {
  fc.assert(
    fc.property(steps, all => {
      let [resource, number] = [unknownResource, 0]
      const stored = new Map<string, string>()
      const written = new Map<string, number>()
      for (const { list, by, from } of all) {
        const before = resource
        for (let count = 0; count < Math.abs(by); count++)
          resource = by > 0 ? grown(resource, list, number++) : shrunk(resource, list, from)
        for (const [part, value] of storedResource.changes(before, resource)) {
          if (value === null) stored.delete(part)
          else stored.set(part, String(value))
          if (value !== null) written.set(part, (written.get(part) ?? 0) + 1)
        }
        expect(restoredResource(stored)).toEqual(resource)
        const lists = [resource.queued, resource.ended, resource.running]
        expect(stored.size).toBe(1 + lists.flatMap(({ pages }) => [...pages]).length)
        const run = runningOf(resource.running)
        expect(storedOutline(stored.get('') ?? '')).toEqual({
          fence: resource.fence,
          running: run.length,
          leaseUntil: run.length > 0 ? Math.min(...run.map(({ leaseUntil }) => leaseUntil ?? 0)) : undefined,
          waiting: queuedCount(resource),
          endedUntil: lastOf(resource.ended)?.until,
        })
      }
      const full = [...written].filter(([part]) => /^(?:queued|ended)/.test(part))
      expect(full.every(([, times]) => times === 1)).toBe(true)
      for (const [part] of storedResource.changes(resource, undefined)) stored.delete(part)
      expect(stored.size).toBe(0)
    }),
  )
})

it('an id is known for as long as it is in a list, also in the middle of a page', () => {
  let resource = unknownResource
  for (let number = 0; number < 100; number++) resource = grown(resource, 'ended', number)
  for (let number = 0; number < 40; number++) resource = shrunk(resource, 'ended')
  const known = Array.from({ length: 100 }, (_, number) => isKnown(resource, `c${number}`))
  expect(known).toEqual(Array.from({ length: 100 }, (_, number) => number >= 40))
  expect(endedCount(resource)).toBe(60)
})

it('of a thousand that run few are written as one starts or ends, in whatever sequence', () => {
  const written = (before: Resource, after: Resource) =>
    [...storedResource.changes(before, after)].reduce((sum, [, value]) => sum + (value?.length ?? 0), 0)
  let resource = unknownResource
  const sizes: number[] = []
  const step = (after: Resource) => {
    sizes.push(written(resource, after))
    resource = after
  }
  for (let fence = 0; fence < 1_000; fence++) step(grown(resource, 'running', fence))
  for (let from = 1; from <= 1_000; from++) step(shrunk(resource, 'running', from * 7_919))
  expect(runningOf(resource.running)).toEqual([])
  const [alone = 0] = sizes
  expect(Math.max(...sizes)).toBeLessThan(12 * alone)
})

it('what was stored before those that run had pages is read, and gets them', () => {
  const before = Array.from({ length: 40 }, (_, fence) => running(fence))
  const rest = { queued: { first: 0, taken: 0, tail: [] }, ended: { first: 0, taken: 0, tail: [] } }
  const head = `${JSON.stringify({ fence: 39, running: before, waiting: 0 })}\n${JSON.stringify(rest)}`
  const resource = restoredResource(new Map([['', head]]))
  expect(runningOf(resource.running)).toEqual(before)
  const { running: after } = grown(resource, 'running', 40)
  expect(runningOf(after)).toEqual([...before, running(40)])
  expect(after.tail.length).toBeLessThan(16)
})
