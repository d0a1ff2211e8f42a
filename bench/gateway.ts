import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startBroker } from 'kafka-restaurants-dev-env/kafka/broker'
import { openLoop } from 'kafka-restaurants-dev-env/open-loop'
import { root } from 'kafka-restaurants-dev-env/paths'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { awaitedReplies, batchingProducer, createTopics, type KafkaConnection } from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'
import { readArgs, UsageError, wholeNumber } from 'kafka-restaurants-service/command'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { percentile } from './measure.ts'

const { log } = createContext('bench', 'silent')
const partitions = 12
const patienceMs = 600_000
const body = JSON.stringify({ restaurant: 'jade-pavilion', items: [{ id: 'ramen', quantity: 2 }] })

interface Run {
  kafka: KafkaConnection
  dataDir: string
  calls: number
  inFlight: number
  rounds: number
  rate: number
  seconds: number
  replicas: number[]
  waiting: number
  late: number
  /** What is to be ended with the bench, also where it fails. */
  ends: (() => unknown)[]
}

const parts: Record<string, (run: Run) => Promise<void>> = {
  'round-trips': roundTrips,
  latency,
  replicas,
  pending,
}

/**
 * Measures round trips/s through the gateway beside the same ones with packages/kafka alone, turn by turn in one run; their
 * latency at a set rate; what a reply costs each of several replicas; and many calls that wait, and late replies.
 */
