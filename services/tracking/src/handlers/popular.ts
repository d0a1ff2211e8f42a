import type { RequestHandler } from 'express'
import { type PopularDishes, PopularQuery } from 'kafka-restaurants-contracts'
import { parseRequest } from 'kafka-restaurants-service'
import { orAway } from './or-away.ts'

/** How long what was found is kept, in ms: it changes by the hour. */
const keptMs = 15_000

/** `GET /popular?restaurant=`: what is ordered most there. However many ask, the orders are read once in that time. */
export function popularHandler(
  read: () => Promise<ReadonlyMap<string, PopularDishes['dishes']>>,
): RequestHandler {
  let known: { found: ReturnType<typeof read>; until: number } | undefined
  const find = () => {
    if (known && Date.now() < known.until) return known.found
    const now = { found: read(), until: Date.now() + keptMs }
    known = now
    now.found.catch(() => {
      if (known === now) known = undefined
    })
    return now.found
  }
  return async (request, response) => {
    const { restaurant } = parseRequest(PopularQuery, request.query, 'Invalid question')
    const dishes = (await orAway(find())).get(restaurant) ?? []
    response.set('Cache-Control', `max-age=${keptMs / 1_000}`).json({ dishes } satisfies PopularDishes)
  }
}
