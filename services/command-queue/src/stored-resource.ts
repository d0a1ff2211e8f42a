import type { StateFormat } from 'kafka-restaurants-kafka'
import { lastOf, type Pages } from './pages.ts'
import { type Cause, type Ended, type Queued, queuedCount, type Resource } from './resource.ts'
import { firstLease, type Running, type RunningList, runningCount, runningOf } from './running.ts'

/**
 * How resources stand in the changelog. The head of one has what changes most, and of each list what is less than a page; a
 * full page is a part of its own, written once and removed once: so a long line costs as much with each command as a short
 * one. A page of those that run is written again as one of them ends, and is short. What it reads, it has written: nobody
 * else may write to the changelog.
 */
export const storedResource: StateFormat<Resource> = {
  changes: (before, after) => {
    const changes = new Map<string, string | null>([['', after ? headOf(after) : null]])
    pageChanges(changes, before?.queued, after?.queued, pagesOf('queued', queuedRow))
    pageChanges(changes, before?.ended, after?.ended, pagesOf('ended', endedRow))
    pageChanges(changes, before?.running, after?.running, runningPages)
    return changes
  },
  restore: restoredResource,
}

/** What the parts of a resource come to, as they stand in the changelog. */
export function restoredResource(parts: ReadonlyMap<string, Buffer | string>): Resource {
  const [outline, rest] = linesOf(String(parts.get('') ?? ''))
  const { fence, running } = read<Outline>(outline)
  const { queued, ended } = read<Rest>(rest)
  return {
    fence,
    running: runningIn(parts, running),
    queued: listOf('queued', queued, parts, queuedOf),
    ended: listOf('ended', ended, parts, endedOf),
  }
}

/** Who has a place, as it stands in the changelog. */
export function storedRunning(head: string, parts: ReadonlyMap<string, Buffer | string>): RunningList {
  return runningIn(parts, read<Outline>(linesOf(head)[0]).running)
}

function runningIn(parts: ReadonlyMap<string, Buffer | string>, tail: readonly Running[]): RunningList {
  const pages = [...parts].flatMap(([part, page]) =>
    part.startsWith(runningPart)
      ? [{ first: Number(part.slice(runningPart.length)), items: read<Running[]>(String(page)) }]
      : [],
  )
  return { pages: pages.toSorted((a, b) => a.first - b.first), tail }
}

/** What a resource's clock goes by. */
export interface ResourceOutline {
  /** The number of the last start. */
  fence: number
  /** How many commands have a place. */
  running: number
  /** When the first of their leases is over; never unless given. */
  leaseUntil?: number | undefined
  /** How many commands wait. */
  waiting: number
  /** When the last id that is known of an ended command is forgotten. */
  endedUntil?: number | undefined
}

/** The same of a resource as it is stored, from its head alone. */
export function storedOutline(head: string): ResourceOutline {
  const { fence, running, inPages, waiting, endedUntil } = read<Outline>(linesOf(head)[0])
  const leaseUntil = firstLease(inPages ? [...running, inPages] : running)
  return { fence, running: running.length + (inPages?.running ?? 0), leaseUntil, waiting, endedUntil }
}

/** The first line of a head. */
interface Outline extends Pick<ResourceOutline, 'fence' | 'waiting' | 'endedUntil'> {
  /** Those that are in no page. */
  running: readonly Running[]
  /** Of those that are in pages, where there are any. */
  inPages?: Pick<ResourceOutline, 'running' | 'leaseUntil'>
}

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

const outlineOf = (resource: Resource): Outline => ({
  fence: resource.fence,
  running: resource.running.tail,
  ...inPagesOf(resource.running.pages),
  waiting: queuedCount(resource),
  endedUntil: lastOf(resource.ended)?.until,
})

function inPagesOf(pages: RunningList['pages']): Pick<Outline, 'inPages'> {
  if (pages.length === 0) return {}
  const all = { pages, tail: [] }
  return { inPages: { running: runningCount(all), leaseUntil: firstLease(runningOf(all)) } }
}

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

/** The pages of a list by their parts' names, each with what is written of it. */
type NamedPages<List> = (list: List) => Map<string, { page: unknown; rows: () => unknown[] }>

/** By such names as `queued0` and `ended12`. */
const pagesOf =
  <Item>(name: string, asRow: (item: Item) => unknown): NamedPages<Pages<Item>> =>
  ({ pages, first }) =>
    new Map(pages.map((page, index) => [`${name}${first + index}`, { page, rows: () => page.map(asRow) }]))

const runningPart = 'running'
const runningPages: NamedPages<RunningList> = ({ pages }) =>
  new Map(pages.map(page => [`${runningPart}${page.first}`, { page, rows: () => [...page.items] }]))

/** The pages that are new, others, or gone. */
function pageChanges<List extends { pages: readonly unknown[] }>(
  changes: Map<string, string | null>,
  before: List | undefined,
  after: List | undefined,
  named: NamedPages<List>,
): void {
  if (before?.pages === after?.pages) return
  const [old, now] = [before ? named(before) : new Map(), after ? named(after) : new Map()]
  for (const part of old.keys()) if (!now.has(part)) changes.set(part, null)
  for (const [part, { page, rows }] of now)
    if (old.get(part)?.page !== page) changes.set(part, JSON.stringify(rows()))
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
