import { randomUUID } from 'node:crypto'
import { deadLetterTopic, QueuedResource } from 'kafka-restaurants-contracts'
import { createTopics, withAdmin } from 'kafka-restaurants-kafka'
import { expect, it, vi } from 'vitest'
import {
  actionable,
  brokers,
  command,
  event,
  kafka,
  limitsFile,
  log,
  ownTopics,
  post,
  resource,
  started,
  startQueue,
  within,
} from './command-queue.ts'

it('three commands of one resource run one after another, as each ends, and a stranger ends nothing', async () => {
  const topics = await ownTopics()
  const queue = await startQueue(topics)
  for (const id of ['one', 'two', 'three']) {
    const { status, body } = await post(queue, '/command', { resourceId: 'oven', id, message: `do ${id}` })
    expect([status, body]).toEqual([201, { resourceId: 'oven', commandId: id }])
  }
  expect(await started(topics, 1)).toEqual(['one'])
  await vi.waitFor(async () => {
    const { running, queued } = await resource(queue, 'oven')
    expect([running.map(({ id }) => id), queued.map(({ id, place }) => [id, place])]).toEqual([
      ['one'],
      [
        ['two', 1],
        ['three', 2],
      ],
    ])
  }, within(10_000))
  // Of commands that own no place: one that waits, and one that nobody knows.
  for (const id of ['three', 'nobody'])
    expect((await post(queue, `/event/oven/${id}`, 'TERMINATING')).status).toBe(201)
  expect((await post(queue, '/event/oven/one', { type: 'TERMINATING', message: 'done' })).status).toBe(201)
  expect(await started(topics, 2)).toEqual(['one', 'two'])
  expect((await post(queue, '/event/oven/two', 'TERMINATING')).status).toBe(201)
  expect(await started(topics, 3)).toEqual(['one', 'two', 'three'])
  const fences = (await kafka.read(topics.actionable, 3)).map(record => actionable(record).fence)
  expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
})

it('a command is taken once, by whatever way it comes again, and by its Idempotency-Key', async () => {
  const topics = await ownTopics()
  const queue = await startQueue(topics)
  await kafka.write(command(topics, 'oven', 'a'), command(topics, 'oven', 'a'))
  await post(queue, '/command/oven', { id: 'a', message: 'again' })
  await post(queue, '/command/oven', 'as text', { 'Idempotency-Key': 'b' })
  await post(queue, '/command/oven', 'as text', { 'Idempotency-Key': 'b' })
  // The end of what has not started yet would free nothing.
  expect(await started(topics, 1)).toEqual(['a'])
  await kafka.write(
    event(topics, 'oven', 'a'),
    command(topics, 'oven', 'a'),
    command(topics, 'other', 'last'),
  )
  await vi.waitFor(async () => {
    const all = (await kafka.readAll(topics.actionable)).map(actionable)
    expect(all.map(({ id, message }) => [id, message]).toSorted()).toEqual([
      ['a', 'do a'],
      ['b', 'as text'],
      ['last', 'do last'],
    ])
  }, within(20_000))
})

it('what is beyond the line is rejected with its reason, and limits are those of the file, also when it changes', async () => {
  const topics = await ownTopics(1)
  const file = limitsFile('queueLimit: 1\nresources:\n  wide:\n    semaphoreLimit: 2\n    queueLimit: null\n')
  const queue = await startQueue(topics, { LIMITS_FILE: file.path })
  await kafka.write(...['a', 'b', 'c'].map(id => command(topics, 'narrow', id)))
  const [refused] = await kafka.read(topics.rejected, 1)
  expect(JSON.parse(String(refused?.value))).toEqual({
    id: 'c',
    message: 'do c',
    reason: '1 commands wait for this resource already, and 1 may',
  })
  await kafka.write(...['1', '2', '3', '4', '5'].map(id => command(topics, 'wide', id)))
  await vi.waitFor(async () => {
    const { running, queued } = await resource(queue, 'wide')
    expect([running.length, queued.length]).toEqual([2, 3])
  }, within(10_000))

  // A fault is told, and the old ones stay.
  file.write('semaphoreLimit: many\n')
  await vi.waitFor(() => expect(queue.printed()).toContain('line 1: semaphoreLimit'), within(10_000))
  // Those who wait start at once where there is room now, and nobody ends where there is none.
  file.write(
    'queueLimit: 1\nsemaphoreLimit: 2\nresources:\n  wide:\n    semaphoreLimit: 1\n    queueLimit: null\n',
  )
  await vi.waitFor(async () => {
    expect((await resource(queue, 'narrow')).running.map(({ id }) => id)).toEqual(['a', 'b'])
    expect((await resource(queue, 'wide')).limits.semaphoreLimit).toBe(1)
  }, within(10_000))
  await kafka.write(event(topics, 'wide', '1'), command(topics, 'narrow', 'd'))
  await vi.waitFor(async () => {
    expect((await resource(queue, 'narrow')).queued.map(({ id }) => id)).toEqual(['d'])
    const { running, queued } = await resource(queue, 'wide')
    expect([running.map(({ id }) => id), queued.length]).toEqual([['2'], 3])
  }, within(10_000))
})

