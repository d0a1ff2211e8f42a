import type { Express, RequestHandler } from 'express'
import { HttpProblem, parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import { type Bridge, directions, UnknownPatternError } from './bridge.ts'

const Which = z.object({ direction: z.enum(directions).optional(), pattern: z.string().optional() })

/**
 * Adds `/kafka/start`, `/kafka/stop` and `/kafka/status`, by GET or POST, which answer with the status. `?direction=` and
 * `?pattern=` say what is to be started or stopped; all unless given.
 */
export function adminRoutes(http: Express, bridge: Bridge): void {
  const add = (path: string, act: (which: z.output<typeof Which>) => Promise<void>) => {
    const handle: RequestHandler = async (request, response) => {
      const which = parseRequest(Which, request.query, 'Invalid query')
      try {
        await act(which)
      } catch (error) {
        if (!(error instanceof UnknownPatternError)) throw error
        throw new HttpProblem(404, 'No such pattern', { detail: error.message })
      }
      response.json(bridge.status())
    }
    http.route(path).get(handle).post(handle)
  }
  add('/kafka/start', bridge.start)
  add('/kafka/stop', bridge.stop)
  add('/kafka/status', async () => {})
}
