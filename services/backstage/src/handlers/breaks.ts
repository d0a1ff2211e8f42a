import type { RequestHandler } from 'express'
import { BreakName } from 'kafka-restaurants-contracts'
import { HttpProblem } from 'kafka-restaurants-service'
import type { Breaker } from '../breaks.ts'

/** `GET /breaks`: what may be broken here, and what is now. */
export const breaksHandler =
  ({ list }: Breaker): RequestHandler =>
  async (_request, response) =>
    void response.set('Cache-Control', 'no-store').json(await list())

/**
 * `POST /breaks/:name`: breaks a part for half a minute. It has to bring `X-Backstage`, which no page of another origin can
 * send before it has asked by OPTIONS, and that is refused.
 */
export const breakHandler =
  ({ begin }: Breaker): RequestHandler =>
  async (request, response) => {
    if (!request.get('X-Backstage'))
      throw new HttpProblem(403, 'The call does not come from the page that shows how it works', {
        detail: 'That sends X-Backstage, which no page of another site can.',
      })
    const { success, data } = BreakName.safeParse(request.params.name)
    if (!success)
      throw new HttpProblem(404, 'There is no such break', {
        detail: `There are ${BreakName.options.join(', ')}.`,
      })
    response.json(await begin(data))
  }
