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
    response.json(await mailbox.list(parseRequest(MessagesQuery, request.query, 'Invalid query')))
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

/** @throws HttpProblem 404 where there is no such mail (any more) */
export async function findMail(mailbox: Mailbox, id: string) {
  const mail = /^\d{1,15}$/.test(id) ? await mailbox.find(Number(id)) : undefined
  if (!mail) throw new HttpProblem(404, 'No such mail')
  return mail
}
