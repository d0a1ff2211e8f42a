import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AckPolicy, jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import { connect as connectRabbitmq } from 'amqplib'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { withServers } from 'kafka-restaurants-dev-env/testing/with-servers'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { afterAll, beforeAll, expect, inject, onTestFinished, vi } from 'vitest'
import { natsBroker, rabbitmqBroker, type Source, type TestBroker } from './brokers.ts'
import { startEndpoint, startEventor } from './eventor.ts'
import { startNats } from './servers.ts'
import { tcpServer } from './tcp-server.ts'

const { describe, it } = withServers('nats-server', 'rabbitmq-server')

const brokers = inject('bootstrap')
const kafka = testKafka(brokers, createContext('test', 'silent').log)
const deadlineMs = 60_000
vi.setConfig({ testTimeout: 3 * deadlineMs })
let nats: TestBroker
let rabbitmq: TestBroker

beforeAll(async () => {
  ;[nats, rabbitmq] = await Promise.all([natsBroker(), rabbitmqBroker()])
}, 3 * deadlineMs)
afterAll(() => Promise.all([nats?.server.remove(), rabbitmq?.server.remove()]))

const main = resolve(import.meta.dirname, '../src/main.ts')

/** Runs eventor in a folder with this text as `config.yaml`, and waits until it ends by itself. */
function eventor(args: string[], yaml = '', env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'eventor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'config.yaml'), yaml)
  return new Promise<{ code: unknown; printed: string; errors: string[] }>(done => {
    const options = { cwd: folder, env: { PATH: process.env.PATH, ...env }, timeout: deadlineMs }
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      const code = error ? (error.killed ? 'did not end' : error.code) : 0
      done({ code, printed: stdout, errors: stderr.trimEnd().split('\n') })
    })
  })
}
const check = (yaml: string, env?: Record<string, string>) =>
  eventor(['check', '-f', 'config.yaml'], yaml, env)
/** JSON is YAML. */
const connect = (...pipelines: object[]) =>
  eventor(['check', '-f', 'config.yaml', '--connect'], JSON.stringify(pipelines))
const dryRun = (...pipelines: object[]) =>
  eventor(['-f', 'config.yaml', '--dry-run'], JSON.stringify(pipelines))

const http = (url: string, more: object = {}) => ({ type: 'http', url, ...more })
const fromKafka = (topic: string, more: object = {}) => ({
  type: 'kafka',
  topic,
  consumerConfig: {
    'bootstrap.servers': brokers,
    'group.id': `g-${topic}`,
    'auto.offset.reset': 'earliest',
    ...more,
  },
})
const toKafka = (topic: string, more: object = {}) => ({
  type: 'kafka',
  topic,
  producerConfig: { 'bootstrap.servers': brokers, ...more },
})
const fromSource = ({ spec }: Source) => ({
  eventListener: spec.config,
  errorHandling: { deadLetterTopic: spec.deadLetterTopic },
})
const streamOf = ({ spec }: Source) => (spec.config as { stream: string }).stream
const queueOf = ({ spec }: Source) => (spec.config as { queue: string }).queue
const toNats = (subject: string, more: object = {}) => ({
  type: 'nats',
  servers: [nats.server.url],
  subject,
  ...more,
})
const toRabbitmq = (routingKey: string, more: object = {}) => ({
  type: 'rabbitmq',
  url: rabbitmq.server.url,
  routingKey,
  ...more,
})

async function madeSource(broker: TestBroker, queueType?: string): Promise<Source> {
  const source = broker.source()
  await source.make(queueType)
  await source.makeResults()
  return source
}

async function natsManager() {
  const connection = await connectNats({ servers: nats.server.url })
  onTestFinished(() => connection.close())
  return jetstreamManager(connection)
}

