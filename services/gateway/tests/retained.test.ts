import { createTopics, withAdmin } from 'kafka-restaurants-kafka'
import { expect, it, vi } from 'vitest'
import {
  ask,
  brokers,
  call,
  echo,
  fileText,
  log,
  metric,
  ownTopics,
  replier,
  replyTo,
  startGateway,
  within,
} from './gateway.ts'

const async = { Prefer: 'respond-async' }

it('an async call is answered at once; its reply is there from any replica, and after a restart', async () => {
  const topics = await ownTopics()
  const { write, seen } = await replier(topics, ({ id, body }) =>
    body.now ? [replyTo(id, { done: 1 }, { response_status: '201' })] : [],
  )
  const file = fileText(topics)
  const [one, other] = await Promise.all([startGateway(file), startGateway(file)])
  const taken = await ask(one, {}, async)
  expect(taken).toMatchObject({ status: 202, body: { status: 'pending' } })
  expect(taken.headers.get('preference-applied')).toBe('respond-async')
  const location = String(taken.headers.get('location'))
  const id = location.split('/').at(-1) ?? ''
  await vi.waitFor(() => expect(seen.map(({ id }) => id)).toEqual([id]), within(10_000))
  for (const { url } of [one, other]) expect(await call(`${url}${location}`)).toMatchObject({ status: 202 })

  const polled = call(`${other.url}${location}`, undefined, { Prefer: 'wait=20' })
  const streamed = firstEvent(`${one.url}${location}`)
  await vi.waitFor(async () => expect(await metric(other, 'gateway_retained')).toBe(1), within(5_000))
  await write(replyTo(id, { done: 2 }, { response_status: '402' }))
  expect(await polled).toMatchObject({ status: 402, body: { done: 2 } })
  expect(await streamed).toEqual({ status: 402, contentType: 'application/json', body: { done: 2 } })
  await write(replyTo(id, { done: 3 }))
  await one.kill('SIGKILL')
  const again = await startGateway(file)
  for (const { url } of [other, again])
    await vi.waitFor(
      async () => expect(await call(`${url}${location}`)).toMatchObject({ status: 402, body: { done: 2 } }),
      within(10_000),
    )
  // Both: 202 only when the reply does not come in that time.
  expect(await ask(again, { now: true }, { Prefer: 'respond-async, wait=10' })).toMatchObject({
    status: 201,
    body: { done: 1 },
  })
  expect(await ask(again, {}, { Prefer: 'respond-async, wait=1' })).toMatchObject({ status: 202 })
}, 90_000)

it('a route that retains nothing answers in the call, and keeps nothing', async () => {
  const topics = await ownTopics()
  const { seen } = await replier(topics, echo)
  const gateway = await startGateway(fileText(topics, { retain: false }))
  for (const headers of [async, { 'Idempotency-Key': 'key' }, { 'Idempotency-Key': 'key' }]) {
    const answer = await ask(gateway, { a: 1 }, headers)
    expect(answer).toMatchObject({ status: 200, body: { echo: { a: 1 } } })
    expect(answer.headers.get('preference-applied')).toBeNull()
  }
  expect(new Set(seen.map(({ id }) => id)).size).toBe(3)
  expect(await metric(gateway, 'gateway_retained')).toBe(0)
}, 30_000)

it('what nobody was asked is 404; a reply that has no room in memory is read from its topic', async () => {
  const topics = await ownTopics()
  await replier(topics, echo)
  const gateway = await startGateway(fileText(topics, {}, { retainBytes: 0 }))
  for (const id of ['unknown', 'a%20b', 'x'.repeat(10_000), '..%2Fhealth'])
    expect(await call(`${gateway.url}/replies/${id}`)).toMatchObject({
      status: 404,
      body: { title: 'No such reply' },
    })
  const { headers } = await ask(gateway, { n: 1 }, async)
  expect(
    await call(`${gateway.url}${headers.get('location')}`, undefined, { Prefer: 'wait=20' }),
  ).toMatchObject({
    status: 200,
    body: { echo: { n: 1 } },
  })
}, 60_000)

