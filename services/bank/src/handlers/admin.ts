import express, { type Express } from 'express'
import {
  httpApp,
  type Logger,
  type ModeSwitch,
  parseRequest,
  problemHandlers,
} from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Ledger } from '../adapters/ledger.ts'
import { Mode } from '../mode.ts'

const ChargesQuery = z.object({
  idempotency_key: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
})

/** What only operators and tests may see: the ledger, and the switch that makes the bank misbehave. */
export function adminApp({
  ledger,
  mode,
  log,
}: {
  ledger: Ledger
  mode: ModeSwitch<Mode>
  log: Logger
}): Express {
  const http = httpApp()
  http.get('/mode', (_request, response) => void response.json(mode.get()))
  http.put('/mode', express.json({ type: () => true }), (request, response) => {
    mode.set(parseRequest(Mode, request.body, 'Invalid mode'))
    log.info(mode.get(), 'mode set')
    response.json(mode.get())
  })
  http.get('/charges/summary', (_request, response) => void response.json(ledger.summary()))
  http.get('/charges', (request, response) => {
    const { idempotency_key, limit } = parseRequest(ChargesQuery, request.query, 'Invalid query')
    const one = idempotency_key === undefined ? undefined : ledger.find(idempotency_key)
    response.json({ charges: idempotency_key === undefined ? ledger.newest(limit) : one ? [one] : [] })
  })
  return problemHandlers(http, log)
}
