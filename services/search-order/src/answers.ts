import { hash } from 'node:crypto'
import { parse } from 'node:querystring'
import { mostOnPage, SearchQuery, StylesQuery } from 'kafka-restaurants-contracts'
import { parseRequest } from 'kafka-restaurants-service'
import { LRUCache } from 'lru-cache'
import type { CatalogueIndex } from './search/catalogue-index.ts'
import { type Page, pageOf } from './search/page.ts'
import { matchesOf, wordsOf } from './search/words.ts'

/** An answer with status 200, ready to be sent. */
export interface Answer {
  body: Buffer
  etag: string
  /** Names and values in turn, as `writeHead` takes them; the first ones are not said of a body that is not sent. */
  headers: string[]
}

/** How much is kept of answers, and of what searches have found, in bytes. */
const mostKept = 6 * 1024 * 1024

/** What a catalogue is asked for, each answer made once and kept while there is room. A new catalogue has its own. */
export interface Answers {
  index: CatalogueIndex
  /** @throws HttpProblem 422 for a filter that is none, 400 for such a cursor */
  search: (query: string) => Answer
  /** @throws HttpProblem 422 for a filter that is none */
  styles: (query: string) => Answer
  /** Undefined where no restaurant has this id or name. */
  restaurant: (idOrName: string) => Answer | undefined
}

export function answersFrom(index: CatalogueIndex): Answers {
  const made = new LRUCache<string, Answer>({
    maxSize: mostKept,
    sizeCalculation: ({ body }, key) => body.length + 2 * key.length + 500,
  })
  const found = new LRUCache<string, Uint32Array>({
    maxSize: mostKept,
    sizeCalculation: (numbers, key) => numbers.byteLength + 2 * key.length + 200,
  })
  const once = (key: string, make: () => Answer) => {
    const before = made.get(key)
    if (before) return before
    const answer = make()
    made.set(key, answer)
    return answer
  }
  const find = ({ limit: _, cursor: __, ...query }: SearchQuery) => {
    const key = JSON.stringify(query)
    const before = found.get(key)
    if (before) return before
    const numbers = index.matching(query)
    const places =
      query.sort === 'name' ? numbers.map(number => index.placeByName[number] ?? 0).sort() : numbers
    found.set(key, places)
    return places
  }

  return {
    index,
    search: text =>
      once(`search ${text}`, () => {
        const query = parseRequest(SearchQuery, parse(text), 'Invalid search')
        const page = pageOf(index, find(query), query)
        const words = wordsOf(query.q ?? '')
        const body = Buffer.concat(listed(page, number => hit(index, number, words)))
        return answer(body, ['X-Total-Count', String(page.total), ...linkToNext(page, text)])
      }),
    styles: text =>
      once(`styles ${text}`, () => {
        const query = parseRequest(StylesQuery, parse(text), 'Invalid search')
        return answer(Buffer.from(JSON.stringify(index.styles(query))))
      }),
    // Those of a large catalogue would only push each other out, which costs more than to make one.
    restaurant: idOrName => {
      const number = index.numberOf(idOrName)
      if (number === undefined) return undefined
      const make = () => {
        const { summary, menu } = index.json(number)
        // Within a text it would not stand so, as quotation marks are escaped there.
        const currency = summary.includes('"currency":"') ? '' : `,"currency":"${index.currency}"`
        return answer(Buffer.concat([open, summary, comma, menu, Buffer.from(`${currency}}`)]))
      }
      return index.size > mostOnPage ? make() : once(`restaurant ${number}`, make)
    },
  }
}

const open = Buffer.from('{')
const close = Buffer.from('}')
const comma = Buffer.from(',')

/** The parts of a JSON array of them. */
function listed({ numbers }: Page, shown: (number: number) => Buffer[]): Buffer[] {
  const parts: Buffer[] = [Buffer.from('[')]
  for (const number of numbers) {
    if (parts.length > 1) parts.push(comma)
    parts.push(...shown(number))
  }
  parts.push(Buffer.from(']'))
  return parts
}

function hit(index: CatalogueIndex, number: number, words: string[]): Buffer[] {
  const { summary } = index.json(number)
  if (words.length === 0) return [open, summary, close]
  const matches = matchesOf(index.restaurant(number), words)
  return [open, summary, Buffer.from(`,"matches":${JSON.stringify(matches)}}`)]
}

/** The address goes on from the request's own: whoever is before us may call it by another path. */
function linkToNext({ next }: Page, text: string): string[] {
  if (next === undefined) return []
  const query = new URLSearchParams(text)
  query.set('cursor', next)
  return ['Link', `<?${query}>; rel="next"`]
}

function answer(body: Buffer, more: string[] = []): Answer {
  const told = more.length === 0 ? body : Buffer.concat([body, Buffer.from(more.join())])
  const etag = `"${hash('sha1', told, 'base64url')}"`
  const ofBody = ['Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(body.length)]
  // Kept by whoever likes, and asked about each time: a price may change.
  return { body, etag, headers: [...ofBody, 'ETag', etag, 'Cache-Control', 'no-cache', ...more] }
}

/** How many entries of an answer's headers are about its body alone. */
export const aboutBody = 4