it('beyond maxRetained, a call that is to be kept is 503, and one that is not is answered', async () => {
  const topics = await ownTopics()
  await replier(topics, echo)
  const gateway = await startGateway(fileText(topics, {}, { maxRetained: 1 }))
  expect(await ask(gateway, {}, async)).toMatchObject({ status: 202 })
  const refused = await ask(gateway, {}, async)
  expect(refused).toMatchObject({ status: 503, body: { title: 'Too many replies are kept' } })
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await ask(gateway, {}, { 'Idempotency-Key': 'one-more' })).toMatchObject({ status: 503 })
  expect(await ask(gateway, {})).toMatchObject({ status: 200 })
})

it('a repeat with an Idempotency-Key gets the same reply, on any replica, and only one request is written', async () => {
  const topics = await ownTopics()
  let n = 0
  const { seen } = await replier(topics, ({ id }) => [replyTo(id, { n: ++n })])
  const file = fileText(topics)
  const replicas = await Promise.all([startGateway(file), startGateway(file)])
  const key = { 'Idempotency-Key': 'key 1' }
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, i) => ask(replicas[i % 2] as (typeof replicas)[0], { a: 1 }, key)),
  )
  for (const answer of all) expect(answer).toMatchObject({ status: 200, body: { n: 1 } })
  for (const replica of replicas) {
    expect(await ask(replica, { a: 1 }, key)).toMatchObject({ status: 200, body: { n: 1 } })
    expect(await ask(replica, { a: 2 }, key)).toMatchObject({
      status: 409,
      body: { title: 'The Idempotency-Key was used with another request' },
    })
  }
  const again = await startGateway(file)
  expect(await ask(again, { a: 1 }, key)).toMatchObject({ status: 200, body: { n: 1 } })
  expect(seen).toHaveLength(1)
  expect(await ask(again, { a: 1 }, { 'Idempotency-Key': 'key 2' })).toMatchObject({ body: { n: 2 } })
}, 90_000)

it('an id that was given to an async call is in use everywhere, until it is over', async () => {
  const topics = await ownTopics()
  const file = fileText(topics, { timeoutMs: 500 }, { retainMs: 2_000 })
  const [one, other] = await Promise.all([startGateway(file), startGateway(file)])
  const mine = { 'X-Request-ID': 'mine' }
  expect(await ask(one, {}, { ...async, ...mine })).toMatchObject({ status: 202 })
  for (const replica of [one, other])
    expect(await ask(replica, {}, { ...async, ...mine })).toMatchObject({ status: 409 })
  expect(await ask(one, {}, mine)).toMatchObject({ status: 409 })
  await vi.waitFor(
    async () => expect(await call(`${one.url}/replies/mine`)).toMatchObject({ status: 404 }),
    within(10_000),
  )
  expect(await ask(other, {}, { ...async, ...mine })).toMatchObject({ status: 202 })
}, 60_000)

it('a request that was claimed and never written, as its gateway was killed or Kafka did not take it, is written by a repeat', async () => {
  const topics = await ownTopics()
  const file = fileText(topics, { timeoutMs: 2_000 })
  const [one, other] = await Promise.all([startGateway(file), startGateway(file)])
  await withAdmin({ brokers, log }, admin => admin.deleteTopics({ topics: [topics.requests] }))
  const key = { 'Idempotency-Key': 'lost' }
  await vi.waitFor(async () => expect(await ask(one, {}, key)).toMatchObject({ status: 503 }), within(20_000))
  await createTopics({ brokers, log }, [{ name: topics.requests, partitions: 3, config: {} }])
  // It may still be on its way.
  expect(await ask(other, {}, key)).toMatchObject({ status: 504 })
  const { seen } = await replier(topics, echo)
  await vi.waitFor(
    async () => {
      const answers = await Promise.all([one, other, one].map(each => ask(each, {}, key)))
      for (const answer of answers) expect(answer).toMatchObject({ status: 200 })
    },
    { timeout: 60_000, interval: 500 },
  )
  expect(seen).toHaveLength(1)
}, 120_000)

async function firstEvent(url: string): Promise<unknown> {
  const leaving = new AbortController()
  const response = await fetch(url, { headers: { Accept: 'text/event-stream' }, signal: leaving.signal })
  let text = ''
  try {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const data = /^event: reply\nid: \S+\ndata: (.*)\n\n/m.exec(text)?.[1]
      if (data) return JSON.parse(data)
    }
  } finally {
    leaving.abort()
  }
  throw new Error(`no reply in ${text}`)
}