it('a lease that runs out frees the place, tells it, and an event of the old start frees nothing', async () => {
  const topics = await ownTopics(1)
  const { path } = limitsFile('leaseMs: 1500\nqueueLimit: 10\n')
  const queue = await startQueue(topics, { LIMITS_FILE: path })
  await kafka.write(command(topics, 'oven', 'a'), command(topics, 'oven', 'b'))
  const [first] = await kafka.read(topics.actionable, 1)
  const { fence = 0 } = first ? actionable(first) : {}
  expect(await started(topics, 2)).toEqual(['a', 'b'])
  const events = (await kafka.readAll(topics.events)).map(({ value }) => JSON.parse(String(value)))
  expect(events).toContainEqual({ id: 'a', type: 'EXPIRED', fence })
  await kafka.write(event(topics, 'oven', 'a', { fence }), event(topics, 'oven', 'b', { fence }))
  // It is renewed by events, for longer than it lasts.
  const begun = Date.now()
  await vi.waitFor(
    async () => {
      await kafka.write(event(topics, 'oven', 'b', { type: 'CONTINUING' }))
      expect(Date.now() - begun).toBeGreaterThan(3_000)
    },
    { timeout: 20_000, interval: 300 },
  )
  expect((await resource(queue, 'oven')).running.map(({ id }) => id)).toEqual(['b'])
  await vi.waitFor(async () => expect((await resource(queue, 'oven')).running).toEqual([]), within(10_000))
})

it('of a resource with many places each place is known to who goes on after a kill, and each lease runs out', async () => {
  const topics = await ownTopics(1)
  const { path } = limitsFile('leaseMs: 12000\nsemaphoreLimit: 100\nqueueLimit: null\n')
  const one = await startQueue(topics, { LIMITS_FILE: path })
  const ids = Array.from({ length: 150 }, (_, index) => `c${index}`)
  await kafka.write(...ids.map(id => command(topics, 'hall', id)))
  expect(await started(topics, 100)).toEqual(ids.slice(0, 100))
  // Of those that have started at any time.
  const ended = ids.filter((_, index) => index < 100 && index % 3 === 0)
  await kafka.write(...ended.map(id => event(topics, 'hall', id)))
  expect(await started(topics, 100 + ended.length)).toEqual(ids.slice(0, 100 + ended.length))
  await one.kill('SIGKILL')
  const two = await startQueue(topics, { LIMITS_FILE: path })
  const left = ids.slice(0, 100 + ended.length).filter(id => !ended.includes(id))
  await vi.waitFor(async () => {
    const { running, queued } = await resource(two, 'hall')
    expect([running.map(({ id }) => id), queued.length]).toEqual([left, 150 - 100 - ended.length])
  }, within(5_000))
  // All places are free again, and so are those of who started then.
  expect(await started(topics, 150)).toEqual(ids)
  await vi.waitFor(async () => expect((await resource(two, 'hall')).running).toEqual([]), within(30_000))
  const events = (await kafka.readAll(topics.events)).map(({ value }) => JSON.parse(String(value)))
  const expired = new Set(events.filter(({ type }) => type === 'EXPIRED').map(({ id }) => id))
  expect(expired).toEqual(new Set(ids.filter(id => !ended.includes(id))))
})

