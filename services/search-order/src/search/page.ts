import type { SearchQuery } from 'kafka-restaurants-contracts'
import { mostOnPage } from 'kafka-restaurants-contracts'
import { HttpProblem } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { CatalogueIndex } from './catalogue-index.ts'
import { lowerBound } from './lists.ts'

/** The last restaurant of the page before: so that a page goes on behind it whatever has come or gone before it. */
const Cursor = z.union([
  z.tuple([z.literal('catalogue'), z.string(), z.int().min(0)]),
  z.tuple([z.literal('name'), z.string()]),
])
type Cursor = z.infer<typeof Cursor>

/** One page of what a search has found. */
export interface Page {
  /** The restaurants on it, in their order. */
  numbers: Uint32Array
  /** How many there are on all pages. */
  total: number
  /** Where the next one begins, unless this is the last. */
  next: string | undefined
}

type Paging = Pick<SearchQuery, 'sort' | 'limit' | 'cursor'>

/**
 * Cuts a page out of what was found.
 * @param found numbers of restaurants in ascending order; with `sort=name` their places by name
 * @throws HttpProblem 400 for a cursor that is none, or of another order
 */
export function pageOf(index: CatalogueIndex, found: Uint32Array, query: Paging): Page {
  const { limit = mostOnPage } = query
  const isByName = query.sort === 'name'
  const start = query.cursor ? lowerBound(found, firstBehind(index, readCursor(query.cursor, isByName))) : 0
  const places = found.subarray(start, start + limit)
  const numbers = isByName ? places.map(place => index.byName[place] ?? 0) : places
  const last = numbers.at(-1)
  const isLast = last === undefined || start + limit >= found.length
  return { numbers, total: found.length, next: isLast ? undefined : cursorBehind(index, last, isByName) }
}

/** In the order of the catalogue, one that is gone has left its place to those behind it. */
function firstBehind(index: CatalogueIndex, cursor: Cursor): number {
  if (cursor[0] === 'name') return index.placeAfterName(cursor[1])
  const number = index.numberOf(cursor[1])
  return number === undefined ? cursor[2] : number + 1
}

function cursorBehind(index: CatalogueIndex, number: number, isByName: boolean): string {
  const cursor: Cursor = isByName ? ['name', index.nameOf(number)] : ['catalogue', index.idOf(number), number]
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

function readCursor(text: string, isByName: boolean): Cursor {
  const cursor = Cursor.safeParse(asJson(Buffer.from(text, 'base64url').toString())).data
  if (cursor && (cursor[0] === 'name') === isByName) return cursor
  throw new HttpProblem(400, 'Invalid cursor', {
    detail:
      'A cursor comes from the Link of the page before, and goes with the same sort: search again without one.',
    errors: [{ field: 'cursor', message: 'is none of this search' }],
  })
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
