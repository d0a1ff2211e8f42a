import express, { type Express, type RequestHandler } from 'express'
import { CommandTaken, QueuedResource, QueueId } from 'kafka-restaurants-contracts'
import { addRoutes, json, problem } from 'kafka-restaurants-service'
import { z } from 'zod'
import { ListQuery, type resourceHandlers } from './resources.ts'
import { NewCommand, NewCommandOf, NewEvent, type takingHandlers } from './taking.ts'

/** JSON escapes may make a message up to six times as long, and there is more in a body than it. */
const bodyLimit = (mostBytes: number) => 6 * mostBytes + 4_096

const path = (...names: string[]) => ({
  path: z.object(Object.fromEntries(names.map(name => [name, QueueId]))),
})
const events = (what: string, data = 'QueuedResources') => ({
  description: what,
  content: {
    'text/event-stream': {
      schema: z.string().meta({ description: `events whose data are ${data}` }),
    },
  },
})
const body = (schema: z.ZodType, asText?: string) => ({
  content: {
    'application/json': { schema },
    ...(asText && { 'text/plain': { schema: z.string().meta({ description: asText }) } }),
  },
})
const taken = {
  201: json('Kafka has it', CommandTaken),
  400: problem('No JSON, or a path that can not be decoded'),
  413: problem('Too large'),
  422: problem('Invalid: each faulty field is named'),
  503: problem('Kafka is away: try again after Retry-After'),
}

/** What the service answers, by path. */
export function routes(
  http: Express,
  {
    mostBytes,
    taking,
    resources,
  }: {
    mostBytes: number
    taking: ReturnType<typeof takingHandlers>
    resources: ReturnType<typeof resourceHandlers>
  },
): void {
  const limit = bodyLimit(mostBytes)
  const asJson = express.json({ limit, strict: false })
  const asText = express.text({ limit, type: () => true })
  const read: RequestHandler[] = [asJson, asText]
  addRoutes(http, {
    title: 'command queue',
    schemas: { CommandTaken, QueuedResource },
    routes: [
      {
        method: 'post',
        path: '/command',
        summary: 'Asks for a command to be carried out when its resource has a place',
        requestBody: body(NewCommand),
        responses: taken,
        handle: [express.json({ limit, strict: false, type: () => true }), taking.command],
      },
      {
        method: 'post',
        path: '/command/{resourceId}',
        summary: 'The same, of the resource in the path: the body is the message, or JSON',
        requestParams: path('resourceId'),
        requestBody: body(NewCommandOf, 'the message'),
        responses: taken,
        handle: [...read, taking.commandOf],
      },
      {
        method: 'post',
        path: '/event/{resourceId}/{commandId}',
        summary: 'Tells that a command begins, goes on, or has ended and frees its place',
        requestParams: path('resourceId', 'commandId'),
        requestBody: body(NewEvent, 'INITIALIZING, CONTINUING or TERMINATING'),
        responses: taken,
        handle: [...read, taking.event],
      },
      {
        method: 'get',
        path: '/resources',
        summary:
          'The resources that have commands: by their ids, a page at a time, or live, all of them and then those that change',
        requestParams: { query: ListQuery },
        responses: {
          200: {
            description: 'The resources',
            content: {
              ...json('', z.array(QueuedResource)).content,
              ...events('', 'lists of QueuedResources').content,
            },
          },
          422: problem('Invalid query'),
        },
        handle: resources.list,
      },
      {
        method: 'get',
        path: '/resources/{resourceId}',
        summary: 'Who runs and who waits; nobody, where the resource has no commands',
        requestParams: path('resourceId'),
        responses: { 200: json('The resource', QueuedResource), 422: problem('No such name can be') },
        handle: resources.one,
      },
      {
        method: 'get',
        path: '/resources/{resourceId}/events',
        summary: 'The same as it is now, and again after each change',
        requestParams: path('resourceId'),
        responses: { 200: events('The resource, live'), 422: problem('No such name can be') },
        handle: resources.events,
      },
    ],
  })
}
