import { randomUUID } from 'node:crypto'
import {
  type DeadLetterAct,
  DeadLetterGroups,
  DeadLetterList,
  DeadLetterRecord,
  deadLetterTopic,
  parkedTopic,
} from 'kafka-restaurants-contracts'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { exactlyOnceWorker } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext, createMetrics, startService } from 'kafka-restaurants-service'
import { pino } from 'pino'
import { expect, inject, it, onTestFinished, vi } from 'vitest'
import { createApp } from '../src/app.ts'
import { Config } from '../src/config.ts'

const brokers = inject('bootstrap')
const { log } = createContext('dead-letters-test', 'silent')
const kafka = testKafka(brokers, log)
const staff = { 'Content-Type': 'application/json', 'X-Staff': 'staff' }

async function desk(most?: number, bootstrap = brokers) {
  const lines: Record<string, unknown>[] = []
  const env = { PORT: '0', METRICS_PORT: '0', HOST: '127.0.0.1', BOOTSTRAP_SVR: bootstrap, LOOK_MS: '200' }
  const config = Config.parse(env)
  const output = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const context = { metrics: createMetrics(), log: pino({ level: 'info' }, output) }
  const service = await startService(createApp(config, context, most), config, context)
  onTestFinished(() => service.stop())
  const url = `http://127.0.0.1:${service.port}`
  const get = async (path: string) => (await fetch(url + path)).json()
  return {
    url,
    lines,
    metrics: async () => (await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`)).text(),
    /** Those of one topic, as other tests have theirs. */
    groups: async (topic: string) => DeadLetterGroups.parse(await get(`/groups?topic=${topic}`)).groups,
    topic: async (topic: string) =>
      DeadLetterGroups.parse(await get('/groups')).topics.find(each => each.topic === topic),
    group: async (id: string, query = '') => DeadLetterList.parse(await get(`/groups/${id}${query}`)),
    letter: async (id: string) => DeadLetterRecord.parse(await get(`/letters/${encodeURIComponent(id)}`)),
    post: (path: string, body: unknown, headers: Record<string, string> = staff) =>
      fetch(url + path, {
        method: 'POST',
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    act: async (path: 'redrive' | 'park', body: unknown, key?: string): Promise<DeadLetterAct> => {
      const headers = { ...staff, ...(key && { 'Idempotency-Key': key }) }
      const answer = await fetch(`${url}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      return answer.json() as Promise<DeadLetterAct>
    },
    acts: () => get('/acts') as Promise<DeadLetterAct[]>,
  }
}

async function setAside(topic: string, count: number, reason: string, headers: Record<string, string> = {}) {
  await kafka.write(
    ...Array.from({ length: count }, (_, index) => ({
      topic: deadLetterTopic(topic),
      key: String(index),
      value: `${reason} ${index}`,
      headers: {
        dead_letter_reason: reason,
        dead_letter_topic: topic,
        dead_letter_at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
        ...headers,
      },
    })),
  )
}

const onlyGroup = async (at: Awaited<ReturnType<typeof desk>>, topic: string) => {
  const [group] = await vi.waitFor(async () => {
    const found = await at.groups(topic)
    expect(found).toHaveLength(1)
    return found
  }, 10_000)
  if (!group) throw new Error('no group')
  return group
}

