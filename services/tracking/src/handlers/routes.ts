import type { RequestHandler } from 'express'
import {
  OrderChange,
  PlaceInLine,
  PopularDishes,
  PopularQuery,
  TrackedOrder,
} from 'kafka-restaurants-contracts'
import { json, problem, type Route } from 'kafka-restaurants-service'
import { z } from 'zod'

/** What the service answers, by path. */
export const routes = (handlers: { order: RequestHandler; popular: RequestHandler }) => ({
  title: 'tracking',
  schemas: { TrackedOrder, OrderChange, PlaceInLine, PopularDishes },
  routes: [
    {
      method: 'get',
      path: '/orders/{id}',
      summary: 'What has become of an order, once or live',
      requestParams: {
        path: z.object({ id: z.uuid() }),
        header: z.object({
          Prefer: z.string().optional().meta({
            description:
              'wait=N: waits up to N seconds for the order to be known and decided, or to be another than If-None-Match says',
          }),
          'If-None-Match': z.string().optional().meta({ description: 'the ETag of what is known already' }),
          'Last-Event-ID': z.string().optional().meta({ description: 'the last change that a stream had' }),
        }),
      },
      responses: {
        200: {
          description:
            'The order; as a stream each of its changes, also those that were before, and its place in line',
          content: {
            'application/json': { schema: TrackedOrder },
            'text/event-stream': {
              schema: z.string().meta({
                description:
                  'events whose data are OrderChanges; and while the order waits to be cooked, at first and whenever that changes, events called place whose data are PlaceInLines',
              }),
            },
          },
        },
        304: { description: 'Nothing has changed' },
        404: problem('Not known, or no id'),
        503: problem('The database is away: try again after Retry-After'),
      },
      handle: handlers.order,
    },
    {
      method: 'get',
      path: '/popular',
      summary: 'What diners order most at a restaurant',
      requestParams: { query: PopularQuery },
      responses: {
        200: json('Most ordered first; none of a restaurant of which little is known', PopularDishes),
        422: problem('No restaurant is named'),
        503: problem('The database is away: try again after Retry-After'),
      },
      handle: handlers.popular,
    },
  ] satisfies Route[],
})
