import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { spawnService } from 'kafka-restaurants-service/testing'
import { expect, it, onTestFinished, vi } from 'vitest'
import {
  ask,
  call,
  echo,
  fileText,
  kafka,
  log,
  metric,
  ownTopics,
  replier,
  startGateway,
  within,
  written,
} from './gateway.ts'

it('Kafka away: 503 and Retry-After; back again: answers', async () => {
  const broker = await ownBroker()
  const own = testKafka(broker.bootstrap, log)
  const topics = {
    requests: await own.topic('requests', 3),
    replies: await own.topic('replies', 3),
    calls: 'calls',
  }
  await replier(topics, echo, broker.bootstrap)
  const gateway = await startGateway(fileText(topics, { timeoutMs: 5_000 }, {}, broker.bootstrap))
  expect(await ask(gateway, {})).toMatchObject({ status: 200 })
  await broker.kill()
  const away = await ask(gateway, {})
  expect(away).toMatchObject({ status: 503, body: { status: 503, title: 'Kafka takes no requests now' } })
  expect(away.headers.get('retry-after')).toBe('1')
  for (const [name, value] of [
    ['Idempotency-Key', 'k'],
    ['Prefer', 'respond-async'],
  ] as const)
    expect(await ask(gateway, {}, { [name]: value })).toMatchObject({ status: 503 })
  expect(await metric(gateway, 'gateway_pending')).toBe(0)
  await broker.comeBack()
  await vi.waitFor(async () => expect(await ask(gateway, {})).toMatchObject({ status: 200 }), within(60_000))
  expect(await ask(gateway, { n: 1 }, { 'Idempotency-Key': 'other' })).toMatchObject({ status: 200 })
}, 180_000)

it('is not ready before it reads its topics, and says which there are not; made then, it begins', async () => {
  const topics = {
    requests: `not-made-${Date.now()}`,
    replies: `not-made-either-${Date.now()}`,
    calls: `calls-${Date.now()}`,
  }
  const file = written(fileText(topics))
  const starting = spawnService('gateway', { LOG_LEVEL: 'info', PORT: '0' }, ['-f', file])
  // What it says while it waits: its port is not told before it is ready.
  await expect(starting).rejects.toThrow(
    `there is no topic ${topics.requests}, ${topics.replies}: make it, or set createTopics: true`,
  )
  const made = await startGateway(fileText(topics, {}, { createTopics: true }))
  expect(await call(`${made.url}/health/ready`)).toMatchObject({ status: 200, body: { reasons: [] } })
  await replier(topics, echo)
  expect(await ask(made, {})).toMatchObject({ status: 200 })
}, 60_000)

it('SIGTERM: takes no more calls, answers those in flight, 503 to those whose reply does not come, and ends with 0', async () => {
  const topics = await ownTopics()
  const { write } = await replier(topics, () => [])
  const gateway = await startGateway(fileText(topics, { timeoutMs: 30_000 }))
  const answered = ask(gateway, {}, { 'X-Request-ID': 'answered' })
  const given = ask(gateway, {}, { 'X-Request-ID': 'given-up' })
  await vi.waitFor(async () => expect(await metric(gateway, 'gateway_pending')).toBe(2), within(5_000))
  const startedAt = Date.now()
  const ended = gateway.kill('SIGTERM')
  await vi.waitFor(() => expect(gateway.printed()).toContain('stopping'), within(5_000))
  await write({ key: 'answered', value: '{"n":1}', headers: { correlation_id: 'answered' } })
  expect(await answered).toMatchObject({ status: 200, body: { n: 1 } })
  expect(await given).toMatchObject({ status: 503, body: { title: 'The gateway stops' } })
  expect(await ended).toBe(0)
  expect(Date.now() - startedAt).toBeLessThan(10_000)
}, 60_000)

it('more calls than may wait are 503; what they leave is for others', async () => {
  const topics = await ownTopics()
  const gateway = await startGateway(fileText(topics, { timeoutMs: 20_000 }, { maxPending: 2 }))
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  for (let i = 0; i < 2; i++)
    void call(`${gateway.url}/ask`, {}, {}, { signal: leaving.signal }).catch(() => {})
  await vi.waitFor(async () => expect(await metric(gateway, 'gateway_pending')).toBe(2), within(5_000))
  expect(await ask(gateway, {})).toMatchObject({ status: 503, body: { title: 'Too many calls are waiting' } })
  leaving.abort()
  await vi.waitFor(async () => expect(await metric(gateway, 'gateway_pending')).toBe(0), within(5_000))
  expect(await kafka.readAll(topics.requests)).toHaveLength(2)
})
