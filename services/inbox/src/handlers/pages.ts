import { randomBytes } from 'node:crypto'
import type { Express, Response } from 'express'
import { parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Mailbox } from '../adapters/mailbox.ts'
import { page } from '../page.ts'
import { findMail } from './api.ts'

const PageQuery = z.object({ to: z.string().default(''), view: z.enum(['html', 'text']).default('html') })
const shownMails = 100

/** The mails as pages to read. `waiting` holds the browsers that want to hear of new mail. */
export function pageRoutes(http: Express, mailbox: Mailbox, waiting: Set<Response>): void {
  http.get('/', async (request, response) => {
    const { to } = parseRequest(PageQuery, request.query, 'Invalid query')
    show(response, { to, list: await mailbox.list({ to, limit: shownMails }) })
  })
  http.get('/messages/:id', async (request, response) => {
    const { to, view } = parseRequest(PageQuery, request.query, 'Invalid query')
    const open = { mail: await findMail(mailbox, request.params.id), view }
    show(response, { to, list: await mailbox.list({ to, limit: shownMails }), open })
  })
  http.get('/events', (_request, response) => {
    response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }).flushHeaders()
    waiting.add(response)
    response.on('close', () => waiting.delete(response))
  })
}

/** A mail's frame inherits this policy: neither runs a script of the mail, nor loads anything from elsewhere. */
function show(response: Response, content: Omit<Parameters<typeof page>[0], 'nonce'>): void {
  const nonce = randomBytes(16).toString('base64')
  response.set({
    'Content-Security-Policy':
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; ` +
      "form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  })
  response.type('html').send(page({ ...content, nonce }))
}
