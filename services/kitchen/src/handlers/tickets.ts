import type { RequestHandler } from 'express'
import { QueueId, Ticket, TicketState } from 'kafka-restaurants-contracts'
import { HttpProblem, type LiveUpdates, parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Tickets } from '../adapters/tickets.ts'
import { updatesAfter, watchKey } from '../board.ts'
import type { Kitchen } from '../kitchen.ts'
import { NewOrder } from '../new-order.ts'

export const TicketsQuery = z.object({ restaurant: QueueId.optional(), state: TicketState.optional() })

/** `POST /tickets`: 201 for the first time, 200 for a repeat. The answer goes on to a topic: nothing personal is in it. */
export const takeTicket =
  (kitchen: Kitchen): RequestHandler =>
  (request, response) => {
    const taking = kitchen.take(parseRequest(NewOrder, request.body, 'Invalid ticket'))
    if (taking.outcome === 'elsewhere')
      throw new HttpProblem(409, 'Another restaurant has an order of that id', {
        detail: 'An id is an order’s, and an order is cooked in one kitchen.',
      })
    response.status(taking.outcome === 'new' ? 201 : 200).json(Ticket.parse(taking.kept.ticket))
  }

/** `POST /tickets/:id/ready` */
export const ticketReady =
  (kitchen: Kitchen): RequestHandler =>
  (request, response) => {
    const ticket = kitchen.ready(String(request.params.id))
    if (!ticket) throw new HttpProblem(404, 'No such ticket')
    response.json(ticket)
  }

/** `GET /tickets`: the list, or with `Accept: text/event-stream` the list and then each change. */
export const listTickets =
  (tickets: Tickets, live: LiveUpdates): RequestHandler =>
  (request, response) => {
    const view = parseRequest(TicketsQuery, request.query, 'Invalid query')
    if (request.accepts(['json', 'text/event-stream']) === 'text/event-stream')
      return live.stream(request, response, watchKey(view), async seen => updatesAfter(tickets, view, seen))
    response.set({ 'Cache-Control': 'no-cache', Vary: 'Accept' }).json(tickets.list(view))
  }
