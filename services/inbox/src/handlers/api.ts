import { pipeline } from 'node:stream/promises'
import express, { type Express } from 'express'
import { HttpProblem, type ModeSwitch, parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Mailbox } from '../adapters/mailbox.ts'
import { Mode } from '../mode.ts'

const MessagesQuery = z.object({
  to: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
  before: z.coerce.number().int().min(1).optional(),
})

/** The mails as JSON, and the switch that makes the mail server misbehave. */
export function apiRoutes(
  http: Express,
  { mailbox, mode }: { mailbox: Mailbox; mode: ModeSwitch<Mode> },
): void {
  http.get('/api/messages', async (request, response) => {
    const query = parseRequest(MessagesQuery, request.query, 'Invalid query')
    response.type('json')
    // Whoever goes away in the middle wants no more of it.
    await pipeline(listOf(mailbox, query), response).catch(error => {
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
    })
  })
  http.get('/api/messages/:id', async (request, response) => {
    response.json(await findMail(mailbox, request.params.id))
  })
  http.delete('/api/messages', (_request, response) => {
    mailbox.clear()
    response.status(204).end()
  })
  http.get('/api/mode', (_request, response) => void response.json(mode.get()))
  http.put('/api/mode', express.json({ type: () => true }), (request, response) => {
    mode.set(parseRequest(Mode, request.body, 'Invalid mode'))
    response.json(mode.get())
  })
}

/** As JSON, mail by mail: all at once may be more than there is memory for. */
async function* listOf(mailbox: Mailbox, query: z.infer<typeof MessagesQuery>): AsyncGenerator<string> {
  yield `{"total":${mailbox.total(query.to)},"messages":[`
  let comma = ''
  for await (const message of mailbox.each(query)) {
    yield comma + JSON.stringify(message)
    comma = ','
  }
  yield ']}'
}

/** @throws HttpProblem 404 where there is no such mail (any more) */
export async function findMail(mailbox: Mailbox, id: string) {
  const mail = /^\d{1,15}$/.test(id) ? await mailbox.find(Number(id)) : undefined
  if (!mail) throw new HttpProblem(404, 'No such mail')
  return mail
}
