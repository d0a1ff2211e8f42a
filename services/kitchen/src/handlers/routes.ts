import express, { type RequestHandler } from 'express'
import {
  BoardTicket,
  KitchenSettings,
  NewTicket,
  QueueId,
  Quote,
  QuoteRequest,
  Ticket,
} from 'kafka-restaurants-contracts'
import { json, problem, type Route } from 'kafka-restaurants-service'
import { z } from 'zod'
import { mostListed } from '../adapters/tickets.ts'
import { TicketsQuery } from './tickets.ts'

/** Whatever the body is called, it is JSON, and a bare value is a wrong field and no broken text. */
const body = express.json({ type: () => true, strict: false })
const content = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } })

type Handlers = Record<'take' | 'list' | 'ready' | 'quote' | 'settings', RequestHandler>

/** What the kitchen answers, by path. */
export const routes = ({ take, list, ready, quote, settings }: Handlers) => ({
  title: 'kitchen',
  schemas: { Ticket, BoardTicket, NewTicket, Quote, KitchenSettings },
  routes: [
    {
      method: 'post',
      path: '/tickets',
      summary: 'Cooks an order; a repeat of its id changes nothing',
      requestBody: content(NewTicket),
      responses: {
        200: json('Known already: the ticket as it is now', Ticket),
        201: json('It is cooking', Ticket),
        400: problem('The body is not JSON'),
        409: problem('Another restaurant has an order of that id'),
        413: problem('The body is too large'),
        422: problem('A field is wrong, or something in the message, which is a CookingOrder as JSON'),
      },
      handle: [body, take],
    },
    {
      method: 'get',
      path: '/tickets',
      summary: `The tickets of a restaurant, or of all: the ${mostListed.cooking} that are cooking longest, oldest first, then the ${mostListed.ready} that became ready last, newest first`,
      requestParams: {
        query: TicketsQuery,
        header: z.object({
          'Last-Event-ID': z.string().optional().meta({ description: 'the last event that a stream had' }),
        }),
      },
      responses: {
        200: {
          description:
            'The list; as a stream first the list, then what has changed, in whatever state it is now',
          content: {
            'application/json': { schema: z.array(BoardTicket) },
            'text/event-stream': {
              schema: z.string().meta({ description: 'events whose data are lists of BoardTickets' }),
            },
          },
        },
        422: problem('The query is wrong'),
      },
      handle: list,
    },
    {
      method: 'post',
      path: '/tickets/{id}/ready',
      summary: 'A ticket is ready; said again, it changes nothing',
      requestParams: { path: z.object({ id: QueueId }) },
      responses: { 200: json('The ticket', BoardTicket), 404: problem('No such ticket') },
      handle: ready,
    },
    {
      method: 'post',
      path: '/quotes',
      summary: 'In how many minutes an order that is placed now would be ready',
      requestBody: content(QuoteRequest),
      responses: {
        200: json('An estimate, by what is cooking and waiting', Quote),
        400: problem('The body is not JSON'),
        422: problem('A field is wrong'),
      },
      handle: [body, quote],
    },
    {
      method: 'get',
      path: '/settings',
      summary: 'Whether tickets become ready by themselves',
      responses: { 200: json('The settings', KitchenSettings) },
      handle: settings,
    },
  ] satisfies Route[],
})
