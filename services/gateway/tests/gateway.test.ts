import { expect, it, vi } from 'vitest'
import {
  ask,
  echo,
  fileText,
  kafka,
  metric,
  ownTopics,
  replier,
  requestOf,
  startGateway,
  within,
} from './gateway.ts'

it('the answer comes back in the same call, with the id that the caller gave in the record', async () => {
  const topics = await ownTopics()
  const { seen } = await replier(topics, echo)
  const gateway = await startGateway(fileText(topics))
  const answer = await ask(gateway, { n: 1 }, { 'Kong-Request-ID': 'caller-1' })
  expect(answer).toMatchObject({ status: 200, body: { echo: { n: 1, correlation_id: 'caller-1' } } })
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('correlation-id')).toBe('caller-1')
  expect(seen[0]?.record.headers).toMatchObject({ correlation_id: 'caller-1' })
  const made = await ask(gateway, { n: 2 })
  expect(made.body).toEqual({ echo: { n: 2, correlation_id: made.headers.get('correlation-id') } })
  await vi.waitFor(async () => expect(await metric(gateway, 'gateway_pending')).toBe(0), within(5_000))
  expect(await gateway.kill('SIGTERM')).toBe(0)
})

it('without a replier: 504 after the timeout or the smaller Prefer: wait, and nothing pending is left', async () => {
  const topics = await ownTopics()
  const gateway = await startGateway(fileText(topics, { timeoutMs: 3_000 }))
  const took = async (prefer?: string) => {
    const startedAt = Date.now()
    const answer = await ask(gateway, {}, prefer === undefined ? {} : { Prefer: prefer })
    expect(answer).toMatchObject({ status: 504, body: { status: 504, title: 'No reply in time' } })
    expect(answer.headers.get('content-type')).toMatch('application/problem+json')
    return Date.now() - startedAt
  }
  const [whole, one, negative, huge, garbage] = await Promise.all([
    took(),
    took('wait=1'),
    took('wait=-1'),
    took('wait=99999'),
    took('wait=1; wait=x, ,=,'),
  ])
  for (const ms of [whole, negative, huge]) expect(ms).toBeGreaterThan(2_900)
  for (const ms of [one, garbage]) expect(ms).toBeLessThan(2_900)
  expect(await metric(gateway, 'gateway_pending')).toBe(0)
  expect(await metric(gateway, 'gateway_calls_total', 'timed out')).toBe(5)
  expect((await kafka.readAll(topics.requests)).map(requestOf)).toHaveLength(5)
})
