import type { RequestHandler } from 'express'
import { BreakName, Breaks, OrderRecord, Pipeline } from 'kafka-restaurants-contracts'
import { json, problem, type Route } from 'kafka-restaurants-service'
import { z } from 'zod'

/** What the service answers, by path. */
export const routes = (handle: Record<'pipeline' | 'records' | 'breaks' | 'break', RequestHandler>) => ({
  title: 'backstage',
  schemas: { Pipeline, OrderRecord, Breaks },
  routes: [
    {
      method: 'get',
      path: '/pipeline',
      summary: 'What moves through Kafka, once or live',
      responses: {
        200: {
          description: 'Topics and groups; as a stream once a second, each event the whole of it',
          content: {
            'application/json': { schema: Pipeline },
            'text/event-stream': { schema: z.string() },
          },
        },
        503: problem('Kafka is away: try again after Retry-After'),
      },
      handle: handle.pipeline,
    },
    {
      method: 'get',
      path: '/orders/{id}/records',
      summary: 'The records that told of an order, with what is personal hidden',
      requestParams: { path: z.object({ id: z.uuid() }) },
      responses: {
        200: json('In the sequence of the order', OrderRecord.array()),
        404: problem('Not known, or no id'),
        503: problem('Kafka or tracking is away: try again after Retry-After'),
      },
      handle: handle.records,
    },
    {
      method: 'get',
      path: '/breaks',
      summary: 'What may be broken here, and what is now',
      responses: { 200: json('What is broken', Breaks) },
      handle: handle.breaks,
    },
    {
      method: 'post',
      path: '/breaks/{name}',
      summary: 'Breaks a part for half a minute',
      requestParams: { path: z.object({ name: BreakName }) },
      responses: {
        200: json('What is broken now', Breaks),
        403: problem('The call comes from elsewhere than the page'),
        404: problem('There is no such break, or not here'),
        409: problem('The part is broken already'),
        503: problem('The part can not be reached'),
      },
      handle: handle.break,
    },
  ] satisfies Route[],
})