it('shows a record that a worker could not handle, with its reason and nothing personal, and sends it back once that is mended', async () => {
  const topic = await kafka.topic('desk')
  let isMended = false
  const handled: string[] = []
  const worker = exactlyOnceWorker({
    kafka: { brokers, clientId: 'desk-test', log },
    group: randomUUID(),
    inputs: [topic],
    handle: async ({ value }) => {
      if (!isMended) throw new UnreadableRecordError('no such mailbox: dana@example.com')
      handled.push(value.toString())
      return []
    },
    metrics: createMetrics(),
  })
  onTestFinished(() => worker.stop())
  await worker.start()
  const value = JSON.stringify({
    restaurant: 'Fig',
    email: 'dana@example.com',
    name: 'Dana Cohen',
    note: 'paid by 4242 4242 4242 4242',
  })
  await kafka.write({
    topic,
    key: 'a',
    value: value.replace(/ by[^"]+/, ''),
    headers: { to: 'dana@example.com' },
  })

  const at = await desk()
  const group = await onlyGroup(at, topic)
  expect(group).toMatchObject({ reason: 'no such mailbox: …', count: 1 })
  const { letters } = await at.group(group.id)
  const [line] = letters
  expect(line).toMatchObject({ source: `${topic}-0@0`, attempts: 1, redriven: 0, isWhole: true })
  const shown = await at.letter(line?.id ?? '')
  expect(shown).toMatchObject({ topic, state: 'open', key: 'a', group: group.id })
  expect(JSON.parse(shown.value.shown)).toMatchObject({
    restaurant: 'Fig',
    email: 'd…@example.com',
    name: '…',
  })
  expect(shown.headers).toContainEqual({ name: 'to', value: 'd…@example.com' })
  expect(JSON.stringify(shown)).not.toMatch(/dana@|Dana Cohen|4242/)

  isMended = true
  expect(await at.act('redrive', { id: line?.id })).toMatchObject({
    done: 1,
    refused: [],
    left: 0,
    by: 'staff',
  })
  await vi.waitFor(() => expect(handled).toHaveLength(1), 15_000)
  expect(JSON.parse(handled[0] ?? '')).toMatchObject({ email: 'dana@example.com', name: 'Dana Cohen' })
  expect(await at.groups(topic)).toEqual([])
  expect(await at.letter(line?.id ?? '')).toMatchObject({ state: 'done' })
  const logged = at.lines.find(({ msg }) => msg === 'dead letters redriven')
  expect(logged).toMatchObject({ by: 'staff', ids: [line?.id], done: 1, refused: [], act: 'redrive', topic })
  expect(JSON.stringify(at.lines)).not.toContain('dana@')
})

it('sends back or parks so many of a group as it was told, the oldest first, and says how many are left', async () => {
  const topic = await kafka.topic('desk')
  await setAside(topic, 25, 'not JSON')
  await setAside(topic, 1, 'no order', { dead_letter_masked: 'card-number' })
  const at = await desk()
  await vi.waitFor(async () => expect(await at.groups(topic)).toHaveLength(2), 10_000)
  const [group, other] = await at.groups(topic)
  expect(await at.act('redrive', { group: group?.id, most: 10 })).toMatchObject({ done: 10, left: 15 })
  const values = (await kafka.readAll(topic)).map(({ value }) => value.toString())
  expect(values).toEqual(Array.from({ length: 10 }, (_, index) => `not JSON ${index}`))
  expect(await at.act('park', { group: group?.id, most: 100 })).toMatchObject({ done: 15, left: 0 })
  expect(await kafka.readAll(parkedTopic(topic))).toHaveLength(15)
  const refused = await at.act('redrive', { group: other?.id, most: 100 })
  expect(refused).toMatchObject({
    done: 0,
    left: 1,
    refused: [{ count: 1, why: expect.stringMatching('masked') }],
  })
  expect((await at.acts()).map(({ act, done, by }) => [act, done, by])).toEqual([
    ['redrive', 0, 'staff'],
    ['park', 15, 'staff'],
    ['redrive', 10, 'staff'],
  ])
  expect((await at.post('/redrive', { group: group?.id, most: 1 })).status).toBe(404)
  await vi.waitFor(
    async () => expect(await at.metrics()).toContain(`kafka_dead_letters_open{topic="${topic}"} 1`),
    10_000,
  )
})

it('sends each back once, though two desks and a repeat ask for it at the same time', async () => {
  const topic = await kafka.topic('desk')
  await setAside(topic, 60, 'not JSON')
  const [one, two] = await Promise.all([desk(), desk()])
  const group = await onlyGroup(one, topic)
  await onlyGroup(two, topic)
  const key = randomUUID()
  const all = { group: group.id, most: 40 }
  await Promise.all([
    one.act('redrive', all, key),
    one.act('redrive', all, key),
    two.act('redrive', all),
    two.act('park', { group: group.id, most: 5 }),
  ])
  // Who was fenced by the other is told so, and tries again.
  await vi.waitFor(async () => {
    const [left] = await one.groups(topic)
    if (left) await one.act('redrive', { group: left.id, most: 100 })
    expect(await one.groups(topic)).toEqual([])
  }, 20_000)
  const back = (await kafka.readAll(topic)).map(({ value }) => value.toString())
  const parked = await kafka
    .readAll(parkedTopic(topic))
    .then(records => records.map(({ value }) => value.toString()))
    .catch(() => [])
  expect([...back, ...parked].toSorted()).toEqual(
    Array.from({ length: 60 }, (_, index) => `not JSON ${index}`).toSorted(),
  )
}, 60_000)

it('answers a repeat of an act as before, and does it once', async () => {
  const topic = await kafka.topic('desk')
  await setAside(topic, 5, 'not JSON')
  const at = await desk()
  const group = await onlyGroup(at, topic)
  const key = randomUUID()
  const first = await at.act('redrive', { group: group.id, most: 2 }, key)
  expect(await at.act('redrive', { group: group.id, most: 2 }, key)).toEqual(first)
  expect(await kafka.readAll(topic)).toHaveLength(2)
  const other = await at.post('/park', { group: group.id, most: 2 }, { ...staff, 'Idempotency-Key': key })
  expect(other.status).toBe(409)
})

it('refuses what it can not do, in words, and touches nothing', async () => {
  const topic = await kafka.topic('desk')
  await setAside(topic, 1, 'not JSON')
  await kafka.write({ topic, key: 'k', value: 'an order' })
  const at = await desk()
  const group = await onlyGroup(at, topic)
  const ofLetter = `${deadLetterTopic(topic)}-0@0`
  for (const [body, status] of [
    ['{', 400],
    ['7', 422],
    [{}, 422],
    [{ id: 'no id' }, 422],
    [{ id: ofLetter, most: 3 }, 422],
    [{ group: group.id }, 422],
    [{ group: group.id, most: 0 }, 422],
    [{ group: group.id, most: 1_001 }, 422],
    [{ group: 'x'.repeat(16), most: 1 }, 404],
    ['x'.repeat(100_000), 413],
  ] as const)
    expect([body, (await at.post('/redrive', body)).status]).toEqual([body, status])
  const nobodies: Record<string, string>[] = [
    {},
    { 'X-Staff': '' },
    { 'X-Staff': 'é' },
    { 'X-Staff': 'x'.repeat(200) },
  ]
  for (const who of nobodies) {
    const answer = await at.post('/park', { id: ofLetter }, { 'Content-Type': 'application/json', ...who })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('content-type')).toMatch('application/problem+json')
  }
  const preflight = await fetch(`${at.url}/redrive`, {
    method: 'OPTIONS',
    headers: {
      Origin: 'https://evil.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'x-staff',
    },
  })
  expect([...preflight.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
  for (const [id, why] of [
    [`${topic}-0@0`, 'it is no dead letter'],
    ['nowhere.dead-letters-0@0', 'there is no topic nowhere.dead-letters'],
    [`${deadLetterTopic(topic)}-0@99`, 'there is no such record'],
    [`${deadLetterTopic(topic)}-99@0`, 'there is no such record'],
  ] as const)
    expect(await at.act('redrive', { id })).toMatchObject({
      done: 0,
      refused: [{ why, count: 1, ids: [id] }],
    })
  const status = async (path: string) => (await fetch(at.url + path)).status
  expect(await status(`/letters/${encodeURIComponent(`${topic}-0@0`)}`)).toBe(404)
  expect(await status(`/letters/${encodeURIComponent(`${deadLetterTopic(topic)}-0@99`)}`)).toBe(404)
  expect(await status('/letters/none')).toBe(422)
  expect(await status('/letters/%')).toBe(400)
  expect(await status(`/groups/${'x'.repeat(16)}`)).toBe(404)
  expect(await status(`/groups/${group.id}?limit=0`)).toBe(422)
  expect(await status(`/groups/${group.id}?after=x`)).toBe(422)
  expect((await at.groups(topic))[0]?.count).toBe(1)
  expect(await kafka.readAll(topic)).toHaveLength(1)
})

it('pages through thousands, with answers that do not grow with them', async () => {
  const topic = await kafka.topic('desk')
  await setAside(topic, 3_000, 'not JSON')
  const at = await desk()
  const group = await onlyGroup(at, topic)
  expect(group.count).toBe(3_000)
  const page = await at.group(group.id, '?limit=200')
  expect(page.letters).toHaveLength(200)
  const next = await at.group(group.id, `?limit=200&after=${encodeURIComponent(page.next ?? '')}`)
  const ids = [...page.letters, ...next.letters].map(({ id }) => id)
  expect(new Set(ids).size).toBe(400)
  const answer = await fetch(`${at.url}/groups`)
  expect((await answer.text()).length).toBeLessThan(100_000)
})

it('says that Kafka is away, and is there again after', async () => {
  const at = await desk(10, '127.0.0.1:2')
  const answer = await fetch(`${at.url}/groups`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect((await at.post('/redrive', { id: 'order.dead-letters-0@0' })).status).toBe(503)
  expect((await fetch(`${at.url}/health/ready`)).status).toBe(200)
  expect(await at.acts()).toEqual([])
}, 60_000)
