import type { StateFormat } from 'kafka-restaurants-kafka'
import { lastOf, type Pages } from './pages.ts'
import { queuedCount, type Resource } from './resource.ts'

/**
 * How resources stand in the changelog. The head of one has what changes most, and of each list what is less than a page; a
 * full page is a part of its own, written once and removed once: so a long line costs as much with each command as a short
 * one. What it reads, it has written: nobody else may write to the changelog.
 */
export const storedResource: StateFormat<Resource> = {
  changes: (before, after) => {
    const changes = new Map<string, string | null>([['', after ? JSON.stringify(headOf(after)) : null]])
    for (const name of ['queued', 'ended'] as const) pageChanges(changes, name, before?.[name], after?.[name])
    return changes
  },
  restore: restoredResource,
}

/** What the parts of a resource come to, as they stand in the changelog. */
export function restoredResource(parts: ReadonlyMap<string, Buffer | string>): Resource {
  const { fence, running, queued, ended } = read<Head>(parts.get(''))
  return {
    fence,
    running,
    queued: { ...queued, pages: readPages('queued', queued.first, parts) },
    ended: { ...ended, pages: readPages('ended', ended.first, parts) },
  }
}

type Bare<List> = Omit<List, 'pages'>
type Head = Omit<Resource, 'queued' | 'ended'> &
  Outline & {
    queued: Bare<Resource['queued']>
    ended: Bare<Resource['ended']>
  }

/** What the head says of the pages, for who needs no more. */
interface Outline {
  /** How many commands wait. */
  waiting: number
  /** When the last id that is known of an ended command is forgotten. */
  endedUntil?: number | undefined
}

const bare = <T>({ first, taken, tail }: Pages<T>): Bare<Pages<T>> => ({ first, taken, tail })
const headOf = (resource: Resource): Head => ({
  ...outlineOf(resource),
  queued: bare(resource.queued),
  ended: bare(resource.ended),
})

/** What a resource's clock goes by. */
export type ResourceOutline = Pick<Resource, 'fence' | 'running'> & Outline

const outlineOf = (resource: Resource): ResourceOutline => ({
  fence: resource.fence,
  running: resource.running,
  waiting: queuedCount(resource),
  endedUntil: lastOf(resource.ended)?.until,
})

/** The same of a resource as it is stored, from its head alone. */
export const storedOutline = (head: string): ResourceOutline => read<Head>(head)

/** The pages that are new or gone, by such names as `queued0` and `ended12`. */
function pageChanges(
  changes: Map<string, string | null>,
  name: string,
  before: Pages<object> | undefined,
  after: Pages<object> | undefined,
): void {
  if (before?.pages === after?.pages) return
  const [old, now] = [before, after].map(
    list => new Map(list?.pages.map((page, index) => [`${name}${list.first + index}`, page])),
  )
  for (const part of old?.keys() ?? []) if (!now?.has(part)) changes.set(part, null)
  for (const [part, page] of now ?? []) if (old?.get(part) !== page) changes.set(part, JSON.stringify(page))
}

function readPages<T>(name: string, first: number, parts: ReadonlyMap<string, Buffer | string>): T[][] {
  const pages: T[][] = []
  for (let page = parts.get(`${name}${first}`); page; page = parts.get(`${name}${first + pages.length}`))
    pages.push(read<T[]>(page))
  return pages
}

/** @throws Error for what is no JSON of such a kind */
function read<T extends object>(text: Buffer | string | undefined): T {
  const value: unknown = JSON.parse(String(text ?? ''))
  if (typeof value === 'object' && value !== null) return value as T
  throw new Error('what is stored of a resource can not be read')
}
