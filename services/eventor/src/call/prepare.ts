import { validateHeaderName, validateHeaderValue } from 'node:http'
import { UnreadableRecordError } from 'kafka-restaurants-kafka'
import { isHttpsOwn } from '../config/fields.ts'
import type { HttpHandler } from '../config/schema.ts'
import { compileTemplate, isTemplate, type Render } from '../config/template.ts'
import type { Event, Scope } from '../event.ts'

interface Target {
  origin: string
  path: string
}

/** An event as it is sent. */
export interface Request {
  target: Target
  headers: Record<string, string>
  body: Buffer | string | null
}

/** These have no body of their own: the event's bytes are not sent, only a body that the configuration asks for. */
const withoutBody = new Set(['GET', 'HEAD', 'DELETE'])

/** Headers of an event that always travel. NGINX drops names with an underscore, hence the usual name for the id. */
const alwaysPassed: [string, string][] = [
  ['traceparent', 'traceparent'],
  ['correlation_id', 'x-correlation-id'],
]

/**
 * Gives the function that makes an event's request. All that can be done before there is an event is done here.
 * @throws Error when the configuration names a URL or a header that HTTP can't have; the function, UnreadableRecordError
 */
export function preparing(handler: HttpHandler): (event: Event, scope: Scope) => Request {
  const renderBody = handler.body === undefined ? undefined : compileTemplate(handler.body)
  const sendsEvent = !renderBody && !withoutBody.has(handler.method)
  const configured = Object.entries(handler.headers).map(
    ([name, text]) => [name.toLowerCase(), text] as const,
  )
  const passed = new Map(alwaysPassed)
  for (const name of handler.passHeaders) passed.set(name.toLowerCase(), name.toLowerCase())
  for (const name of [...passed.values(), ...configured.map(([name]) => name)]) assertOurs(name)

  const fixedHeaders: Record<string, string> =
    renderBody || sendsEvent ? { 'content-type': 'application/text' } : {}
  const headerTemplates: [string, Render][] = []
  for (const [name, text] of configured) {
    if (isTemplate(text)) headerTemplates.push([name, compileTemplate(text)])
    else {
      validateHeaderValue(name, text)
      fixedHeaders[name] = text
    }
  }
  const renderUrl = compileTemplate(handler.url, { inUrl: true })
  const fixedTarget = isTemplate(handler.url) ? undefined : targetOf(handler.url)

  return (event, scope) => {
    const headers = { ...fixedHeaders }
    for (const [name, render] of headerTemplates) setHeader(headers, name, render(scope))
    for (const [name, value] of Object.entries(event.headers)) {
      const as = passed.get(name.toLowerCase())
      if (as) setHeader(headers, as, value)
    }
    return {
      target: fixedTarget ?? targetOfEvent(renderUrl(scope)),
      headers,
      body: renderBody ? renderBody(scope) : sendsEvent ? event.value : null,
    }
  }
}

/** @throws Error for a header that isn't the configuration's to set, or none at all */
function assertOurs(name: string): void {
  validateHeaderName(name)
  if (isHttpsOwn(name)) throw new Error(`the header ${name} is HTTP's own, and can't be set`)
}

/** Not a spread: a header may be called `__proto__`, which is then dropped. */
function setHeader(headers: Record<string, string>, name: string, value: string): void {
  try {
    validateHeaderValue(name, value)
  } catch {
    throw new UnreadableRecordError(`the header ${name} has characters that HTTP can't hold`)
  }
  headers[name] = value
}

function targetOf(text: string): Target {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('the URL is no http: or https: URL')
  if (url.username || url.password)
    throw new Error('the URL has a user or a password, which belong into auth')
  return { origin: url.origin, path: url.pathname + url.search }
}

/** A key that is called `..` must not lead elsewhere, as a URL has it resolved. */
const dotSegment = /^[^?#]*\/(\.|%2e){1,2}([/?#]|$)/i

function targetOfEvent(text: string): Target {
  try {
    if (dotSegment.test(text)) throw new Error('the URL has . or .. in its path')
    return targetOf(text)
  } catch (error) {
    throw new UnreadableRecordError((error as Error).message)
  }
}
