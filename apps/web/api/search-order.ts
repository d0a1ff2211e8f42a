import { SearchHit, StyleCount } from 'kafka-restaurants-contracts'
import { cache } from 'react'
import { z } from 'zod'
import { RestaurantWithCurrency } from '../order/restaurant-with-currency.ts'
import { type Filters, searchQuery, stylesQuery } from '../search/filters.ts'
import type { Answer } from './answer.ts'

/** A page that comes later than this is better one that says so. */
const patienceMs = 2_500

/** Asks search-order from the site's own server. What doesn't come in time, or doesn't fit the contract, is unreachable. */
async function askSearchOrder<T>(
  path: string,
  schema: z.ZodType<T>,
): Promise<Answer<{ body: T; headers: Headers }>> {
  try {
    const response = await fetch(searchOrderUrl(path), {
      cache: 'no-store',
      signal: AbortSignal.timeout(patienceMs),
    })
    if (response.status === 404) return { state: 'missing' }
    if (!response.ok) return { state: 'unreachable' }
    const body = schema.parse(await response.json())
    return { state: 'ready', data: { body, headers: response.headers } }
  } catch {
    return { state: 'unreachable' }
  }
}

/** Where search-order is: it belongs to the place that runs the site, not to the build. */
const searchOrderUrl = (path: string) =>
  `${(process.env.SEARCH_ORDER_URL || 'http://127.0.0.1:5000').replace(/\/+$/, '')}${path}`

/** Whether search-order is there at all, asked before a page is begun: its status can't be changed after. */
export async function searchOrderAnswers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(1_500)
    const { ok } = await fetch(searchOrderUrl('/health'), { cache: 'no-store', signal })
    return ok
  } catch {
    return false
  }
}

export interface Found {
  hits: SearchHit[]
  /** How many fit, on all pages. */
  total: number
  /** The cursor behind the last of these, unless nothing is there. */
  next: string | undefined
}

const hits = z.array(SearchHit)

/** A page of what fits the filters. A cursor that is none of this search finds its beginning. */
export async function searchRestaurants(filters: Filters): Promise<Answer<Found>> {
  const answer = await askSearchOrder(`/search?${searchQuery(filters)}`, hits)
  if (answer.state !== 'ready') return filters.after ? searchRestaurants({ ...filters, after: '' }) : answer
  const { body, headers } = answer.data
  const total = Number(headers.get('x-total-count') ?? body.length)
  const [, link = ''] = /<\?([^>]*)>;\s*rel="next"/.exec(headers.get('link') ?? '') ?? []
  const next = new URLSearchParams(link).get('cursor') ?? undefined
  return { state: 'ready', data: { hits: body, total, next } }
}

/** The styles to choose from, with how many fit all other filters; none where they can't be had. */
export async function listStyles(filters: Filters): Promise<StyleCount[]> {
  const answer = await askSearchOrder(`/styles?${stylesQuery(filters)}`, z.array(StyleCount))
  return answer.state === 'ready' ? answer.data.body : []
}

/** A restaurant with its menu, asked once for a page and its title. */
export const getRestaurant = cache(async (id: string): Promise<Answer<RestaurantWithCurrency>> => {
  const answer = await askSearchOrder(`/restaurants/${encodeURIComponent(id)}`, RestaurantWithCurrency)
  return answer.state === 'ready' ? { state: 'ready', data: answer.data.body } : answer
})
