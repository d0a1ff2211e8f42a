import express, { type RequestHandler } from 'express'
import {
  DeadLetterAct,
  DeadLetterChoice,
  DeadLetterGroupId,
  DeadLetterGroups,
  DeadLetterId,
  DeadLetterList,
  DeadLetterRecord,
} from 'kafka-restaurants-contracts'
import { json, problem, type Route } from 'kafka-restaurants-service'
import { z } from 'zod'
import { GroupsQuery, ListQuery } from './letters.ts'

type Handlers = Record<'groups' | 'group' | 'letter' | 'redrive' | 'park' | 'acts', RequestHandler>

/** Whatever the body is called, it is JSON, and a bare value is a wrong field and no broken text. */
const body = express.json({ type: () => true, strict: false, limit: '16kb' })
const away = problem('Kafka is away: try again after Retry-After')

const acting = (summary: string) => ({
  summary,
  requestParams: {
    header: z.object({
      'X-Staff': z.string().meta({ description: 'who acts; the edge says so' }),
      'Idempotency-Key': z.string().optional().meta({ description: 'a repeat is answered as before' }),
    }),
  },
  requestBody: { required: true, content: { 'application/json': { schema: DeadLetterChoice } } },
  responses: {
    200: json('What came of it, and why of what was left as it is', DeadLetterAct),
    400: problem('The body is not JSON'),
    403: problem('Nobody says who acts'),
    404: problem('Nothing of the group is open any more'),
    409: problem('The Idempotency-Key was used for something else'),
    413: problem('The body is too large'),
    422: problem('A field is wrong'),
    503: away,
  },
})

/** What the desk answers, by path. */
export const routes = (handle: Handlers) => ({
  title: 'dead letters',
  schemas: { DeadLetterGroups, DeadLetterList, DeadLetterRecord, DeadLetterChoice, DeadLetterAct },
  routes: [
    {
      method: 'get',
      path: '/groups',
      summary: 'What is open, by topic and reason, of all topics or of one',
      requestParams: { query: GroupsQuery },
      responses: {
        200: json('The largest groups first', DeadLetterGroups),
        422: problem('A wrong query'),
        503: away,
      },
      handle: handle.groups,
    },
    {
      method: 'get',
      path: '/groups/{id}',
      summary: 'The dead letters of a topic and reason, the oldest first',
      requestParams: { path: z.object({ id: DeadLetterGroupId }), query: ListQuery },
      responses: {
        200: json('Some of them', DeadLetterList),
        404: problem('Nothing of the group is open'),
        422: problem('No id, or a wrong query'),
        503: away,
      },
      handle: handle.group,
    },
    {
      method: 'get',
      path: '/letters/{id}',
      summary: 'One record in full, with what is personal hidden',
      requestParams: { path: z.object({ id: DeadLetterId }) },
      responses: {
        200: json('The record, open or not', DeadLetterRecord),
        404: problem('There is none'),
        422: problem('No id'),
        503: away,
      },
      handle: handle.letter,
    },
    {
      method: 'post',
      path: '/redrive',
      ...acting('Sends back to their topic: one, or the oldest of a group'),
      handle: [body, handle.redrive],
    },
    {
      method: 'post',
      path: '/park',
      ...acting('Moves to <topic>.parked, for good: one, or the oldest of a group'),
      handle: [body, handle.park],
    },
    {
      method: 'get',
      path: '/acts',
      summary: 'What was done here since the desk was started, the newest first; the log has it for good',
      responses: { 200: json('The last hundred', DeadLetterAct.array()) },
      handle: handle.acts,
    },
  ] satisfies Route[],
})