it('every replica shows every resource, and goes on with all of them when the other one is killed', async () => {
  const topics = await ownTopics(4)
  const { path } = limitsFile('leaseMs: 6000\n')
  const queues = await Promise.all([1, 2].map(() => startQueue(topics, { LIMITS_FILE: path })))
  const [one, two] = queues
  if (!one || !two) throw new Error('two were started')
  const ids = Array.from({ length: 12 }, (_, index) => `resource ${index}`)
  await kafka.write(...ids.flatMap(id => [command(topics, id, 'a'), command(topics, id, 'b')]))
  await vi.waitFor(async () => {
    for (const queue of queues)
      for (const id of ids) expect([id, (await resource(queue, id)).queued.length]).toEqual([id, 1])
  }, within(15_000))
  await one.kill('SIGKILL')
  // Their leases run out, and who is left is the one to see it.
  const all = (await kafka.read(topics.actionable, 2 * ids.length, 40_000)).map(
    record => `${record.key} ${actionable(record).id}`,
  )
  expect(all.toSorted()).toEqual(ids.flatMap(id => [`${id} a`, `${id} b`]).toSorted())
  // What has ended is no more.
  await vi.waitFor(
    async () => expect(await (await fetch(`${two.url}/resources`)).json()).toEqual([]),
    within(20_000),
  )
  await kafka.write(...ids.map(id => command(topics, id, 'c')))
  await vi.waitFor(
    async () => expect(await (await fetch(`${two.url}/resources`)).json()).toHaveLength(ids.length),
    within(10_000),
  )
  const list = await (
    await fetch(`${two.url}/resources?limit=5&after=${encodeURIComponent(ids[0] ?? '')}`)
  ).json()
  expect(
    QueuedResource.array()
      .parse(list)
      .map(({ resourceId }) => resourceId),
  ).toEqual(ids.toSorted().slice(1, 6))
})

it('all that is known of a resource goes when its commands are forgotten', async () => {
  const topics = await ownTopics(1)
  const { path } = limitsFile('dedupeMs: 1000\n')
  const queue = await startQueue(topics, { LIMITS_FILE: path })
  await kafka.write(command(topics, 'oven', 'a'))
  await started(topics, 1)
  await kafka.write(event(topics, 'oven', 'a'))
  // That it runs, that it has ended, and nothing.
  const kept = (await kafka.read(topics.changelog, 3)).at(-1)
  expect([String(kept?.key), kept?.isTombstone]).toEqual(['oven', true])
  // As one that nobody has named yet.
  const empty = { limits: { semaphoreLimit: 1, queueLimit: 5, leaseMs: null }, running: [], queued: [] }
  expect(await resource(queue, 'oven')).toEqual({ resourceId: 'oven', ...empty })
  expect(await resource(queue, 'never named')).toEqual({ resourceId: 'never named', ...empty })
})

it.each(['/resources/oven/events', '/resources'])('changes of resources are told live at %s', async path => {
  const topics = await ownTopics(1)
  const queue = await startQueue(topics)
  await post(queue, '/command/oven', { id: 'a', message: 'do a' })
  const response = await fetch(`${queue.url}${path}`, { headers: { Accept: 'text/event-stream' } })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const hears = async (what: string) => {
    while (!text.includes(what)) text += (await reader?.read())?.value ?? ''
  }
  await hears('"running":[{"id":"a"')
  await post(queue, '/command/oven', { id: 'b', message: 'do b' })
  await hears('"queued":[{"id":"b","place":1')
  for (const id of ['a', 'b']) await post(queue, `/event/oven/${id}`, 'TERMINATING')
  await hears('"running":[],"queued":[]')
  await reader?.cancel()
})

const long = 'x'.repeat(200)
it.each(['a/b', 'ä ☕ 日本', '%2F', '..', '?&#', '__proto__', long])(
  'a resource can be called %s',
  async name => {
    const topics = await ownTopics(1)
    const queue = await startQueue(topics)
    const path = encodeURIComponent(name)
    // Who writes URLs takes ".." for another folder, whatever it is encoded as.
    if (name === '..') await kafka.write(command(topics, name, 'a'))
    else expect((await post(queue, `/command/${path}`, { id: 'a', message: 'm' })).status).toBe(201)
    const [record] = await kafka.read(topics.actionable, 1)
    expect(String(record?.key)).toBe(name)
  },
)

