import { HttpProblem } from 'kafka-restaurants-service'

/** What the database finds. @throws HttpProblem 503 where it does not answer */
export const orAway = <Found>(found: Promise<Found>): Promise<Found> =>
  found.catch(cause => {
    throw new HttpProblem(503, 'The database does not answer', { cause, headers: { 'Retry-After': '2' } })
  })
