import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runScript } from 'kafka-restaurants-dev-env/testing/processes'
import { createTopics } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, inject, it, vi } from 'vitest'
import { configFile, newFolder, startEventBus } from './event-bus.ts'

const brokers = inject('bootstrap')
const { log } = createContext('test', 'silent')
const kafka = testKafka(brokers, log)
const soon = { timeout: 20_000, interval: 50 }
const ownPrefix = () => `s${randomUUID().slice(0, 8)}`
const makeTopic = (name: string) => createTopics({ brokers, log }, [{ name, partitions: 1, config: {} }])
const values = async (topic: string, count: number) =>
  (await kafka.read(topic, count)).map(({ value }) => JSON.parse(value.toString()))

it("does over HTTP what the plugin's users know", async () => {
  const prefix = ownPrefix()
  const [inTopic, out] = [`${prefix}-inbound-test`, `${prefix}::outbound::message`]
  await makeTopic(inTopic)
  const bus = await startEventBus(configFile(brokers, prefix))
  await bus.reads(1)
  const { events, topics } = await bus.watch()
  const publish = (n: number) => bus.post('/bus/publish', { topic: out, payload: { n } })

  await kafka.write({ topic: inTopic, key: null, value: '{"hello":"bus"}' })
  await vi.waitFor(() => expect(topics()).toEqual([`${prefix}::inbound::test`]), soon)
  expect(await publish(0)).toMatchObject({ status: 200, body: { topic: out, status: 'published' } })
  expect(await values(`${prefix}-outbound-message`, 1)).toEqual([{ n: 0 }])
  await vi.waitFor(() => expect(topics()).toContain(`${out}::sent_to_external_queue`), soon)

  for (const call of [bus.get, bus.post, bus.get])
    expect(await call('/kafka/stop')).toMatchObject({ status: 200, body: { status: 'stopped' } })
  for (let n = 1; n <= 5; n++) expect((await publish(n)).status).toBe(200)
  for (let n = 1; n <= 5; n++) await kafka.write({ topic: inTopic, key: null, value: String(n) })
  expect((await bus.get('/kafka/status')).body).toMatchObject({ outbound: { spool: { events: 5 } } })
  expect(await kafka.readAll(`${prefix}-outbound-message`)).toHaveLength(1)

  for (const call of [bus.get, bus.post])
    expect(await call('/kafka/start')).toMatchObject({ status: 200, body: { status: 'started' } })
  await vi.waitFor(
    async () => expect((await bus.get('/kafka/status')).body.outbound.spool?.events).toBe(0),
    soon,
  )
  const sent = await kafka.readAll(`${prefix}-outbound-message`)
  expect(sent.map(({ value }) => JSON.parse(value.toString()))).toEqual([0, 1, 2, 3, 4, 5].map(n => ({ n })))
  const payloads = (topic: string) =>
    events.filter(({ data }) => data.topic === topic).map(({ data }) => data.payload)
  await vi.waitFor(
    () => expect(payloads(`${prefix}::inbound::test`)).toEqual([{ hello: 'bus' }, 1, 2, 3, 4, 5]),
    soon,
  )
  await vi.waitFor(() => expect(payloads(`${out}::sent_to_external_queue`)).toHaveLength(6), soon)
  const metrics = await (await fetch(bus.metricsUrl)).text()
  expect(metrics).toContain('event_bus_inbound_total 6')
  expect(metrics).toContain('event_bus_outbound_total 6')
  expect(metrics).toContain('event_bus_spooled 0')
  bus.signal('SIGTERM')
  expect(await bus.ended).toBe(0)
})

it('stops and starts one direction or pattern; what it does not know is 404 or 422', async () => {
  const prefix = ownPrefix()
  const bus = await startEventBus(configFile(brokers, prefix))
  const pattern = encodeURIComponent(`${prefix}::outbound::.*`)
  expect((await bus.get('/kafka/stop?direction=inbound')).body).toMatchObject({
    status: 'partly started',
    inbound: { status: 'stopped' },
    outbound: { status: 'started' },
  })
  expect((await bus.get(`/kafka/stop?pattern=${pattern}`)).body).toMatchObject({ status: 'stopped' })
  expect((await bus.get('/kafka/start?direction=outbound')).body).toMatchObject({
    outbound: { status: 'started' },
  })
  expect(await bus.get('/kafka/stop?pattern=x')).toMatchObject({
    status: 404,
    body: { title: 'No such pattern', detail: expect.stringContaining(`${prefix}::outbound::.*`) },
  })
  expect(await bus.get('/kafka/stop?direction=sideways')).toMatchObject({ status: 422 })
})

it('the stream goes on after Last-Event-ID, and shows what is asked for', async () => {
  const prefix = ownPrefix()
  const bus = await startEventBus(configFile(brokers, prefix))
  const publish = (topic: string, payload: unknown) => bus.post('/bus/publish', { topic, payload })
  const first = await bus.watch()
  await publish('a::b', 1)
  await vi.waitFor(() => expect(first.events).toHaveLength(1), soon)
  await first.leave()
  for (const [topic, n] of [
    ['a::b', 2],
    ['c::d', 3],
    ['a::b', 4],
  ] as const)
    await publish(topic, n)
  const again = await bus.watch('', { 'Last-Event-ID': first.events[0]?.id ?? '' })
  await vi.waitFor(() => expect(again.events.map(({ data }) => data.payload)).toEqual([2, 3, 4]), soon)
  const some = await bus.watch('?pattern=a::&lastEventId=unknown')
  await vi.waitFor(() => expect(some.events.map(({ data }) => data.payload)).toEqual([1, 2, 4]), soon)
  expect(await bus.get('/bus/events?pattern=(')).toMatchObject({ status: 422 })
})

