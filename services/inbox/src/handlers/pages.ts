import { randomBytes } from 'node:crypto'
import type { Express, Response } from 'express'
import { type LiveUpdates, parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Mailbox } from '../adapters/mailbox.ts'
import { page } from '../page.ts'
import { findMail } from './api.ts'

const PageQuery = z.object({ to: z.string().default(''), view: z.enum(['html', 'text']).default('html') })
const shownMails = 100
/** What `live` is told of when a mail has come. */
export const newMail = 'mail'

/** The mails as pages to read, which hear of new mail. */
export function pageRoutes(
  http: Express,
  { mailbox, live, siteUrl }: { mailbox: Mailbox; live: LiveUpdates; siteUrl?: string | undefined },
): void {
  http.get('/', async (request, response) => {
    const { to } = parseRequest(PageQuery, request.query, 'Invalid query')
    const newest = mailbox.newestId()
    show(response, { to, newest, list: await mailbox.list({ to, limit: shownMails }), siteUrl })
  })
  http.get('/messages/:id', async (request, response) => {
    const { to, view } = parseRequest(PageQuery, request.query, 'Invalid query')
    const open = { mail: await findMail(mailbox, request.params.id), view }
    const newest = mailbox.newestId()
    show(response, { to, newest, list: await mailbox.list({ to, limit: shownMails }), open, siteUrl })
  })
  http.get('/events', (request, response) =>
    live.stream(request, response, newMail, seen => {
      const id = String(mailbox.newestId())
      // Not only what is newer: an inbox that was emptied with its file counts from 1 again.
      return id === seen ? [] : [{ id, data: 'mail' }]
    }),
  )
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
