import type { StateFormat } from 'kafka-restaurants-kafka'
import { z } from 'zod'
import type { Pages } from './pages.ts'
import type { Resource } from './resource.ts'

/**
 * What a resource is stored as. Its head has what changes most, and of each list what is less than a page; a full page is a
 * part of its own, written once and removed once: so a long line costs as much with each command as a short one.
 */
const time = z.int().nonnegative()
const Queued = z.object({ id: z.string(), message: z.string(), requestedAt: time })
const Ended = z.object({ id: z.string(), until: time })
const list = <Item extends z.ZodType>(item: Item) =>
  z.object({ first: z.int().nonnegative(), taken: z.int().nonnegative(), tail: z.array(item) })
const Head = z.object({
  fence: z.int().nonnegative(),
  running: z.array(
    z.object({ id: z.string(), fence: z.int().nonnegative(), startedAt: time, leaseUntil: time.optional() }),
  ),
  queued: list(Queued),
  ended: list(Ended),
})

/** The names of the parts that are pages: `queued0`, `ended12`. */
const lists = ['queued', 'ended'] as const

/** How resources stand in the changelog. One of which nothing has to be known leaves it. */
export const storedResource: StateFormat<Resource> = {
  changes: (before, after) => {
    const changes = new Map<string, string | null>([['', after ? JSON.stringify(headOf(after)) : null]])
    for (const name of lists) {
      const [old, now] = [pagesOf(name, before?.[name]), pagesOf(name, after?.[name])]
      for (const part of old.keys()) if (!now.has(part)) changes.set(part, null)
      for (const [part, page] of now) if (old.get(part) !== page) changes.set(part, JSON.stringify(page))
    }
    return changes
  },
  restore: parts => {
    const { fence, running, queued, ended } = read(Head, parts.get(''))
    return {
      fence,
      running,
      queued: { ...queued, pages: readPages('queued', queued.first, Queued, parts) },
      ended: { ...ended, pages: readPages('ended', ended.first, Ended, parts) },
    }
  },
}

const headOf = ({ fence, running, queued, ended }: Resource) => ({
  fence,
  running,
  queued: { first: queued.first, taken: queued.taken, tail: queued.tail },
  ended: { first: ended.first, taken: ended.taken, tail: ended.tail },
})

const pagesOf = (name: string, list: Pages<object> | undefined): Map<string, readonly object[]> =>
  new Map(list?.pages.map((page, index) => [`${name}${list.first + index}`, page]))

function readPages<Item extends z.ZodType>(
  name: string,
  first: number,
  item: Item,
  parts: ReadonlyMap<string, Buffer>,
): z.output<Item>[][] {
  const pages: z.output<Item>[][] = []
  for (let page = parts.get(`${name}${first}`); page; page = parts.get(`${name}${first + pages.length}`))
    pages.push(read(z.array(item), page))
  return pages
}

const read = <Schema extends z.ZodType>(schema: Schema, text: Buffer | undefined): z.output<Schema> => {
  try {
    return schema.parse(JSON.parse(String(text ?? '')))
  } catch (cause) {
    throw new Error('what is stored of a resource can not be read', { cause })
  }
}