it('what is wrong is refused in words, and on the topics a dead letter', async () => {
  const topics = await ownTopics(1)
  const queue = await startQueue(topics)
  const asks = async (path: string, body: object | string) => {
    const { status, body: answer } = await post(queue, path, body)
    return `${status} ${answer.message}`
  }
  expect(await asks('/command', { resourceId: 'oven', message: '' })).toMatch(
    /^422 .*message: must not be empty/,
  )
  expect(await asks('/command/oven', '')).toMatch(/^422 .*message/)
  expect(await asks('/command', '{')).toMatch(/^400 The body is not JSON/)
  expect(await asks('/command', { resourceId: '', message: 'm' })).toMatch(/^422 .*resourceId/)
  expect(await asks('/command', { resourceId: 'a\nb', message: 'm' })).toMatch(/control characters/)
  expect(await asks(`/command/${'y'.repeat(10_000)}`, 'm')).toMatch(/^422 .*resourceId/)
  expect(await asks('/command/oven', 'x'.repeat(2_000_000))).toMatch(/^413 The body is too large/)
  expect(await asks('/command/oven', 'x'.repeat(66_000))).toMatch(/^413 .*66000 bytes, 65536 is the most/)
  expect(await asks('/event/oven/a', 'DONE')).toMatch(/^422 .*type/)
  expect(await asks('/event/oven/a', { type: 'TERMINATING', fence: -1 })).toMatch(/^422 .*fence/)
  expect(await asks('/command/%ff', 'm')).toMatch(/^400/)

  const { requests, events } = topics
  await kafka.write(
    { topic: requests, key: null, value: '{"id":"a","message":"m"}' },
    { topic: requests, key: 'oven', value: 'no JSON' },
    { topic: requests, key: 'oven', value: '{"message":"m"}' },
    { topic: requests, key: 'oven', value: '{"id":"a","message":""}' },
    command(topics, 'oven', 'a', 'x'.repeat(66_000)),
    command(topics, 'oven', 'a', 'x'.repeat(2_000_000)),
    command(topics, ' oven', 'a'),
    command(topics, 'z'.repeat(201), 'a'),
  )
  await kafka.write(
    { topic: events, key: 'oven', value: '{"id":"a","type":"DONE"}' },
    command(topics, 'oven', 'good'),
  )
  const reasons = async (topic: string, count: number) =>
    (await kafka.read(deadLetterTopic(topic), count))
      .map(({ headers }) => headers.dead_letter_reason)
      .toSorted()
  expect(await reasons(requests, 8)).toEqual([
    expect.stringContaining('the key names no resource'),
    expect.stringContaining('the key names no resource'),
    expect.stringContaining('the key names no resource'),
    'the message has 66000 bytes, 65536 is the most',
    expect.stringContaining('the value has 2000'),
    'the value is no command: id: Invalid input: expected string, received undefined',
    expect.stringContaining('the value is no command: message'),
    'the value is not JSON',
  ])
  expect(await reasons(events, 1)).toEqual([expect.stringContaining('the value is no event')])
  expect(await started(topics, 1)).toEqual(['good'])
})

it('limits that can not be used are told by line, and nothing starts', async () => {
  const topics = await ownTopics(1)
  const { path } = limitsFile(
    'semaphoreLimit: 1\nqueueLimit: -3\nresources:\n  oven:\n    semaphorLimit: 2\n',
  )
  const started = startQueue(topics, { LIMITS_FILE: path })
  await expect(started).rejects.toThrow('exited with 2')
  await expect(started).rejects.toThrow(
    [
      'line 2: queueLimit: must be at least 0',
      'line 5: resources.oven.semaphorLimit: unknown key; did you mean semaphoreLimit?',
    ].join('\n'),
  )
})

it('a queue makes its topics where they are missing, with as many partitions as those that are there', async () => {
  const own = (name: string) => `made-${name}-${randomUUID().slice(0, 8)}`
  const [requests, events, actionable] = [own('requests'), own('events'), own('actionable')]
  const [rejected, changelog] = [own('rejected'), own('changelog')]
  const topics = { requests, events, actionable, rejected, changelog, group: randomUUID() }
  await createTopics({ brokers, log }, [{ name: topics.requests, partitions: 5, config: {} }])
  const queue = await startQueue(topics)
  await vi.waitFor(async () => {
    expect((await post(queue, '/command', { resourceId: 'oven', id: 'one', message: 'm' })).status).toBe(201)
  }, within(20_000))
  await vi.waitFor(async () => expect(await started(topics, 1)).toEqual(['one']), within(20_000))
  await withAdmin({ brokers, log }, async admin => {
    const { group, ...made } = topics
    const { topics: found } = await admin.fetchTopicMetadata({ topics: Object.values(made) })
    expect(found.map(({ partitions }) => partitions.length)).toEqual([5, 5, 5, 5, 5])
    const { resources } = await admin.describeConfigs({
      resources: [{ type: 2, name: topics.changelog, configNames: ['cleanup.policy'] }],
      includeSynonyms: false,
    })
    expect(resources[0]?.configEntries[0]?.configValue).toBe('compact')
  })
}, 60_000)