describe('POST', () => {
  it('/relay/TOPIC writes to a topic that comes in, and makes it', async () => {
    const prefix = ownPrefix()
    const bus = await startEventBus(configFile(brokers, prefix))
    const { events } = await bus.watch()
    expect(await bus.post(`/relay/${prefix}-inbound-new?key=k`, { hello: 'relay' })).toMatchObject({
      status: 202,
      body: { topic: `${prefix}-inbound-new`, status: 'written' },
    })
    await vi.waitFor(
      () =>
        expect(events.map(({ data }) => data)).toMatchObject([
          { topic: `${prefix}::inbound::new`, payload: { hello: 'relay' }, key: 'k' },
        ]),
      soon,
    )
    expect(await bus.post(`/relay/${prefix}-other`, 1)).toMatchObject({
      status: 404,
      body: { title: 'No such topic' },
    })
    expect(await bus.post(`/relay/${prefix}-inbound-a%20b`, 1)).toMatchObject({ status: 422 })
    expect(await bus.postText(`/relay/${prefix}-inbound-new`, '{')).toMatchObject({ status: 400 })
    expect(await bus.postText(`/relay/${prefix}-inbound-new`, '')).toMatchObject({ status: 400 })
  })

  it('/bus/publish refuses what can not be sent', async () => {
    const prefix = ownPrefix()
    const bus = await startEventBus(configFile(brokers, prefix, ['spool_max_bytes: 1000']))
    const publish = (event: unknown) => bus.post('/bus/publish', event)
    const topic = `${prefix}::outbound::message`
    expect(await publish({ payload: 1 })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'topic' }] },
    })
    expect(await publish({ topic })).toMatchObject({ status: 422, body: { errors: [{ field: 'payload' }] } })
    expect(await publish({ topic: `${topic} x`, payload: 1 })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('can have letters') },
    })
    expect(await bus.postText('/bus/publish', 'no JSON')).toMatchObject({ status: 400 })
    await bus.get('/kafka/stop')
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => publish({ topic, payload: n })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]))
    const full = answers.find(({ status }) => status === 503)
    expect(full).toMatchObject({
      body: { title: 'The spool is full', detail: expect.stringContaining('1000 bytes is the most') },
    })
    expect(full?.headers.get('Retry-After')).toBe('5')
  })
})

describe('the command', () => {
  const file = (yaml: string) => {
    const path = join(newFolder(), 'config.yaml')
    writeFileSync(path, yaml)
    return path
  }
  it('says everything that is wrong in its file, by line, and ends with 2', async () => {
    const path = file('kafka_events:\n  bootstrap_server: a\n  consumer-config:\n    grop_id: b\n')
    expect(await runScript('event-bus', ['--config', path])).toEqual({
      code: 2,
      printed: `${path}:2: kafka_events.bootstrap_server: unknown key; did you mean bootstrap_servers?
${path}:4: kafka_events.consumer-config.grop_id: unknown key; did you mean group_id?
`,
    })
  })

  it.each([
    [['--config', '/no/such/file'], "/no/such/file can't be read"],
    [['--confg', 'x'], 'There is no option --confg. There are: --config, --check, --help.'],
    [['file.yaml'], '"file.yaml" is no option.'],
    [['--check'], '--check needs --config FILE.'],
  ])('%j: %s', async (args, words) => {
    const { code, printed } = await runScript('event-bus', args)
    expect(printed).toContain(words)
    expect(printed).not.toMatch(/^ +at /m)
    expect(code).toBe(2)
  })

  it('looks into a file without a broker, and helps', async () => {
    const path = file('kafka_events: {bootstrap_servers: "nowhere:1"}\n')
    expect(await runScript('event-bus', ['--config', path, '--check'])).toEqual({
      code: 0,
      printed: `${path}: nothing wrong\n`,
    })
    const { code, printed } = await runScript('event-bus', ['--help'])
    expect(code).toBe(0)
    expect(printed).toContain('--config FILE')
  })

  it('finds nothing wrong in the sample file', async () => {
    const sample = 'services/event-bus/plugins-config.yaml'
    expect(await runScript('event-bus', ['--config', sample, '--check'])).toEqual({
      code: 0,
      printed: `${sample}: nothing wrong\n`,
    })
  })

  it('says in words that its spool can not be had', async () => {
    const path = file('kafka_events: {spool_file: /dev/null/spool}\n')
    const { code, printed } = await runScript('event-bus', ['--config', path], {
      PORT: '0',
      METRICS_PORT: '0',
    })
    expect(printed).toMatch(/^event-bus: \/dev\/null\/spool can't be opened as a database \(/)
    expect(code).toBe(2)
  })
})