export async function benchGateway(args: string[]): Promise<void> {
  const whole = { type: 'string' } as const
  const options = { calls: whole, 'in-flight': whole, rounds: whole, rate: whole, seconds: whole }
  const { values } = readArgs({
    args,
    options: { ...options, replicas: whole, waiting: whole, late: whole, only: whole },
  })
  const only = values.only
  if (only !== undefined && !Object.hasOwn(parts, only))
    throw new UsageError(`--only must be one of ${Object.keys(parts).join(', ')}, not "${only}".`)
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const place = { dataDir, port: await freePort(), controllerPort: await freePort(), progress: console.log }
  const broker = await startBroker(place)
  const run: Run = {
    kafka: { brokers: broker.bootstrap, clientId: 'bench', log },
    dataDir,
    calls: wholeNumber('--calls', values.calls, 50_000, { min: 100 }),
    inFlight: wholeNumber('--in-flight', values['in-flight'], 64, { min: 1 }),
    rounds: wholeNumber('--rounds', values.rounds, 3, { min: 1 }),
    rate: wholeNumber('--rate', values.rate, 200, { min: 1 }),
    seconds: wholeNumber('--seconds', values.seconds, 20, { min: 1 }),
    replicas: values.replicas
      ? [wholeNumber('--replicas', values.replicas, 1, { min: 1, max: 64 })]
      : [1, 4, 16],
    waiting: wholeNumber('--waiting', values.waiting, 100_000, { min: 1 }),
    late: wholeNumber('--late', values.late, 1_000_000, { min: 1 }),
    ends: [],
  }
  try {
    for (const name of only ? [only] : Object.keys(parts)) await parts[name]?.(run)
  } finally {
    for (const end of run.ends) end()
    await broker.kill()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

interface Topics {
  requests: string
  replies: string
}

async function ownTopics({ kafka }: Run): Promise<Topics> {
  const name = randomUUID()
  const topics = { requests: `requests-${name}`, replies: `replies-${name}` }
  await createTopics(
    kafka,
    Object.values(topics).map(name => ({ name, partitions, config: {} })),
  )
  return topics
}

async function startReplier({ kafka, ends }: Run, { requests, replies }: Topics): Promise<ChildProcess> {
  const args = [resolve(root, 'bench/replier.ts'), kafka.brokers, requests, replies]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  ends.push(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

/** What the gateway is measured against: the least of code that does it. */
async function startBareGateway({ kafka, ends }: Run, { requests, replies }: Topics) {
  const args = [resolve(root, 'bench/bare-gateway.ts'), kafka.brokers, requests, replies]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  ends.push(() => child.kill('SIGKILL'))
  const [url] = await once(child.stdout, 'data')
  return { child, url: String(url).trim() }
}

/** The gateway as it is run: with the settings that it has unless told otherwise, but for these. */
async function startGateway(
  { kafka, dataDir, ends }: Run,
  topics: Topics,
  more: object = {},
  route: object = {},
) {
  const file = join(dataDir, `${randomUUID()}.yaml`)
  const settings = {
    kafka: { 'bootstrap.servers': kafka.brokers, 'message.timeout.ms': 30_000 },
    routes: [
      { path: '/ask', topic: topics.requests, feedbackTopic: topics.replies, timeoutMs: 60_000, ...route },
    ],
    ...more,
  }
  writeFileSync(file, JSON.stringify(settings))
  const gateway = await spawnService('gateway', { LOG_LEVEL: 'info' }, ['-f', file])
  ends.push(() => gateway.kill('SIGKILL'))
  return gateway
}

type RoundTrip = () => Promise<void>

async function roundTrips(run: Run): Promise<void> {
  const topics = await ownTopics(run)
  const replier = await startReplier(run, topics)
  const direct = await directly(run, topics)
  const gateway = await startGateway(run, topics)
  const bare = await startBareGateway(run, topics)
  const http = caller([gateway.url])
  const bareHttp = caller([bare.url])
  const ratios: number[] = []
  // The first one is slower: what it runs is not compiled yet.
  for (const each of [direct.roundTrip, bareHttp.call, http.call])
    await many({ ...run, calls: Math.ceil(run.calls / 5) }, each)
  for (let round = 1; round <= run.rounds; round++) {
    const theirs = await many(run, direct.roundTrip)
    const least = await many(run, bareHttp.call)
    const before = await cpuSeconds(gateway)
    const ours = await many(run, http.call)
    const used = ((await cpuSeconds(gateway)) - before) / run.calls
    ratios.push(ours.perSecond / theirs.perSecond)
    const ratio = ({ perSecond }: Seen) => `ratio ${(perSecond / theirs.perSecond).toFixed(2)}`
    console.log(`round trips, ${run.inFlight} at once, round ${round}:`)
    console.log(`  packages/kafka     ${shown(theirs)}`)
    console.log(`  node:http before it ${shown(least)}, ${ratio(least)}`)
    console.log(
      `  gateway            ${shown(ours)}, ${ratio(ours)}, ${(used * 1e6).toFixed(0)} µs of CPU a call`,
    )
  }
  console.log(`round trips: ratio, median of ${run.rounds}: ${percentile(ratios, 50).toFixed(2)}`)
  http.stop()
  bareHttp.stop()
  await Promise.all([direct.stop(), gateway.kill('SIGTERM')])
  bare.child.kill('SIGKILL')
  replier.kill('SIGKILL')
}

async function latency(run: Run): Promise<void> {
  const topics = await ownTopics(run)
  const replier = await startReplier(run, topics)
  const direct = await directly(run, topics)
  const gateway = await startGateway(run, topics)
  const http = caller([gateway.url])
  for (const [name, each] of [
    ['packages/kafka', direct.roundTrip],
    ['gateway', http.call],
  ] as const) {
    const took: number[] = []
    const timed = async () => {
      const startedAt = performance.now()
      await each()
      took.push(performance.now() - startedAt)
    }
    await openLoop(run.rate, 3, each)
    await openLoop(run.rate, run.seconds, timed)
    console.log(`${run.rate}/s, ${name}: ${percentiles(took)}`)
  }
  http.stop()
  await Promise.all([direct.stop(), gateway.kill('SIGTERM')])
  replier.kill('SIGKILL')
}

/** What the same round trip takes with packages/kafka alone, in this process. */
async function directly({ kafka }: Run, { requests, replies }: Topics) {
  const producer = batchingProducer(kafka, { idempotent: true, timeoutMs: 30_000 })
  const awaited = awaitedReplies(kafka, {
    topics: [replies],
    group: 'bench',
    idsOf: ({ headers }) => [headers.correlation_id ?? ''],
  })
  await awaited.start()
  await awaited.caughtUp
  return {
    roundTrip: async () => {
      const id = randomUUID()
      const { reply, forget } = awaited.expect(id)
      void producer.send({ topic: requests, key: id, value: body, headers: { correlation_id: id } })
      await reply
      forget()
    },
    stop: () => Promise.all([producer.stop(), awaited.stop()]),
  }
}

/**
 * Calls these gateways in turn, over connections that are kept: bytes that were made beforehand, as what the caller's machine
 * pays is not the gateway's. @throws Error for any status but 200
 */
function caller(urls: string[]) {
  const free = urls.map(() => [] as Socket[])
  const all: Socket[] = []
  let next = 0
  const head = `POST /ask HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  const sent = Buffer.from(head + body)
  const connected = (target: number) => {
    const { hostname, port } = new URL(urls[target] ?? '')
    const socket = connect(Number(port), hostname).setNoDelay()
    all.push(socket)
    // The server closes those that nobody needs for a while.
    socket.on('close', () => {
      free[target] = free[target]?.filter(each => each !== socket) ?? []
    })
    return socket
  }
  const call = (): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      const target = next++ % urls.length
      const socket = free[target]?.pop() ?? connected(target)
      let text = ''
      // The server may close a connection that was not needed for a while just as it is needed.
      const again = (error: Error) => (text === '' ? call().then(resolve, reject) : reject(error))
      const read = (chunk: Buffer) => {
        text += chunk.toString('latin1')
        const headEnd = text.indexOf('\r\n\r\n')
        const [, length = ''] = /\r\ncontent-length: (\d+)\r\n/i.exec(text) ?? []
        if (headEnd < 0 || text.length < headEnd + 4 + Number(length)) return
        socket.off('data', read).off('error', again)
        free[target]?.push(socket)
        if (text.startsWith('HTTP/1.1 200 ')) resolve()
        else reject(new Error(`the gateway answered ${text.slice(0, headEnd)}`))
      }
      socket.on('data', read).on('error', again).write(sent)
    })
  const stop = () => {
    for (const socket of all) socket.destroy()
  }
  return { call, stop }
}

interface Seen {
  perSecond: number
  took: number[]
}

/** Has so many under way at once. */
async function many({ calls, inFlight }: Run, roundTrip: RoundTrip): Promise<Seen> {
  const took: number[] = []
  let begun = 0
  const startedAt = performance.now()
  const some = async () => {
    while (begun++ < calls) {
      const at = performance.now()
      await roundTrip()
      took.push(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, some))
  return { perSecond: calls / ((performance.now() - startedAt) / 1000), took }
}

const percentiles = (took: number[]) =>
  [50, 99].map(percent => `p${percent} ${percentile(took, percent).toFixed(1)} ms`).join(', ')
const shown = ({ perSecond, took }: Seen) => `${perSecond.toFixed(0)}/s, ${percentiles(took)}`

/** What it costs that every replica reads all replies: the CPU of each for replies that are nobody's, and round trips/s. */
async function replicas(run: Run): Promise<void> {
  for (const count of run.replicas) {
    const topics = await ownTopics(run)
    const all: SpawnedService[] = []
    // One after another: many that start at once would not be ready in time.
    while (all.length < count) all.push(await startGateway(run, topics))
    await writeReplies(run, topics, 20_000)
    await Promise.all(all.map(each => until(each, 'gateway_replies_total', 20_000)))
    const before = await Promise.all(all.map(cpuSeconds))
    const startedAt = performance.now()
    const replies = Math.ceil(run.calls * 4)
    await Promise.all([
      writeReplies(run, topics, replies),
      ...all.map(each => until(each, 'gateway_replies_total', 20_000 + replies)),
    ])
    const seconds = (performance.now() - startedAt) / 1000
    const after = await Promise.all(all.map(cpuSeconds))
    const used = after.map((now, i) => ((now - (before[i] ?? 0)) / replies) * 1e6)
    console.log(
      `${count} replicas: ${(replies / seconds).toFixed(0)} replies/s that are nobody's, ${percentile(used, 50).toFixed(1)} µs of CPU each, in each replica (${Math.min(...used).toFixed(1)} to ${Math.max(...used).toFixed(1)})`,
    )
    const replier = await startReplier(run, topics)
    const http = caller(all.map(({ url }) => url))
    await many({ ...run, calls: Math.ceil(run.calls / 5) }, http.call)
    console.log(`${count} replicas: round trips ${shown(await many(run, http.call))}`)
    http.stop()
    replier.kill('SIGKILL')
    await Promise.all(all.map(each => each.kill('SIGTERM')))
  }
}

async function writeReplies(
  { kafka }: Run,
  { replies }: Topics,
  count: number,
  ids: () => string = randomUUID,
) {
  const producer = batchingProducer(kafka, { timeoutMs: 60_000, maxQueued: 20_000 })
  let written = 0
  const some = async () => {
    while (written++ < count) {
      const id = ids()
      await producer.send({ topic: replies, key: id, value: body, headers: { correlation_id: id } })
    }
  }
  await Promise.all(Array.from({ length: 5_000 }, some))
  await producer.stop()
}

/** Many calls that nobody replies to, at once; then as many late replies as asked for. */
async function pending(run: Run): Promise<void> {
  const topics = await ownTopics(run)
  const timeoutMs = 100_000
  const gateway = await startGateway(run, topics, { maxPending: run.waiting }, { timeoutMs })
  const mib = async (name: string) => ((await sample(gateway, name)) / 1024 ** 2).toFixed(0)
  const memory = async () =>
    `${await mib('process_resident_memory_bytes')} MiB, ${await mib('nodejs_heap_size_used_bytes')} of them heap in use`
  console.log(`before: ${await memory()}`)
  const startedAt = performance.now()
  const since = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  const [answers] = await pipelined(gateway, run.waiting)
  await until(gateway, 'gateway_pending', run.waiting)
  console.log(`${run.waiting} calls wait: after ${since()}, ${await memory()}`)
  const statuses = (await answers) ?? new Map<string, number>()
  console.log(
    `all are answered: after ${since()}, ${[...statuses].map(([status, n]) => `${n} × ${status}`).join(', ')}`,
  )
  await until(gateway, 'gateway_pending', 0)
  console.log(`${await sample(gateway, 'gateway_pending')} wait then: ${await memory()}`)
  const lateAt = performance.now()
  let n = 0
  const ids = () => `c${n++ % run.waiting}`
  await Promise.all([
    writeReplies(run, topics, run.late, ids),
    until(gateway, 'gateway_replies_total', run.late),
  ])
  const seconds = (performance.now() - lateAt) / 1000
  console.log(
    `${run.late} late replies: ${seconds.toFixed(1)} s, ${await memory()}, ${await sample(gateway, 'gateway_pending')} wait`,
  )
  await gateway.kill('SIGTERM')
}

/**
 * So many calls that wait at once, of ids c0, c1 and so on, over fewer connections than a process may have: a server begins
 * with the next request of a connection before the last one is answered. Each wave of them comes when the last one waits.
 * @returns how many were answered with which status, once all are
 */
async function pipelined(gateway: SpawnedService, count: number): Promise<Promise<Map<string, number>>[]> {
  const statuses = new Map<string, number>()
  const { hostname, port } = new URL(gateway.url)
  const sockets = Array.from({ length: Math.min(count, 1_000) }, () => connect(Number(port), hostname))
  const done = Promise.withResolvers<Map<string, number>>()
  let seen = 0
  for (const socket of sockets) {
    let text = ''
    socket.on('data', chunk => {
      text += chunk
      for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d{3}) [^\n]*\n/g)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        seen += 1
      }
      text = text.slice(text.lastIndexOf('\n') + 1)
      if (seen === count) done.resolve(statuses)
    })
  }
  for (let id = 0; id < count; id++) {
    const head = `POST /ask HTTP/1.1\r\nHost: bench\r\nX-Request-ID: c${id}\r\nContent-Length: 2\r\n\r\n{}`
    sockets[id % sockets.length]?.write(head)
    if (id % sockets.length === sockets.length - 1) await until(gateway, 'gateway_pending', id + 1)
  }
  return [done.promise.finally(() => sockets.forEach(socket => void socket.destroy()))]
}

/** The sum of a metric's samples. */
async function sample({ metricsUrl }: SpawnedService, name: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text()
  const lines = text.split('\n').filter(line => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

const cpuSeconds = (gateway: SpawnedService) => sample(gateway, 'process_cpu_seconds_total')

const until = (gateway: SpawnedService, name: string, value: number) =>
  waitUntil(`${name} is ${value}`, patienceMs, async () => {
    const now = await sample(gateway, name)
    return value === 0 ? now === 0 : now >= value
  })
