import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { spawnService } from 'kafka-restaurants-service/testing'
import { expect, it, onTestFinished, vi } from 'vitest'

interface Answered {
  status: number
  orderId?: string
  retryAfter: number
  tookMs: number
}

it('answers 503 with Retry-After within 3 s while the broker is dead, and 202 for nothing that it did not write', async () => {
  const broker = await ownBroker()
  const kafka = testKafka(broker.bootstrap, createContext('test', 'silent').log)
  const topic = await kafka.topic('order', 3)
  const folder = mkdtempSync(join(tmpdir(), 'search-order-'))
  const bank = await spawnService('bank', {
    LEDGER_FILE: join(folder, 'ledger.sqlite'),
    KEYS_FILE: join(folder, 'keys.json'),
  })
  const service = await spawnService('search-order', {
    BOOTSTRAP_SVR: broker.bootstrap,
    ORDER_TOPIC: topic,
    BANK_URL: bank.url,
  })
  onTestFinished(async () => {
    await Promise.all([service.kill('SIGKILL'), bank.kill('SIGKILL')])
  })
  const answers: Answered[] = []
  const place = async (): Promise<Answered> => {
    const startedAt = Date.now()
    const response = await fetch(`${service.url}/orders`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        restaurant: 'olive-and-thyme',
        email: `${randomUUID()}@example.com`,
        creditCard: '4242424242424242',
      }),
    })
    const { orderId } = (await response.json()) as { orderId?: string }
    const retryAfter = Number(response.headers.get('Retry-After'))
    const answered = { status: response.status, orderId, retryAfter, tookMs: Date.now() - startedAt }
    answers.push(answered)
    return answered
  }
  const withStatus = (status: number) => answers.filter(answer => answer.status === status)
  const works = () =>
    vi.waitFor(async () => expect((await place()).status).toBe(202), { timeout: 30_000, interval: 200 })

  await works()
  const stop = new AbortController()
  const load = Promise.all(
    Array.from({ length: 20 }, async () => {
      while (!stop.signal.aborted) await place()
    }),
  )
  await vi.waitFor(() => expect(withStatus(202).length).toBeGreaterThan(200), 20_000)
  await broker.kill()
  await vi.waitFor(() => expect(withStatus(503).length).toBeGreaterThan(40), 30_000)
  stop.abort()
  await load
  const refused = await Promise.all(Array.from({ length: 5 }, place))
  expect(refused.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503])
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 503]))
  for (const { retryAfter, tookMs } of withStatus(503)) {
    expect(retryAfter).toBeGreaterThan(0)
    expect(tookMs).toBeLessThan(3_000)
  }

  await broker.comeBack()
  await works()
  const written = new Set((await kafka.readAll(topic)).map(({ key }) => String(key)))
  expect(withStatus(202).filter(({ orderId }) => !written.has(orderId ?? ''))).toEqual([])
}, 120_000)
