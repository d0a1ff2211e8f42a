import type { InputRecord } from 'kafka-restaurants-kafka'
import type { Route } from './config/schema.ts'
import { isId } from './correlation-id.ts'

/** What a reply answers with. */
export interface Answer {
  status: number
  contentType: string | undefined
  headers: Record<string, string>
  body: Buffer
}

export type ReplyRules = Route['replies']

/** A reply that can't be passed on, and what to count it as. */
export type Unusable = 'too large' | 'unreadable'

/**
 * What a reply answers with. What it says of status, type and headers and HTTP can't have is left out: 200,
 * application/json.
 */
export function answerOf(record: InputRecord, rules: ReplyRules): Answer | Unusable {
  if (record.undecodable) return 'unreadable'
  if (record.value.length > rules.maxBytes) return 'too large'
  const { headers } = record
  const find = (name: string) => headers[name] ?? headers[name.toLowerCase()]
  const passed = rules.headers.flatMap(name => {
    const value = find(name)
    return value !== undefined && isHeaderValue(value) ? [[name, value]] : []
  })
  return {
    status: statusOf(find(rules.statusHeader), record.isTombstone),
    contentType: record.isTombstone ? undefined : typeOf(find(rules.contentTypeHeader)),
    headers: Object.fromEntries(passed),
    body: record.value,
  }
}

const statusOf = (said: string | undefined, isTombstone: boolean): number =>
  said !== undefined && /^[2-5]\d\d$/.test(said) ? Number(said) : isTombstone ? 204 : 200

/** RFC 9110, 8.3: a type, a subtype, and parameters. */
const mediaType =
  /^[\w.+-]{1,64}\/[\w.+-]{1,64}(\s*;\s*[\w.-]{1,32}=("[\w .+:/-]{0,64}"|[\w.+:/-]{1,64})){0,4}$/
const typeOf = (said: string | undefined): string =>
  said !== undefined && mediaType.test(said) ? said : 'application/json'

/** Visible ASCII and blanks. */
const isHeaderValue = (value: string) => value.length <= 4_096 && /^[\x20-\x7e]*$/.test(value)

/** How the replies of one topic say whose they are: those of several routes may share it. */
export interface Matching {
  header: string
  field: string
  maxBytes: number
}

const none: string[] = []

/**
 * The ids that a record replies to. It is asked of every reply, most of which are another replica's, so it looks at the
 * headers alone where they tell, and parses a body only where that can have an id.
 */
export function idsOf(record: InputRecord, ways: readonly Matching[]): string[] {
  if (record.undecodable) return none
  for (const { header } of ways) {
    const values = record.rawHeaders[header] ?? record.rawHeaders[header.toLowerCase()]
    const value = values?.at(-1)
    if (value === undefined || value.length === 0) continue
    if (value.length > 128) return none
    const id = value.toString('latin1')
    return isId(id) ? [id] : none
  }
  for (const { field, maxBytes } of ways) {
    if (record.value.length > maxBytes || !record.value.includes(`"${field}"`)) continue
    const id = fieldOf(record.value, field)
    if (typeof id === 'string' && isId(id)) return [id]
  }
  return none
}

function fieldOf(value: Buffer, field: string): unknown {
  try {
    const json = JSON.parse(value.toString())
    return typeof json === 'object' && json !== null && Object.hasOwn(json, field) ? json[field] : undefined
  } catch {
    return undefined
  }
}
