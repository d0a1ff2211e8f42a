import { asRead } from 'kafka-restaurants-contracts'

/** What the diner looks for. Text is as typed; an empty one filters nothing. */
export interface Filters {
  name: string
  style: string
  vegetarian: boolean
  delivery: boolean
}

/** Reads the filters from the page's own query. */
export function readFilters(query: URLSearchParams): Filters {
  return {
    name: (query.get('name') ?? '').slice(0, 200),
    style: (query.get('style') ?? '').slice(0, 200),
    vegetarian: query.get('vegetarian') === 'true',
    delivery: query.get('delivery') === 'true',
  }
}

/** The page's address with these filters in it: a search can be kept and sent to a friend. */
export const pagePath = (filters: Filters) => withQuery('/', write(filters, 'name', 'style'))

/** The search call for these filters. */
export const searchPath = (filters: Filters) =>
  withQuery('/api/search', write(filters, 'restaurant_name', 'restaurant_style'))

export const hasFilters = (filters: Filters) => write(filters, 'name', 'style').size > 0

/** The styles to choose from, each once, by name. A style chosen by link stays choosable though none serves it. */
export function stylesOf(restaurants: { style: string }[], chosen: string): string[] {
  const byReading = new Map(restaurants.map(({ style }) => [asRead(style), style]))
  if (asRead(chosen) && !byReading.has(asRead(chosen))) byReading.set(asRead(chosen), chosen)
  return [...byReading.values()].sort((a, b) => a.localeCompare(b, 'en'))
}

function write(filters: Filters, nameKey: string, styleKey: string): URLSearchParams {
  const query = new URLSearchParams()
  const name = filters.name.trim()
  if (name) query.set(nameKey, name)
  if (filters.style) query.set(styleKey, filters.style)
  if (filters.vegetarian) query.set('vegetarian', 'true')
  if (filters.delivery) query.set('delivery', 'true')
  return query
}

const withQuery = (path: string, query: URLSearchParams) => (query.size ? `${path}?${query}` : path)
