import { createHash } from 'node:crypto'
import type { Request } from 'express'
import type { OutputRecord } from 'kafka-restaurants-kafka'
import { HttpProblem } from 'kafka-restaurants-service'
import type { Route } from '../config/schema.ts'
import type { CheckJson } from '../json-schema.ts'
import { jsonBody, withFields } from '../request-value.ts'

/** What a call asks for, before it has an id. */
export interface Asked {
  /** A digest: the same for a repeat, another one for another body or path. */
  hash: () => string
  /** The record that asks for it, with the call's id in it. */
  record: (id: string) => OutputRecord
}

type Fields = Record<string, unknown>

/**
 * Reads and checks what a call brought.
 * @throws HttpProblem 400, 415 or 422, which says what is wrong with it
 */
export function asked(request: Request, route: Route, check: CheckJson | undefined): Asked {
  const path = request.params as Record<string, string>
  const query = { ...request.query } as Fields
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const hasBody = route.method !== 'GET' && route.method !== 'DELETE'
  const json = route.body === 'json' ? fieldsOf() : undefined
  const faults = json && check ? check({ ...json.json, ...path }) : []
  if (faults.length > 0) throw new HttpProblem(422, 'Invalid request', { errors: faults })
  const key = keyOf()

  function fieldsOf() {
    if (hasBody) return jsonBody(bytes, request.get('Content-Type'))
    return { json: query, text: JSON.stringify(query) }
  }
  /** Undefined where it is the call's id. */
  function keyOf(): string | undefined {
    const [from, ...steps] = route.key.split('.')
    if (from === 'correlationId') return undefined
    const name = steps.join('.')
    const found =
      from === 'header'
        ? request.get(name)
        : from === 'path'
          ? path[name]
          : valueAt(from === 'query' ? query : json?.json, steps)
    if (typeof found === 'string' || typeof found === 'number') return String(found)
    throw new HttpProblem(422, 'Invalid request', {
      errors: [
        { field: from === 'body' ? name : route.key, message: 'must be given: it is the key of the request' },
      ],
    })
  }
  return {
    hash: () =>
      createHash('sha256')
        .update(`${route.method} ${JSON.stringify(path)} ${JSON.stringify(query)}\n`)
        .update(json ? JSON.stringify(json.json) : bytes)
        .digest('base64url'),
    record: id => ({
      topic: route.topic,
      key: key ?? id,
      value: json ? withFields(json, { ...path, [route.correlationId.field]: id }) : bytes,
      headers: headersOf(request, route, id),
    }),
  }
}

function headersOf(request: Request, route: Route, id: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of route.headers) {
    const value = request.get(name)
    if (value !== undefined) headers[name] = value
  }
  const trace = request.get('traceparent')
  if (route.body === 'bytes')
    headers['content-type'] ??= request.get('Content-Type') ?? 'application/octet-stream'
  if (trace !== undefined && /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/.test(trace))
    headers.traceparent = trace
  else delete headers.traceparent
  headers.correlation_id = id
  headers[route.correlationId.field] = id
  return headers
}

const valueAt = (fields: Fields | undefined, steps: string[]): unknown =>
  steps.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Fields)[step]
        : undefined,
    fields,
  )
