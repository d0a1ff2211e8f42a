// node packages/dev-env/src/observe/otlp.ts: takes spans by OTLP, which Zipkin does not know, and hands them on to it; leads
// people to the traces of orders.
import express, { type Express } from 'express'
import {
  closed,
  createContext,
  HttpProblem,
  httpApp,
  httpServer,
  problemHandlers,
} from 'kafka-restaurants-service'
import type { Command } from '../child.ts'
import { root } from '../paths.ts'
import { Exported, zipkinSpans } from './zipkin-spans.ts'

/** Its port on 127.0.0.1, and where Zipkin is. */
interface OtlpPlace {
  PORT: string
  ZIPKIN_URL: string
}

/** How to run it as a process. */
export const otlpCommand = (place: OtlpPlace): Command => ({
  command: process.execPath,
  args: [import.meta.filename],
  cwd: root,
  env: { ...process.env, ...place },
})

/** Zipkin's page for the traces that have a tag. It searches at once only if told up to when, and a tag may just be coming. */
const searchFor = (tag: string, now = Date.now()) =>
  `/zipkin/?${new URLSearchParams({ annotationQuery: tag, limit: '20', lookback: '1d', endTs: String(now + 60_000) })}`

const largestBody = '32mb'
const zipkinMayTakeMs = 5_000

/** Answers OTLP/HTTP as its specification has it: who is told 503 sends the same again. */
export function otlpApp(zipkinUrl: string, logLevel = 'warn'): Express {
  const http = httpApp()
  http.get('/health', (_request, response) => void response.json({ status: 'healthy' }))
  http.get('/', (_request, response) => response.redirect(`${zipkinUrl}${searchFor('order_id')}`))
  http.get('/orders/:id', ({ params }, response) =>
    response.redirect(`${zipkinUrl}${searchFor(`order_id=${params.id}`)}`),
  )
  http.post('/v1/traces', express.json({ limit: largestBody }), async (request, response) => {
    const exported = Exported.safeParse(request.body)
    if (!request.is('json'))
      throw new HttpProblem(415, 'Spans are taken as JSON alone', {
        detail: 'Set OTEL_EXPORTER_OTLP_PROTOCOL=http/json.',
      })
    if (!exported.success)
      throw new HttpProblem(400, 'The body has no spans', { detail: exported.error.message })
    await handOn(`${zipkinUrl}/api/v2/spans`, zipkinSpans(exported.data))
    response.json({})
  })
  return problemHandlers(http, createContext('OTLP', logLevel).log)
}

async function handOn(url: string, spans: unknown): Promise<void> {
  const sent = fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(spans),
    signal: AbortSignal.timeout(zipkinMayTakeMs),
  })
  const answer = await sent.catch(cause => {
    throw new HttpProblem(503, 'Zipkin is away', { cause })
  })
  const says = await answer.text()
  if (answer.ok) return
  const isItsFault = answer.status >= 500
  throw new HttpProblem(isItsFault ? 503 : 400, `Zipkin answers ${answer.status}`, { detail: says })
}

if (import.meta.main) {
  const { PORT, ZIPKIN_URL = '' } = process.env
  const server = httpServer(otlpApp(ZIPKIN_URL)).listen(Number(PORT), '127.0.0.1')
  process.once('SIGTERM', () => void closed(server).then(() => process.exit(0)))
}
