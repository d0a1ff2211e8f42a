import type { Request, RequestHandler, Response } from 'express'
import { HttpProblem, type LiveUpdates } from 'kafka-restaurants-service'
import type { Claims } from '../adapters/claims.ts'
import { isId } from '../correlation-id.ts'
import type { Answer, Unusable } from '../reply.ts'
import type { Call } from '../retained.ts'
import { sendAccepted, sendAnswer } from './answers.ts'
import { clientOf } from './calls.ts'
import type { KeptAnswers } from './kept-answers.ts'
import { refused } from './refusals.ts'

/**
 * `GET /replies/:id`: the reply of a call that was async or had an Idempotency-Key; 202 until it has come. `Prefer: wait=N`
 * waits for it, `Accept: text/event-stream` streams it.
 */
export function replyHandler({
  claims,
  kept,
  live,
}: {
  claims: Pick<Claims, 'find'>
  kept: KeptAnswers
  live: LiveUpdates
}): RequestHandler {
  return async (request, response) => {
    const call = await findCall(request, response, claims)
    response.set({ 'Cache-Control': 'no-store', Vary: 'Accept' })
    if (request.accepts(['json', 'text/event-stream']) === 'text/event-stream')
      return live.stream(request, response, call.id, async seen => {
        const answer = seen === call.id ? undefined : await kept.of(call)
        return answer === undefined ? [] : [{ id: call.id, event: 'reply', data: shown(answer) }]
      })
    const answer = await live.poll(request, response, call.id, () => kept.of(call))
    if (answer === undefined) sendAccepted(response, call.id)
    else sendAnswer(response, answer)
  }
}

async function findCall(request: Request, response: Response, claims: Pick<Claims, 'find'>): Promise<Call> {
  const id = String(request.params.id)
  const call = isId(id) ? await claims.find(id).catch(refused) : undefined
  if (call && call.client === clientOf(response)) return call
  throw new HttpProblem(404, 'No such reply', {
    detail:
      'A reply is kept for a while, and only of a call with Prefer: respond-async or an Idempotency-Key.',
  })
}

/** A reply as the data of an event: its body as JSON where it is that, else as text. */
function shown(answer: Answer | Unusable): object {
  if (typeof answer === 'string') return { status: 502, body: `the reply is ${answer}` }
  const { status, contentType, body } = answer
  return { status, contentType, body: /json/i.test(contentType ?? '') ? jsonOrText(body) : String(body) }
}

function jsonOrText(body: Buffer): unknown {
  try {
    return JSON.parse(String(body))
  } catch {
    return String(body)
  }
}
