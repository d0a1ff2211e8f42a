import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Request } from 'express'
import {
  type App,
  type Context,
  Counter,
  HttpProblem,
  idempotencyKey,
  listen,
  modeSwitch,
} from 'kafka-restaurants-service'
import { openKeys } from './adapters/keys.ts'
import { type Charge, openLedger } from './adapters/ledger.ts'
import type { Config } from './config.ts'
import { adminApp } from './handlers/admin.ts'
import { answer, charge } from './handlers/charge.ts'
import { Mode } from './mode.ts'

/** The bank. `adminPort` is the one it really listens on, once started. */
export function createApp(config: Config, { log, metrics }: Context): App & { adminPort: () => number } {
  const keys = openKeys(config.KEYS_FILE)
  const ledger = openLedger(config.LEDGER_FILE)
  const mode = modeSwitch(Mode.parse({ mode: 'normal' }))
  const recorded = chargeEvents({ log, metrics })
  const admin = createServer(adminApp({ ledger, mode, log }))
  const adminPort = () => (admin.address() as AddressInfo | null)?.port ?? 0
  let stopped = false

  return {
    adminPort,
    routes(http) {
      http.use((request, _response, next) => {
        if (mode.get().mode === 'failing') throw new HttpProblem(500, 'The bank was told to fail')
        if (mode.get().mode === 'away') return void request.socket.destroy()
        next()
      })
      http.get('/.well-known/jwks.json', (_request, response) => void response.json(keys.jwks))
      http.post('/charges', express.json({ type: () => true }), async (request, response) => {
        if (stopped) throw new HttpProblem(503, 'The bank is closing', { headers: { 'Retry-After': '1' } })
        const { charge: line, replayed } = charge(keyOf(request), request.body, { ledger, keys })
        recorded(line, replayed)
        if (mode.get().mode === 'lost-answer') return void request.socket.destroy()
        await mode.slowness()
        const [status, body] = answer(line, replayed)
        if (replayed) response.set('Idempotent-Replayed', 'true')
        response.status(status).json(body)
      })
    },
    async start() {
      await listen(admin, {
        port: config.ADMIN_PORT,
        host: config.ADMIN_HOST,
        portVariable: 'ADMIN_PORT',
        hostVariable: 'ADMIN_HOST',
      })
      log.info({ port: adminPort() }, 'admin listening')
    },
    async stop() {
      stopped = true
      mode.stop()
      admin.close()
      admin.closeAllConnections()
      ledger.close()
    },
  }
}

function keyOf(request: Request): string {
  const key = idempotencyKey(request)
  if (key !== undefined) return key
  throw new HttpProblem(400, 'The header Idempotency-Key is needed', {
    detail: 'Send one that names this charge, such as the order id; a repeat never charges twice.',
  })
}

/** A charge's log line and its metrics; neither ever sees the card's number. */
function chargeEvents({ log, metrics }: Context) {
  const charges = new Counter({
    name: 'bank_charges_total',
    help: 'Charges recorded, by outcome',
    labelNames: ['outcome'],
    registers: [metrics],
  })
  const replays = new Counter({
    name: 'bank_replays_total',
    help: 'Repeats of a key, answered with its first charge',
    registers: [metrics],
  })
  return ({ idempotency_key: key, reference, outcome, reason }: Charge, replayed: boolean) => {
    if (replayed) replays.inc()
    else charges.inc({ outcome })
    log.info({ key, reference, outcome, reason: reason ?? undefined, replayed }, 'charge')
  }
}
