import { validateHeaderName } from 'node:http'
import { isHttpsOwn } from 'kafka-restaurants-config-file'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { isTracing } from 'kafka-restaurants-service'
import { compileTemplate, isTemplate, type Render } from '../../config/template.ts'
import { type Event, type Scope, tracing } from '../../event.ts'
import { fitsIntoHttp, fittedIntoHttp } from './header-text.ts'
import type { HttpHandler } from './schema.ts'

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

/** How the headers that always travel are called. NGINX drops names with an underscore, hence the usual name for the id. */
const tracingNames = { traceparent: 'traceparent', correlation_id: 'x-correlation-id' }

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
  const passed = handler.passHeaders.map(name => name.toLowerCase())
  for (const name of [...passed, ...configured.map(([name]) => name)]) assertOurs(name)

  const fixedHeaders: Record<string, string> =
    renderBody || sendsEvent ? { 'content-type': 'application/text' } : {}
  const headerTemplates: [string, Render][] = []
  for (const [name, text] of configured) {
    if (isTemplate(text)) headerTemplates.push([name, compileTemplate(text)])
    else {
      if (!fitsIntoHttp(text)) throw new Error(unfit(name))
      fixedHeaders[name] = text
    }
  }
  const renderUrl = compileTemplate(handler.url, { inUrl: true })
  const fixedTarget = isTemplate(handler.url) ? undefined : targetOf(handler.url)

  return (event, scope) => {
    const headers = { ...fixedHeaders }
    for (const [name, render] of headerTemplates) {
      const text = render(scope)
      if (!fitsIntoHttp(text)) throw new UnreadableRecordError(unfit(name))
      headers[name] = text
    }
    // Assigned, not spread: a header may be called `__proto__`, which is then dropped.
    for (const [name, value] of Object.entries(event.headers)) {
      if (passed.includes(name.toLowerCase())) headers[name.toLowerCase()] = fittedIntoHttp(value)
    }
    for (const [name, value] of tracing(event.headers)) {
      // The call has a span of its own, whose header it bears.
      if (name !== 'traceparent' || !isTracing()) headers[tracingNames[name]] = fittedIntoHttp(value)
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

const unfit = (name: string) => `the header ${name} has characters that HTTP can't hold`

function targetOf(text: string): Target {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('the URL is no http: or https: URL')
  if (url.username || url.password)
    throw new Error('the URL has a user or a password, which belong into auth')
  return { origin: url.origin, path: url.pathname + url.search }
}

/** A key that is called `..` must not lead elsewhere, as a URL has it resolved. */
const dotSegment = /^[^?#]*[/\\](\.|%2e){1,2}([/\\?#]|$)/i
/** What a URL is read without, wherever it stands. */
const unseen = /[\t\r\n]/g

function targetOfEvent(text: string): Target {
  try {
    if (dotSegment.test(text.replace(unseen, '').trim())) throw new Error('the URL has . or .. in its path')
    return targetOf(text)
  } catch (error) {
    throw new UnreadableRecordError((error as Error).message)
  }
}
