import type { StateFormat } from 'kafka-restaurants-kafka'
import { lastOf, type Pages } from './pages.ts'
import { type Cause, type Ended, type Queued, queuedCount, type Resource } from './resource.ts'

/**
 * How resources stand in the changelog. The head of one has what changes most, and of each list what is less than a page; a
 * full page is a part of its own, written once and removed once: so a long line costs as much with each command as a short
 * one. What it reads, it has written: nobody else may write to the changelog.
 */
export const storedResource: StateFormat<Resource> = {
  changes: (before, after) => {
    const changes = new Map<string, string | null>([['', after ? headOf(after) : null]])
    pageChanges(changes, 'queued', before?.queued, after?.queued, queuedRow)
    pageChanges(changes, 'ended', before?.ended, after?.ended, endedRow)
    return changes
  },
  restore: restoredResource,
}

/** What the parts of a resource come to, as they stand in the changelog. */
export function restoredResource(parts: ReadonlyMap<string, Buffer | string>): Resource {
  const [outline, rest] = linesOf(String(parts.get('') ?? ''))
  const { fence, running } = read<ResourceOutline>(outline)
  const { queued, ended } = read<Rest>(rest)
  return {
    fence,
    running,
    queued: listOf('queued', queued, parts, queuedOf),
    ended: listOf('ended', ended, parts, endedOf),
  }
}

/** What a resource's clock goes by. */
export interface ResourceOutline extends Pick<Resource, 'fence' | 'running'> {
  /** How many commands wait. */
  waiting: number
  /** When the last id that is known of an ended command is forgotten. */
  endedUntil?: number | undefined
}

/** The same of a resource as it is stored, from its head alone. */
export const storedOutline = (head: string): ResourceOutline => read(linesOf(head)[0])

/** A line of its own for those who read no more than that, and one with the rest: lists of rows, as names take room. */
const headOf = (resource: Resource): string =>
  `${JSON.stringify(outlineOf(resource))}\n${JSON.stringify({
    queued: tailOf(resource.queued, queuedRow),
    ended: tailOf(resource.ended, endedRow),
  } satisfies Rest)}`

const linesOf = (head: string): [string, string] => {
  const end = head.indexOf('\n')
  return [head.slice(0, end), head.slice(end + 1)]
}

const outlineOf = (resource: Resource): ResourceOutline => ({
  fence: resource.fence,
  running: resource.running,
  waiting: queuedCount(resource),
  endedUntil: lastOf(resource.ended)?.until,
})

interface Rest {
  queued: Tail<QueuedRow>
  ended: Tail<EndedRow>
}
interface Tail<Row> {
  first: number
  taken: number
  tail: Row[]
}
type QueuedRow = [id: string, message: string, requestedAt: number, cause?: Cause]
type EndedRow = [id: string, until: number]

const queuedRow = ({ id, message, requestedAt, cause }: Queued): QueuedRow =>
  cause ? [id, message, requestedAt, cause] : [id, message, requestedAt]
const queuedOf = ([id, message, requestedAt, cause]: QueuedRow): Queued => ({
  id,
  message,
  requestedAt,
  ...(cause && { cause }),
})
const endedRow = ({ id, until }: Ended): EndedRow => [id, until]
const endedOf = ([id, until]: EndedRow): Ended => ({ id, until })

const tailOf = <Item, Row>({ first, taken, tail }: Pages<Item>, asRow: (item: Item) => Row): Tail<Row> => ({
  first,
  taken,
  tail: tail.map(asRow),
})

/** The pages that are new or gone, by such names as `queued0` and `ended12`. */
function pageChanges<Item>(
  changes: Map<string, string | null>,
  name: string,
  before: Pages<Item> | undefined,
  after: Pages<Item> | undefined,
  asRow: (item: Item) => unknown,
): void {
  if (before?.pages === after?.pages) return
  const named = (list: Pages<Item> | undefined) =>
    new Map(list?.pages.map((page, index) => [`${name}${list.first + index}`, page]))
  const [old, now] = [named(before), named(after)]
  for (const part of old.keys()) if (!now.has(part)) changes.set(part, null)
  for (const [part, page] of now)
    if (old.get(part) !== page) changes.set(part, JSON.stringify(page.map(asRow)))
}

function listOf<Item, Row>(
  name: string,
  { first, taken, tail }: Tail<Row>,
  parts: ReadonlyMap<string, Buffer | string>,
  ofRow: (row: Row) => Item,
): Pages<Item> {
  const pages: Item[][] = []
  for (let page = parts.get(`${name}${first}`); page; page = parts.get(`${name}${first + pages.length}`))
    pages.push(read<Row[]>(String(page)).map(ofRow))
  return { first, taken, tail: tail.map(ofRow), pages }
}

/** @throws Error for what is no JSON of such a kind */
function read<T extends object>(text: string): T {
  const value: unknown = JSON.parse(text)
  if (typeof value === 'object' && value !== null) return value as T
  throw new Error('what is stored of a resource can not be read')
}
