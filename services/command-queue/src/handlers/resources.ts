import type { RequestHandler } from 'express'
import type { QueuedResource } from 'kafka-restaurants-contracts'
import { type LiveUpdates, parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Views } from '../adapters/views.ts'
import type { AllLimits } from '../limits.ts'
import { queuedOf, type Resource, unknownResource } from '../resource.ts'
import { runningOf } from '../running.ts'
import type { ResourceOutline } from '../stored-resource.ts'
import { idIn } from './taking.ts'

export const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  after: z.string().optional().meta({ description: 'the last resource of the page before' }),
})

/** What those who watch all resources watch: no resource can be called so. */
export const anyResource = '\n'

interface ResourceParts {
  views: Pick<Views, 'get' | 'ids' | 'onChange' | 'outline'>
  limits: () => AllLimits
  live: LiveUpdates
}

/** What is known of resources, on whichever replica. One that nobody has named yet has nobody running and nobody waiting. */
export function resourceHandlers({
  views,
  limits,
  live,
}: ResourceParts): Record<'one' | 'list' | 'events', RequestHandler> {
  const shown = (resourceId: string): QueuedResource =>
    view(resourceId, views.get(resourceId) ?? unknownResource, limits())
  return {
    one: (request, response) => void response.json(shown(idIn('resourceId', request.params.resourceId))),
    list: async (request, response) => {
      const { limit, after } = parseRequest(ListQuery, request.query, 'Invalid query')
      const active = views.ids(after).filter(id => isActive(views.outline(id)))
      if (request.accepts(['json', 'text/event-stream']) !== 'text/event-stream')
        return void response.json(active.slice(0, limit).map(shown))
      const changed = new Set(active)
      const end = views.onChange(id => changed.add(id))
      await live
        .stream(request, response, anyResource, seen => {
          if (changed.size === 0 && seen !== '') return []
          const data = [...changed].map(shown)
          changed.clear()
          return [{ id: String(Date.now()), data }]
        })
        .finally(end)
    },
    events: async (request, response) => {
      const resourceId = idIn('resourceId', request.params.resourceId)
      let last = ''
      await live.stream(request, response, resourceId, () => {
        const data = shown(resourceId)
        const text = JSON.stringify(data)
        if (text === last) return []
        last = text
        return [{ id: String(Date.now()), data }]
      })
    },
  }
}

const isActive = (resource: ResourceOutline | undefined) =>
  resource !== undefined && (resource.running > 0 || resource.waiting > 0)

function view(resourceId: string, resource: Resource, limitsOf: AllLimits): QueuedResource {
  const { semaphoreLimit, queueLimit, leaseMs } = limitsOf(resourceId)
  return {
    resourceId,
    limits: { semaphoreLimit, queueLimit, leaseMs },
    running: runningOf(resource.running).map(({ id, fence, startedAt, leaseUntil }) => ({
      id,
      fence,
      startedAt: asTime(startedAt),
      ...(leaseUntil !== undefined && { leaseUntil: asTime(leaseUntil) }),
    })),
    queued: [...queuedOf(resource)].map(({ id, requestedAt }, index) => ({
      id,
      place: index + 1,
      requestedAt: asTime(requestedAt),
    })),
  }
}

const asTime = (ms: number) => new Date(ms).toISOString()
