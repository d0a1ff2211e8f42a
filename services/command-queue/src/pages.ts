/**
 * A list that grows at its end and is taken from its beginning. It is never changed: what follows from it is another one.
 * What is full of it is in pages, which stay the same from one list to the next, so that whoever stores it writes each
 * page once; the rest, less than a page, is the tail.
 */
export interface Pages<T> {
  /** The number of the first page; they are numbered on for as long as the list lives. */
  first: number
  pages: readonly (readonly T[])[]
  tail: readonly T[]
  /** How many of the first page have been taken. */
  taken: number
}

export const noPages: Pages<never> = { first: 0, pages: [], tail: [], taken: 0 }

export const countOf = ({ pages, tail, taken }: Pages<unknown>, pageSize: number): number =>
  pages.length * pageSize + tail.length - taken

/** The oldest item. */
export const firstOf = <T>({ pages: [page], tail, taken }: Pages<T>): T | undefined =>
  page ? page[taken] : tail[0]

/** All items, the oldest first. */
export function* itemsOf<T>({ pages, tail, taken }: Pages<T>): Generator<T> {
  for (const [index, page] of pages.entries()) yield* index === 0 ? page.slice(taken) : page
  yield* tail
}

/** The newest item. */
export const lastOf = <T>({ pages, tail }: Pages<T>): T | undefined => tail.at(-1) ?? pages.at(-1)?.at(-1)

export function withItem<T>(list: Pages<T>, item: T, pageSize: number): Pages<T> {
  const tail = [...list.tail, item]
  return tail.length < pageSize ? { ...list, tail } : { ...list, pages: [...list.pages, tail], tail: [] }
}

/** Without the oldest item. */
export function withoutFirst<T>(list: Pages<T>): Pages<T> {
  const [page, ...others] = list.pages
  if (!page) return { ...list, tail: list.tail.slice(1) }
  return list.taken + 1 < page.length
    ? { ...list, taken: list.taken + 1 }
    : { ...list, first: list.first + 1, pages: others, taken: 0 }
}
