import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import { DeadLetterChoice } from 'kafka-restaurants-contracts'
import { HttpProblem, idempotencyKey, parseRequest } from 'kafka-restaurants-service'
import type { DeskActs } from '../desk/acts.ts'

type Handlers = Record<'redrive' | 'park' | 'acts', RequestHandler>

/** What is done at the desk, and what was. */
export const actHandlers = ({ act, recent }: DeskActs): Handlers => {
  const doing =
    (what: 'redrive' | 'park'): RequestHandler =>
    async (request, response) => {
      const by = whoActs(request)
      const choice = parseRequest(DeadLetterChoice, request.body, 'Invalid choice of dead letters')
      response.json(await act({ act: what, choice, by, key: idempotencyKey(request) ?? randomUUID() }))
    }
  return {
    redrive: doing('redrive'),
    park: doing('park'),
    acts: async (_request, response) => void response.set('Cache-Control', 'no-store').json(await recent()),
  }
}

/**
 * The edge knows who logged in, and says so in `X-Staff`, whatever the caller sends. No page of another origin can send
 * such a header before it has asked by OPTIONS, and that is refused.
 */
function whoActs(request: Request): string {
  const by = request.get('X-Staff') ?? ''
  if (/^[ -~]{1,100}$/.test(by)) return by
  throw new HttpProblem(403, 'The call does not say who acts', {
    detail: 'X-Staff has to: the edge sends it, for who has logged in.',
  })
}