describe('the call', () => {
  it('--help tells what there is', async () => {
    const { code, printed } = await eventor(['--help'])
    expect(code).toBe(0)
    for (const word of ['check -f FILE --connect', '--dry-run', 'METRICS_PORT'])
      expect(printed).toContain(word)
  })

  it.each([
    [[], 'the file is missing: -f FILE'],
    [['check'], 'the file is missing: -f FILE'],
    [['--colour', '-f', 'config.yaml'], 'There is no option --colour'],
    [['look', '-f', 'config.yaml'], 'there is no command "look"'],
    [['-f', 'config.yaml', '--connect'], '--connect belongs to eventor check'],
    [['check', '-f', 'config.yaml', '--dry-run'], '--dry-run does not go with eventor check'],
  ])('with %j ends with 2, says what is wrong, and how it goes', async (args, words) => {
    const { code, errors, printed } = await eventor(args)
    expect(code).toBe(2)
    expect(errors[0]).toContain(words)
    expect(errors).toContain(
      '  eventor check -f FILE            says what is wrong in it, line by line, and connects to nothing',
    )
    expect(printed).toBe('')
  })

  it.each([['check'], ['run']])('%s ends with 2 when the file is not there', async command => {
    const { code, errors } = await eventor([command, '-f', 'none.yaml'])
    expect(code).toBe(2)
    expect(errors).toEqual([expect.stringMatching(/^none\.yaml can't be read: .*no such file/)])
  })
})

const good = `
- eventListener:
    type: kafka
    topic: in
    consumerConfig: { bootstrap.servers: localhost, group.id: g }
  eventHandler: { type: http, url: "http://localhost/", headers: { Authorization: "\${TOKEN}" } }
`

describe('check', () => {
  it('ends with 0 when all is well, and reaches for nothing', async () => {
    expect(await check(good, { TOKEN: 't' })).toEqual({
      code: 0,
      printed: 'config.yaml: 1 pipeline, nothing wrong\n',
      errors: [''],
    })
  })

  it('tells where YAML is broken', async () => {
    const { code, errors } = await check('- name: a\n  eventListener: { type: kafka\n  eventHandler:\n')
    expect(code).toBe(2)
    expect(errors).toEqual([expect.stringMatching(/^config\.yaml:\d: \S/)])
  })

  it('tells every fault at once, each with its line and the nearest key', async () => {
    const { code, errors, printed } = await check(`
- name: a
  eventListener:
    type: kafka
    topik: in
    consumerConfig: { bootstrap.servers: localhost }
  eventHandler:
    type: http
    url: ftp://localhost
    headers: { Authorization: "\${NOT_THERE}" }
- name: a
  eventListener: { type: mqtt }
  eventHandler: { type: http, url: "http://localhost/" }
- name: c
  eventListener: { type: nats, servers: ["nats://me:s3cret@localhost"], stream: s, subject: s, durable: d }
  eventHandler: { type: http, url: "http://localhost/" }
`)
    expect(code).toBe(2)
    expect(printed).toBe('')
    expect(errors).toEqual([
      expect.stringMatching(/^config\.yaml:3: eventListener\.topic: must be given/),
      expect.stringMatching(/^config\.yaml:5: eventListener\.topik: unknown key; did you mean topic\?/),
      expect.stringMatching(/^config\.yaml:6: eventListener\.consumerConfig\.group\.id: must be given/),
      expect.stringMatching(/^config\.yaml:9: eventHandler\.url: must be a URL/),
      expect.stringMatching(
        /^config\.yaml:10: eventHandler\.headers\.Authorization: the environment has no NOT_THERE/,
      ),
      expect.stringMatching(/^config\.yaml:11: name: another pipeline has this name/),
      expect.stringMatching(/^config\.yaml:12: eventListener\.type: must be kafka, nats or rabbitmq/),
      'config.yaml:15: eventListener.servers[0]: has a user or a password in it: these belong into auth',
    ])
  })

  it("refuses to pass on headers that are HTTP's own, or that eventor sets itself", async () => {
    const request = [
      'Connection',
      'Content-Length',
      'expect',
      'Host',
      'keep-alive',
      'Proxy-Authorization',
      'te',
      'Trailer',
      'Transfer-Encoding',
      'upgrade',
      'traceparent',
      'X-Tenant',
      'X-Correlation-Id',
    ]
    const response = [
      'Connection',
      'Proxy-Authenticate',
      'Content-Type',
      'Source',
      'response_status',
      'correlation_id',
      'key',
      'ETag',
    ]
    const pipeline = (name: string, to: string, more: object) =>
      JSON.stringify({
        name,
        eventListener: fromKafka('in'),
        eventHandler: http('http://localhost/', { passHeaders: name === 'kafka' ? request : [] }),
        eventResultProcessor: { type: to, passHeaders: response, ...more },
      })
    const { code, errors } = await check(
      `- ${pipeline('kafka', 'kafka', toKafka('out'))}\n- ${pipeline('nats', 'nats', toNats('out'))}`,
    )
    expect(code).toBe(2)
    const refused = (line: number, key: string, names: string[]) =>
      errors
        .filter(error => error.startsWith(`config.yaml:${line}: ${key}.passHeaders[`))
        .map(error => names[Number(/\[(\d+)\]/.exec(error)?.[1])])
    expect(refused(1, 'eventHandler', request)).toEqual(request.slice(0, -2))
    expect(refused(1, 'eventResultProcessor', response)).toEqual(response.slice(0, -2))
    expect(refused(2, 'eventResultProcessor', response)).toEqual(response.slice(0, -1))
    expect(errors[0]).toBe("config.yaml:1: eventHandler.passHeaders[0]: is HTTP's own, and can't be set")
    expect(errors).toContain(
      'config.yaml:1: eventHandler.passHeaders[10]: is set by eventor itself: leave it out',
    )
  })
})

describe('check --connect', () => {
  it('reaches all three brokers and the endpoint, sends nothing, and makes nothing', async () => {
    const endpoint = await startEndpoint()
    const [input, output] = [await kafka.topic('in'), await kafka.topic('out')]
    const [stream, queue] = [await madeSource(nats), await madeSource(rabbitmq)]
    const manager = await natsManager()
    const streams = async () => (await manager.streams.list().next()).map(({ config }) => config.name).sort()
    const before = await streams()
    const { code, printed, errors } = await connect(
      {
        name: 'kafka',
        eventListener: fromKafka(input),
        eventHandler: http(endpoint.url),
        eventResultProcessor: toKafka(output),
      },
      {
        name: 'nats',
        ...fromSource(stream),
        eventHandler: http(endpoint.url),
        eventResultProcessor: toNats(`results-${streamOf(stream)}`),
      },
      {
        name: 'rabbitmq',
        ...fromSource(queue),
        eventHandler: http(endpoint.url),
        eventResultProcessor: toRabbitmq('any', { exchange: `${queueOf(queue)}.in` }),
      },
      {
        name: 'template',
        ...fromSource(queue),
        eventHandler: http(`${endpoint.url}/{{ key }}`),
        eventResultProcessor: toNats('not.{{ key }}'),
      },
    )
    expect(errors).toEqual([''])
    expect(printed).toBe('config.yaml: 4 pipelines, nothing wrong, and all could be reached\n')
    expect(code).toBe(0)
    expect(endpoint.calls).toEqual([])
    expect(await streams()).toEqual(before)
    expect(await manager.consumers.list(streamOf(stream)).next()).toEqual([])
    expect([await stream.results(), await queue.results()]).toEqual([[], []])
    await expect(queueIsThere(`${queueOf(queue)}.retries`)).resolves.toBe(false)
    await expect(queueIsThere(queueOf(queue))).resolves.toBe(true)
  })

  it('says in a line each what is not there, and hides none behind another', async () => {
    const endpoint = await startEndpoint()
    const nobody = `127.0.0.1:${await freePort()}`
    const [input, stream, queue] = [
      await kafka.topic('in'),
      await madeSource(nats),
      await madeSource(rabbitmq),
    ]
    const locked = await startNats('--user', 'me', '--pass', 'right')
    onTestFinished(locked.remove)
    const wrong = new URL(rabbitmq.server.url)
    wrong.password = 'wr0ng'
    const handler = http(endpoint.url)
    const { host } = new URL(rabbitmq.server.url)
    const { code, printed, errors } = await connect(
      {
        name: 'k',
        eventListener: fromKafka('none'),
        eventHandler: http(`http://${nobody}`),
        eventResultProcessor: toKafka('none-either'),
      },
      { name: 'k2', eventListener: fromKafka(input, { 'bootstrap.servers': nobody }), eventHandler: handler },
      {
        name: 'k3',
        eventListener: fromKafka(input, {
          'security.protocol': 'sasl_plaintext',
          'sasl.mechanism': 'plain',
          'sasl.username': 'me',
          'sasl.password': 'wr0ng',
        }),
        eventHandler: handler,
      },
      { name: 'fine', ...fromSource(stream), eventHandler: handler },
      {
        name: 'n',
        eventListener: { ...stream.spec.config, stream: 'none' },
        errorHandling: { deadLetterTopic: 'd' },
        eventHandler: handler,
        eventResultProcessor: toNats('untaken'),
      },
      {
        name: 'n2',
        eventListener: { ...stream.spec.config, servers: [`nats://${nobody}`] },
        errorHandling: { deadLetterTopic: 'd' },
        eventHandler: handler,
        eventResultProcessor: toNats('x', { servers: [locked.url], auth: { user: 'me', password: 'wr0ng' } }),
      },
      {
        name: 'r',
        eventListener: { ...queue.spec.config, queue: 'none' },
        eventHandler: handler,
        eventResultProcessor: toRabbitmq('none'),
      },
      {
        name: 'r2',
        eventListener: { ...queue.spec.config, url: `amqp://me:wr0ng@${nobody}` },
        eventHandler: handler,
        eventResultProcessor: toRabbitmq('x', { exchange: 'none' }),
      },
      { name: 'r3', eventListener: { ...queue.spec.config, url: wrong.href }, eventHandler: handler },
    )
    expect(errors).toEqual([
      `k: eventListener: Kafka at ${brokers}: there is no topic none`,
      `k: eventHandler: http://${nobody}: the connection is refused (ECONNREFUSED)`,
      `k: eventResultProcessor: Kafka at ${brokers}: there is no topic none-either`,
      expect.stringMatching(`^k2: eventListener: Kafka at ${nobody}: .*ECONNREFUSED`),
      expect.stringMatching(`^k3: eventListener: Kafka at ${brokers}: .*SASL`),
      `n: eventListener: NATS at ${nats.server.url}: there is no stream none`,
      `n: eventResultProcessor: NATS at ${nats.server.url}: no JetStream stream takes the subject untaken`,
      expect.stringMatching(`^n2: eventListener: NATS at nats://${nobody}: .*refused`),
      expect.stringMatching(`^n2: eventResultProcessor: NATS at ${locked.url}: .*[aA]uthorization`),
      `r: eventListener: RabbitMQ at amqp://${host}: there is no queue none`,
      `r: eventResultProcessor: RabbitMQ at amqp://${host}: there is no queue none`,
      expect.stringMatching(`^r2: eventListener: RabbitMQ at amqp://${nobody}: .*ECONNREFUSED`),
      `r2: eventResultProcessor: RabbitMQ at amqp://${host}: there is no exchange none`,
      expect.stringMatching(`^r3: eventListener: RabbitMQ at amqp://${host}: .*ACCESS.REFUSED`),
    ])
    expect(code).toBe(1)
    expect(printed).toBe('')
    expect(errors.join()).not.toContain('wr0ng')
  })

  it('ends when a port takes the connection and says nothing, as does --dry-run', async () => {
    const silent = await tcpServer()
    const handler = http(`https://${silent}`)
    const pipelines = [
      { name: 'k', eventListener: fromKafka('in', { 'bootstrap.servers': silent }), eventHandler: handler },
      {
        name: 'n',
        eventListener: {
          type: 'nats',
          servers: [`nats://${silent}`],
          stream: 's',
          subject: 's',
          durable: 'd',
        },
        eventHandler: handler,
      },
      {
        name: 'r',
        eventListener: { type: 'rabbitmq', url: `amqp://${silent}`, queue: 'q' },
        eventHandler: handler,
      },
    ]
    const [checked, looked] = await Promise.all([connect(...pipelines), dryRun(...pipelines)])
    const listeners = [
      `k: eventListener: Kafka at ${silent}: no answer in time`,
      `n: eventListener: NATS at nats://${silent}: no answer in time`,
      `r: eventListener: RabbitMQ at amqp://${silent}: no answer in time`,
    ]
    expect(looked).toEqual({ code: 1, printed: '', errors: listeners })
    expect(checked).toMatchObject({ code: 1, printed: '' })
    const handlers = ['k', 'n', 'r'].map(name =>
      expect.stringMatching(`^${name}: eventHandler: https://${silent}: `),
    )
    expect(checked.errors).toEqual([0, 1, 2].flatMap(index => [listeners[index], handlers[index]]))
  })
})

describe('--dry-run', () => {
  const handler = http('http://127.0.0.1:1/{{ key }}?token=s3cret', {
    headers: { Authorization: 'Basic czNjcmV0', 'X-Shop': '{{ headers.shop }}' },
    passHeaders: ['tenant'],
  })
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const event = {
    value: '{"n":1}',
    headers: { shop: 'mine', tenant: 't-1', traceparent, correlation_id: 'c-1' },
  }
  const shown = (key: string) =>
    [
      `POST http://127.0.0.1:1/${key}?token=***`,
      'authorization: Basic ***',
      'content-type: application/text',
      'tenant: t-1',
      `traceparent: ${traceparent}`,
      'x-correlation-id: c-1',
      'x-shop: mine',
      '',
      '{"n":1}',
      '',
      '',
    ].join('\n')

  it('shows the next event of Kafka, and leaves it to the run that follows', async () => {
    const input = await kafka.topic('in')
    const endpoint = await startEndpoint()
    await kafka.write({ topic: input, key: 'a', ...event }, { topic: input, key: 'b', value: '2' })
    const pipeline = { name: 'p', eventListener: fromKafka(input), eventHandler: handler }
    const expected = { code: 0, printed: `p: ${input}[0]@0\n${shown('a')}`, errors: [''] }
    expect(await dryRun(pipeline)).toEqual(expected)
    expect(await dryRun(pipeline)).toEqual(expected)
    expect(await kafka.lag(`g-${input}`, input)).toBe(2)
    const running = await startEventor(JSON.stringify([{ ...pipeline, eventHandler: http(endpoint.url) }]))
    await waitUntil('both are called for', deadlineMs, () => endpoint.calls.length === 2)
    expect(endpoint.bodies()).toEqual(['{"n":1}', '2'])
    await waitUntil(
      'both are committed',
      deadlineMs,
      async () => (await kafka.lag(`g-${input}`, input)) === 0,
    )
    await running.kill('SIGTERM')
    expect(await dryRun(pipeline)).toEqual({
      code: 0,
      printed: `p: no event waits in ${input}\n`,
      errors: [''],
    })
  })

  it('shows the first event of a NATS stream, and makes no consumer', async () => {
    const source = await madeSource(nats)
    await source.write({ key: 'a', ...event }, { key: 'b', value: '2' })
    const pipeline = { name: 'p', ...fromSource(source), eventHandler: handler }
    const stream = streamOf(source)
    expect(await dryRun(pipeline)).toEqual({
      code: 0,
      printed: `p: ${stream}@1 (${stream}.a)\n${shown(`${stream}.a`)}`,
      errors: [''],
    })
    const manager = await natsManager()
    expect(await manager.consumers.list(stream).next()).toEqual([])
    expect((await manager.streams.info(stream)).state.messages).toBe(2)
  })

  it('shows the first event that the NATS consumer has not acknowledged, and leaves that as it is', async () => {
    const source = await madeSource(nats)
    await source.write(
      { key: 'a', value: '1' },
      { key: 'b', ...event },
      { key: 'c', value: '3' },
      { key: 'd', value: '4' },
    )
    const stream = streamOf(source)
    const manager = await natsManager()
    const durable = { durable_name: 'eventor', filter_subject: `${stream}.>`, ack_policy: AckPolicy.Explicit }
    await manager.consumers.add(stream, durable)
    const messages = await (await manager.jetstream().consumers.get(stream, 'eventor')).fetch({
      max_messages: 3,
    })
    for await (const message of messages) if (message.seq !== 2) await message.ackAck()
    const state = async () => {
      const { delivered, ack_floor, num_ack_pending, num_pending, num_redelivered } =
        await manager.consumers.info(stream, 'eventor')
      return { delivered, ack_floor, num_ack_pending, num_pending, num_redelivered }
    }
    const before = await state()
    expect(before).toMatchObject({ num_ack_pending: 1, num_pending: 1 })
    const { code, printed } = await dryRun({ name: 'p', ...fromSource(source), eventHandler: handler })
    expect(printed).toBe(`p: ${stream}@2 (${stream}.b)\n${shown(`${stream}.b`)}`)
    expect(code).toBe(0)
    expect(await state()).toEqual(before)
  })

  it.each(['quorum', 'classic'])(
    'shows the first event of a %s queue, and gives it back to its place',
    async type => {
      const source = await madeSource(rabbitmq, type)
      const queue = queueOf(source)
      await source.write({ key: 'a', ...event }, { key: 'b', value: '2' }, { key: 'c', value: '3' })
      await waitUntil('all are there', deadlineMs, async () => (await source.left()) === 3)
      const pipeline = { name: 'p', ...fromSource(source), eventHandler: handler }
      const expected = { code: 0, printed: `p: queue ${queue}\n${shown('a')}`, errors: [''] }
      expect(await dryRun(pipeline)).toEqual(expected)
      expect(await dryRun(pipeline)).toEqual(expected)
      await waitUntil('all are there', deadlineMs, async () => (await source.left()) === 3)
      const endpoint = await startEndpoint()
      await startEventor(JSON.stringify([{ ...pipeline, eventHandler: http(endpoint.url) }]))
      await waitUntil('all are called for', deadlineMs, () => endpoint.calls.length === 3)
      expect(endpoint.bodies()).toEqual(['{"n":1}', '2', '3'])
    },
  )

  it('takes no event from a RabbitMQ queue that somebody listens to', async () => {
    const source = await madeSource(rabbitmq)
    const pipeline = { name: 'p', ...fromSource(source), eventHandler: handler }
    const connection = await connectRabbitmq(rabbitmq.server.url)
    onTestFinished(() => connection.close())
    await (await connection.createChannel()).consume(queueOf(source), () => {})
    const { host } = new URL(rabbitmq.server.url)
    expect(await dryRun(pipeline)).toEqual({
      code: 1,
      printed: '',
      errors: [
        `p: eventListener: RabbitMQ at amqp://${host}: somebody listens to the queue ${queueOf(source)}, and would get its events in another order`,
      ],
    })
  })

  it('says in words that it can not look into a stream of RabbitMQ', async () => {
    const source = await madeSource(rabbitmq, 'stream')
    const { code, printed, errors } = await dryRun({
      name: 'p',
      ...fromSource(source),
      eventHandler: handler,
    })
    expect(errors).toEqual([
      expect.stringMatching(/^p: eventListener: RabbitMQ at .*basic\.get not supported/),
    ])
    expect({ code, printed }).toEqual({ code: 1, printed: '' })
  })

  it('says so where no event waits, what would become a dead letter, and what can not be reached', async () => {
    const input = await kafka.topic('in')
    const [stream, queue, lacking] = [
      await madeSource(nats),
      await madeSource(rabbitmq),
      await madeSource(nats),
    ]
    await lacking.write({ key: 'a', value: 'no shop' })
    const nobody = `127.0.0.1:${await freePort()}`
    const empty = [
      { name: 'k', eventListener: fromKafka(input), eventHandler: handler },
      { name: 'n', ...fromSource(stream), eventHandler: handler },
      { name: 'r', ...fromSource(queue), eventHandler: handler },
      { name: 'dead', ...fromSource(lacking), eventHandler: handler },
    ]
    const words = [
      `k: no event waits in ${input}`,
      `n: no event waits in ${streamOf(stream)}.>`,
      `r: no event waits in ${queueOf(queue)}`,
      `dead: ${streamOf(lacking)}@1 (${streamOf(lacking)}.a)`,
    ].join('\n')
    const { code, printed, errors } = await dryRun(...empty)
    expect(printed.startsWith(words)).toBe(true)
    expect(printed).toMatch(/nothing is sent, as it becomes a dead letter: .*shop/)
    expect({ code, errors }).toEqual({ code: 0, errors: [''] })
    const away = { ...stream.spec.config, servers: [`nats://${nobody}`] }
    const second = await dryRun({ ...empty[1], name: 'away', eventListener: away }, ...empty)
    expect(second.code).toBe(1)
    expect(second.printed).toBe(printed)
    expect(second.errors).toEqual([expect.stringMatching(`^away: eventListener: NATS at nats://${nobody}: `)])
  })
})

it('measures what waits, and whether all do, for each broker', async () => {
  const mortal = await natsBroker()
  onTestFinished(mortal.server.remove)
  const input = await kafka.topic('in')
  const [stream, queue] = [await madeSource(mortal), await madeSource(rabbitmq)]
  let away = true
  const endpoint = await startEndpoint(({ body }) => (away ? { status: 503 } : { body }))
  const events = ['1', '2', '3'].map(value => ({ key: value, value }))
  await kafka.write(...events.map(each => ({ topic: input, ...each })))
  await stream.write(...events)
  await queue.write(...events)
  const { metricsUrl } = await startEventor(
    JSON.stringify([
      { name: 'k', eventListener: fromKafka(input), eventHandler: http(endpoint.url) },
      { name: 'n', ...fromSource(stream), eventHandler: http(endpoint.url) },
      { name: 'r', ...fromSource(queue), eventHandler: http(endpoint.url) },
    ]),
  )
  const gauges = async () => {
    const text = await (await fetch(metricsUrl)).text()
    const lines = text.matchAll(/^eventor_(paused|events_waiting)\{pipeline="(.)"\} (.*)$/gm)
    return Object.fromEntries(
      [...lines].map(([, gauge, pipeline, value]) => [`${pipeline} ${gauge}`, Number(value)]),
    )
  }
  const become = (wanted: object) =>
    vi.waitFor(async () => expect(await gauges()).toEqual(wanted), { timeout: deadlineMs, interval: 200 })
  const paused = { 'k paused': 1, 'n paused': 1, 'r paused': 1 }
  await become({ ...paused, 'n events_waiting': 3, 'r events_waiting': 3 })
  away = false
  const works = { 'k paused': 0, 'n paused': 0, 'r paused': 0 }
  await become({ ...works, 'n events_waiting': 0, 'r events_waiting': 0 })
  await mortal.server.kill()
  await become({ ...works, 'r events_waiting': 0 })
})

async function queueIsThere(queue: string): Promise<boolean> {
  const connection = await connectRabbitmq(rabbitmq.server.url)
  try {
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    return await channel.checkQueue(queue).then(
      () => true,
      () => false,
    )
  } finally {
    await connection.close()
  }
}
