import express from 'express'
import { BacklogFullError, KafkaUnavailableError } from 'kafka-restaurants-kafka'
import { createContext, startService } from 'kafka-restaurants-service'
import { expect, it, onTestFinished } from 'vitest'
import { figTree } from '../../tests/fig-tree.ts'
import { rememberedKeys } from '../remembered-keys.ts'
import { type OrderParts, ordersHandler } from './orders.ts'

const body = JSON.stringify({ restaurant: 'fig', email: 'a@example.com', creditCard: '4242424242424242' })

async function place(change: Partial<OrderParts>) {
  const handler = ordersHandler({
    catalogue: () => ({ currency: 'EUR', restaurants: [figTree] }),
    seal: async () => 'a.b.c.d.e',
    write: async () => {},
    remembered: rememberedKeys(),
    now: () => new Date(),
    ...change,
  })
  const config = { PORT: 0, METRICS_PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'silent' }
  const routes = (http: express.Express) =>
    void http.post('/orders', express.json({ type: () => true }), handler)
  const service = await startService({ routes }, config, createContext('test', 'silent'))
  onTestFinished(() => service.stop())
  const response = await fetch(`http://127.0.0.1:${service.port}/orders`, { method: 'POST', body })
  return [response.status, response.headers.has('retry-after')]
}

it.each([
  ['the backlog is full', 429, { write: () => Promise.reject(new BacklogFullError('full')) }],
  ['Kafka is away', 503, { write: () => Promise.reject(new KafkaUnavailableError('away')) }],
  ['no payment key is known yet', 503, { seal: async () => undefined }],
])('while %s, the answer is %i with Retry-After', async (_why, status, change) => {
  expect(await place(change)).toEqual([status, true])
})

it('an order that was written is answered 202', async () => {
  expect(await place({})).toEqual([202, false])
})
