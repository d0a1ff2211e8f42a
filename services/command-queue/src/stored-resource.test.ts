import fc from 'fast-check'
import { expect, it } from 'vitest'
import { withItem, withoutFirst } from './pages.ts'
import { endedCount, isKnown, perPage, queuedCount, type Resource, unknownResource } from './resource.ts'
import { restoredResource, storedOutline, storedResource } from './stored-resource.ts'

/** What happens to the lists of a resource, of which each grows for long before it is taken from. */
const steps = fc.array(
  fc.record({ list: fc.constantFrom('queued', 'ended'), by: fc.integer({ min: -40, max: 60 }) }),
  { maxLength: 30 },
)

function grown(resource: Resource, list: string, number: number): Resource {
  const id = `c${number}`
  return list === 'queued'
    ? { ...resource, queued: withItem(resource.queued, { id, message: 'm', requestedAt: 1 }, perPage.queued) }
    : { ...resource, ended: withItem(resource.ended, { id, until: number }, perPage.ended) }
}
function shrunk(resource: Resource, list: string): Resource {
  if (list === 'queued') return { ...resource, queued: withoutFirst(resource.queued) }
  return { ...resource, ended: withoutFirst(resource.ended) }
}

it('what is stored of a resource is all of it, without what is gone, and each full page is written once', () => {
  fc.assert(
    fc.property(steps, all => {
      let [resource, number] = [unknownResource, 0]
      const stored = new Map<string, string>()
      const written = new Map<string, number>()
      for (const { list, by } of all) {
        const before = resource
        for (let count = 0; count < Math.abs(by); count++)
          resource = by > 0 ? grown(resource, list, number++) : shrunk(resource, list)
        for (const [part, value] of storedResource.changes(before, resource)) {
          if (value === null) stored.delete(part)
          else stored.set(part, String(value))
          if (value !== null) written.set(part, (written.get(part) ?? 0) + 1)
        }
        expect(restoredResource(stored)).toEqual(resource)
        expect(stored.size).toBe(1 + resource.queued.pages.length + resource.ended.pages.length)
        expect(storedOutline(stored.get('') ?? '')).toMatchObject({ waiting: queuedCount(resource) })
      }
      written.delete('')
      expect([...written.values()].every(times => times === 1)).toBe(true)
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
