import type { Response } from 'express'
import { endWith, HttpProblem } from 'kafka-restaurants-service'
import type { Answer, Unusable } from '../reply.ts'

/** Answers with what a reply says. @throws HttpProblem 502 for a reply that can't be passed on */
export function sendAnswer(response: Response, answer: Answer | Unusable): void {
  if (typeof answer === 'string')
    throw new HttpProblem(502, 'The reply can not be passed on', {
      detail: answer === 'too large' ? 'It is larger than the gateway takes.' : 'It can not be read.',
    })
  const { status, contentType, headers, body } = answer
  if (contentType) response.setHeader('Content-Type', contentType)
  for (const name in headers) response.setHeader(name, headers[name] ?? '')
  response.statusCode = status
  response.setHeader('Content-Length', body.length)
  endWith(response, body)
}

/** Says where the reply will be. */
export function sendAccepted(response: Response, id: string): void {
  const location = `/replies/${encodeURIComponent(id)}`
  response
    .status(202)
    .set({ Location: location, 'Retry-After': '1' })
    .json({ status: 'pending', id, location })
}
