import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OutageError } from 'kafka-restaurants-delivery'
import { createContext, startService } from 'kafka-restaurants-service'
import { expect, it, onTestFinished, vi } from 'vitest'
import { bankClient } from './bank-client.ts'

const accepted = { payment_id: 'pay_1', card_last4: '4242', reference: 'r' }
const request = { card: 'a card', amount_cents: 1, currency: 'EUR', reference: 'order-3@42/1' }

/** A bank that answers as it is told to, with the keys that it was sent. */
async function startBank(status: number, body: object) {
  const keys: (string | undefined)[] = []
  const config = { PORT: 0, METRICS_PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'silent' }
  const bank = await startService(
    {
      routes: http =>
        void http.post('/charges', (request, response) => {
          keys.push(request.get('Idempotency-Key'))
          response.status(status).json(body)
        }),
    },
    config,
    createContext('test', 'silent'),
  )
  onTestFinished(() => bank.stop())
  const calls: string[] = []
  const called = (outcome: string, seconds: number) => {
    expect(seconds).toBeGreaterThan(0)
    calls.push(outcome)
  }
  return { charge: bankClient(`http://127.0.0.1:${bank.port}`, 5_000, { called }), keys, calls }
}

it('an order id of any characters is a key of its own, the same each time', async () => {
  const bank = await startBank(201, accepted)
  const ids = ['a', 'order 17', ' a', 'a ', '   ', '日本', 'é', 'a\r\nX-Evil: 1', '\0', '\ud800', '\ud801']
  for (const id of [...ids, ...ids]) await bank.charge(id, request)
  expect(bank.keys.slice(ids.length)).toEqual(bank.keys.slice(0, ids.length))
  expect(new Set(bank.keys).size).toBe(ids.length)
  expect(bank.keys.slice(0, 2)).toEqual(['a', 'order 17'])
})

it('a charge that the bank can not read is unreadable, in the words of the bank', async () => {
  const errors = [{ field: 'card', message: 'must be a card' }]
  const { charge } = await startBank(422, { title: 'Invalid charge', status: 422, errors })
  expect(await charge('a', request)).toEqual({ outcome: 'unreadable', why: 'card must be a card' })
})

it.each([400, 404, 500, 503])('the answer %i is an outage', async status => {
  const { charge } = await startBank(status, {})
  await expect(charge('a', request)).rejects.toThrow(`the bank answered ${status}`)
})

it('more calls than it has connections for wait for one, however long others take, and each is answered', async () => {
  const timeoutMs = 2_000
  const server = createServer((_request, response) => {
    setTimeout(() => response.writeHead(201).end(JSON.stringify(accepted)), timeoutMs / 2)
  })
  let connected = 0
  server.on('connection', () => {
    connected += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => void server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  const charge = bankClient(`http://127.0.0.1:${port}`, timeoutMs)
  const calls = Array.from({ length: 300 }, (_, index) => charge(`order-${index}`, request))
  expect(new Set((await Promise.all(calls)).map(({ outcome }) => outcome))).toEqual(new Set(['accepted']))
  expect(connected).toBe(64)
})

it('an answer that comes byte by byte is none', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(201)
    const timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => void server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  const charge = bankClient(`http://127.0.0.1:${port}`, 100)
  await expect(charge('a', request)).rejects.toThrow('the bank did not answer within 100 ms')
})

it('a call whose turn does not come is in an outage, and those behind it get theirs', async () => {
  const answers: (() => void)[] = []
  const server = createServer((_request, response) => {
    answers.push(() => response.writeHead(201).end(JSON.stringify(accepted)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => void server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  const charge = bankClient(`http://127.0.0.1:${port}`, 5_000, { longestWaitMs: 50 })
  const calls = Array.from({ length: 64 }, (_, index) => charge(`order-${index}`, request))
  await expect(charge('late', request)).rejects.toThrow(OutageError)
  await vi.waitFor(() => expect(answers).toHaveLength(64))
  const next = charge('next', request)
  for (const answer of answers) answer()
  await Promise.all(calls)
  await vi.waitFor(() => expect(answers).toHaveLength(65))
  answers[64]?.()
  expect(await next).toMatchObject({ outcome: 'accepted' })
})

it('a bank that takes a call and says nothing is an outage, and said to be one', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => void server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  const charge = bankClient(`http://127.0.0.1:${port}`, 50)
  await expect(charge('a', request)).rejects.toThrow('the bank did not answer within 50 ms')
})

it.each([
  [200, accepted, 'paid'],
  [201, accepted, 'paid'],
  [402, { ...accepted, payment_id: undefined, reason: 'card_declined' }, 'declined'],
  [422, { title: 'Invalid charge', status: 422 }, 'unreadable'],
  [503, {}, 'failed'],
])('a call that is answered %i is told of once, as what it has come to', async (status, body, outcome) => {
  const { charge, calls } = await startBank(status, body)
  await charge('a', request).catch(() => {})
  expect(calls).toEqual([outcome])
})

it('a call that nobody answers has failed', async () => {
  const calls: string[] = []
  const charge = bankClient('http://127.0.0.1:1', 5_000, { called: outcome => void calls.push(outcome) })
  await expect(charge('a', request)).rejects.toThrow('ECONNREFUSED')
  expect(calls).toEqual(['failed'])
})
