import type { KitchenSettings } from 'kafka-restaurants-contracts'
import {
  type App,
  addRoutes,
  type Context,
  createSweep,
  HttpProblem,
  liveUpdates,
} from 'kafka-restaurants-service'
import { commandQueue } from './adapters/command-queue.ts'
import { openKitchen } from './adapters/database.ts'
import { ticketStore } from './adapters/tickets.ts'
import { untoldStore } from './adapters/untold.ts'
import { createAutopilot } from './autopilot.ts'
import { watchersOf } from './board.ts'
import type { Config } from './config.ts'
import { quote } from './handlers/quotes.ts'
import { routes } from './handlers/routes.ts'
import { listTickets, takeTicket, ticketReady } from './handlers/tickets.ts'
import { createKitchen } from './kitchen.ts'
import { kitchenMetrics } from './metrics.ts'
import { createOutbox } from './outbox.ts'

export function createApp(config: Config, { log, metrics }: Context): App {
  const { COMMAND_QUEUE_URL, KITCHEN_AUTOPILOT, MINUTES_PER_ORDER } = config
  const database = openKitchen(config.TICKETS_FILE)
  const [tickets, untold] = [ticketStore(database), untoldStore(database)]
  const live = liveUpdates()
  const { called } = kitchenMetrics(metrics, { database, tickets, untold })
  const queue = COMMAND_QUEUE_URL ? commandQueue(COMMAND_QUEUE_URL, config.CALL_TIMEOUT_MS) : undefined
  const outbox = queue && createOutbox({ untold, queue, log }, called)
  const kitchen = createKitchen({
    database,
    tickets,
    untold,
    outbox,
    changed: ticket => {
      const { orderId, restaurant, state } = ticket
      log.info({ order_id: orderId, restaurant, state }, 'ticket')
      for (const key of watchersOf(ticket)) live.changed(key)
      if (state === 'cooking') autopilot?.look()
    },
  })
  const { oldestCooking } = tickets
  const autopilot =
    KITCHEN_AUTOPILOT > 0
      ? createAutopilot(KITCHEN_AUTOPILOT, { oldestCooking, ready: kitchen.ready }, log)
      : undefined
  const settings: KitchenSettings = { autopilotSeconds: KITCHEN_AUTOPILOT || null }
  const sweep = createSweep('tickets', tickets.removeOlder, config.KEEP_DAYS, log)
  let stopped = false

  return {
    routes: http => {
      http.use((_request, _response, next) => {
        if (stopped) throw new HttpProblem(503, 'The kitchen is closing', { headers: { 'Retry-After': '1' } })
        next()
      })
      const handlers = {
        take: takeTicket(kitchen),
        list: listTickets(tickets, live),
        ready: ticketReady(kitchen),
        quote: quote({ tickets, queue, usualMinutes: MINUTES_PER_ORDER, log }),
        settings: (_request: unknown, response: { json: (body: object) => void }) => response.json(settings),
      }
      addRoutes(http, routes(handlers))
    },
    start: async () => {
      outbox?.start()
      autopilot?.look()
      sweep.begin()
    },
    stop: async () => {
      stopped = true
      live.stop()
      autopilot?.stop()
      sweep.stop()
      await outbox?.stop()
      await queue?.close()
      database.close()
    },
    outages: () => outbox?.outages() ?? [],
  }
}
