/** What the diner looks for. Text is as typed; an empty one filters nothing. */
export interface Filters {
  /** Words of names, styles and dishes. */
  words: string
  style: string
  vegetarian: boolean
  delivery: boolean
  /** By name; else in the catalogue's order. */
  byName: boolean
  /** How many are shown at most. */
  shown: number
  /** The cursor behind which the page begins; empty at the beginning. */
  after: string
}

export const pageSize = 24
/** What is more than this begins a new page. */
export const mostShown = 240

export const noFilters: Filters = {
  words: '',
  style: '',
  vegetarian: false,
  delivery: false,
  byName: false,
  shown: pageSize,
  after: '',
}

/** Reads the filters from the page's own query: what a search that is typed or linked, with scripts or without, leaves there. */
export function readFilters(query: URLSearchParams): Filters {
  const text = (name: string, most = 200) => (query.get(name) ?? '').slice(0, most)
  const pages = Math.ceil(Number(query.get('shown') ?? 0) / pageSize) || 1
  return {
    // `name` is what links said when names alone were searched.
    words: text('q') || text('name'),
    style: text('style'),
    vegetarian: query.get('vegetarian') === 'true',
    delivery: query.get('delivery') === 'true',
    byName: query.get('sort') === 'name',
    shown: Math.min(Math.max(pages, 1) * pageSize, mostShown),
    after: text('after', 2_000),
  }
}

/** The page's address with these filters in it: a search can be kept and sent to a friend. */
export function pagePath(filters: Filters): string {
  const query = new URLSearchParams()
  const words = filters.words.trim()
  if (words) query.set('q', words)
  if (filters.style) query.set('style', filters.style)
  if (filters.vegetarian) query.set('vegetarian', 'true')
  if (filters.delivery) query.set('delivery', 'true')
  if (filters.byName) query.set('sort', 'name')
  if (filters.shown !== pageSize) query.set('shown', String(filters.shown))
  if (filters.after) query.set('after', filters.after)
  return query.size ? `/?${query}` : '/'
}

/** The filters with others in their place: another search begins at its beginning. */
export const changed = (filters: Filters, change: Partial<Filters>): Filters => ({
  ...filters,
  shown: pageSize,
  after: '',
  ...change,
})

/** Whether fewer are found than there are. */
export const hasFilters = ({ words, style, vegetarian, delivery }: Filters) =>
  words.trim() !== '' || style !== '' || vegetarian || delivery

/** What `GET /search` is asked. */
export function searchQuery(filters: Filters): URLSearchParams {
  const query = stylesQuery(filters)
  if (filters.style) query.set('restaurant_style', filters.style)
  if (filters.byName) query.set('sort', 'name')
  query.set('limit', String(filters.shown))
  if (filters.after) query.set('cursor', filters.after)
  return query
}

/** What `GET /styles` is asked: all but the style itself. */
export function stylesQuery({ words, vegetarian, delivery }: Filters): URLSearchParams {
  const query = new URLSearchParams()
  if (words.trim()) query.set('q', words.trim())
  if (vegetarian) query.set('vegetarian', 'true')
  if (delivery) query.set('delivery', 'true')
  return query
}

/** Where the rest is: more of the same page or, when that is long, the next one. Nothing is left unless there is a cursor. */
export function moreOf(filters: Filters, next: string | undefined): Filters | undefined {
  if (next === undefined) return undefined
  return filters.shown < mostShown
    ? { ...filters, shown: Math.min(filters.shown + pageSize, mostShown) }
    : { ...filters, shown: pageSize, after: next }
}
