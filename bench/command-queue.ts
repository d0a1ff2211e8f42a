import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from 'kafka-restaurants-dev-env/kafka/broker'
import { openLoop } from 'kafka-restaurants-dev-env/open-loop'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { batchingProducer, createTopics, type InputRecord } from 'kafka-restaurants-kafka'
import { kafkaClient, watchTopic } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { percentile } from './measure.ts'
import { type PeerName, startPeer } from './peers/peers.ts'
import { costTable, profileClock, profiling, readProfiles, topCosts } from './profile.ts'

const { log } = createContext('bench', 'silent')
const partitions = 12
const message = 'bake a pizza with all that is there, please'
const patienceMs = 600_000

interface Wanted {
  bootstrap: string
  dataDir: string
  commands: number
  resources: number[]
  rate: number
  seconds: number
  replicas: number
  profile: boolean
}

/**
 * Measures how many commands a second the queue passes on where nothing limits a resource, and where one command of each
 * runs at a time; how long one takes from its request until it may start; and its memory. Beside it, turn by turn in one
 * run, what others make of the same commands: Kafka Streams, and @kafkats/flow.
 */
export async function benchCommandQueue(args: string[]): Promise<void> {
  const whole = { type: 'string' } as const
  const { values } = readArgs({
    args,
    options: {
      commands: whole,
      resources: whole,
      rate: whole,
      seconds: whole,
      replicas: whole,
      seen: whole,
      peers: { type: 'boolean', default: true },
      profile: { type: 'boolean', default: false },
    },
    allowNegative: true,
  })
  const commands = wholeNumber('--commands', values.commands, 300_000, { min: 1_000 })
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const place = { dataDir, port: await freePort(), controllerPort: await freePort(), progress: console.log }
  const broker = await startBroker(place)
  try {
    const wanted: Wanted = {
      bootstrap: broker.bootstrap,
      dataDir,
      commands,
      resources: values.resources
        ? [wholeNumber('--resources', values.resources, 1, { min: 1 })]
        : [1, 10_000, 1_000_000],
      rate: wholeNumber('--rate', values.rate, 200, { min: 1 }),
      seconds: wholeNumber('--seconds', values.seconds, 15, { min: 1 }),
      replicas: wholeNumber('--replicas', values.replicas, 1, { min: 1 }),
      profile: values.profile,
    }
    if (values.seen) return await seenOnce(wanted, wholeNumber('--seen', values.seen, 1, { min: 1 }))
    for (const resources of wanted.resources) await passThrough(wanted, resources, values.peers)
    await latency(wanted)
    for (const resources of wanted.resources.filter(count => count <= commands))
      await queueing(wanted, resources)
  } finally {
    await broker.kill()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Topics of one measurement. */
async function ownTopics({ bootstrap }: Wanted) {
  const [requests, events, actionable, rejected, changelog] = ['requests', 'events', 'actionable', 'rejected', 'changelog'].map(name => `${name}-${randomUUID().slice(0, 8)}`) as [string, string, string, string, string] // biome-ignore format: a line
  const plain = [requests, events, actionable, rejected].map(name => ({ name, partitions, config: {} }))
  const compacted = { name: changelog, partitions, config: { 'cleanup.policy': 'compact' } }
  await createTopics({ brokers: bootstrap, log }, [...plain, compacted])
  return { requests, events, actionable, rejected, changelog }
}
type Topics = Awaited<ReturnType<typeof ownTopics>>

async function startQueues(
  { bootstrap, dataDir, replicas, profile }: Wanted,
  topics: Topics,
  limits: string,
  more: Record<string, string> = {},
): Promise<SpawnedService[]> {
  const file = join(dataDir, `${randomUUID()}.yaml`)
  writeFileSync(file, limits)
  const env = {
    BOOTSTRAP_SVR: bootstrap,
    GROUP_ID: topics.changelog,
    REQUESTS_TOPIC: topics.requests,
    EVENTS_TOPIC: topics.events,
    ACTIONABLE_TOPIC: topics.actionable,
    REJECTED_TOPIC: topics.rejected,
    CHANGELOG_TOPIC: topics.changelog,
    LIMITS_FILE: file,
    LOG_LEVEL: 'info',
    ...(profile && profiling(dataDir)),
    ...more,
  }
  const names = Array.from({ length: replicas }, (_, index) => `queue-${index}`)
  return Promise.all(names.map(HOSTNAME => spawnService('command-queue', { ...env, HOSTNAME })))
}

/** Writes commands, dealt out over the resources. */
async function fill({ bootstrap }: Wanted, topic: string, count: number, resources: number): Promise<void> {
  const producer = kafkaClient({ brokers: bootstrap, clientId: 'bench', log }).producer({ idempotent: true })
  await producer.connect()
  for (let from = 0; from < count; from += 10_000) {
    const messages = Array.from({ length: Math.min(10_000, count - from) }, (_, index) => ({
      key: `resource-${(from + index) % resources}`,
      value: JSON.stringify({ id: String(from + index), message }),
    }))
    await producer.send({ topic, messages })
  }
  await producer.disconnect()
}

/** How fast records come, from the first to the last, as soon as so many have. */
async function counting({ bootstrap }: Wanted, topic: string, count: number) {
  const all = Promise.withResolvers<{ perSecond: number; firstAt: number; lastAt: number }>()
  let [seen, firstAt] = [0, 0]
  const watched = await watchTopic(bootstrap, log, topic, () => {
    seen += 1
    if (seen === 1) firstAt = profileClock()
    if (seen !== count) return
    const lastAt = profileClock()
    all.resolve({ perSecond: (count - 1) / ((lastAt - firstAt) / 1e6), firstAt, lastAt })
  })
  return { all: all.promise, seen: () => seen, stop: watched.stop }
}

async function passThrough(wanted: Wanted, resources: number, withPeers: boolean): Promise<void> {
  const count = Math.max(wanted.commands, resources)
  const topics = await ownTopics(wanted)
  await fill(wanted, topics.requests, count, resources)
  console.log(`\n${count} commands of ${resources} resources, which nothing limits:`)
  const counted = await counting(wanted, topics.actionable, count)
  const queues = await startQueues(wanted, topics, 'semaphoreLimit: null\n')
  const { perSecond, firstAt, lastAt } = await inTime(
    counted.all,
    () => `${counted.seen()} of ${count} have started`,
  )
  await counted.stop()
  const { cpuMs, rssMiB } = await costsOf(queues)
  console.log(
    `  command queue  ${line(perSecond, rssMiB)}, ${(cpuMs / count).toFixed(3)} ms of CPU a command`,
  )
  await Promise.all(queues.map(queue => queue.kill('SIGTERM')))
  if (wanted.profile) {
    for (const profile of readProfiles(wanted.dataDir).values())
      for (const each of costTable(topCosts(profile, [firstAt, lastAt], 25))) console.log(each)
  }
  if (!withPeers) return
  await peer('kafka-streams', wanted, topics.requests, count)
  // It takes some hundred a second.
  const some = await ownTopics(wanted)
  await fill(wanted, some.requests, 5_000, resources)
  await peer('kafkats', wanted, some.requests, 5_000)
}

async function peer(name: PeerName, wanted: Wanted, input: string, count: number): Promise<void> {
  const { actionable } = await ownTopics(wanted)
  const counted = await counting(wanted, actionable, count)
  const { bootstrap } = wanted
  const options = { bootstrap, input, output: actionable, applicationId: actionable, progress: console.log }
  const running = await startPeer(name, options)
  try {
    const { perSecond } = await inTime(
      Promise.race([counted.all, running.failed]),
      () => `${name}: ${counted.seen()} of ${count}`,
    )
    console.log(`  ${name.padEnd(13)}  ${line(perSecond, rssOf(running.pid))}`)
  } finally {
    await counted.stop()
    await running.stop()
  }
}

/** From a request until its command may start, at a steady rate, each of a resource that has a place. */
async function latency(wanted: Wanted): Promise<void> {
  const { bootstrap, rate, seconds } = wanted
  const topics = await ownTopics(wanted)
  const sentAt = new Map<string, number>()
  const took: number[] = []
  const heard = (record: InputRecord) => {
    const { id } = JSON.parse(String(record.value))
    took.push(performance.now() - (sentAt.get(id) ?? Number.NaN))
  }
  const watched = await watchTopic(bootstrap, log, topics.actionable, heard)
  const queues = await startQueues(wanted, topics, 'semaphoreLimit: 1\n')
  const producer = batchingProducer({ brokers: bootstrap, clientId: 'bench', log })
  await openLoop(rate, seconds, async () => {
    const id = String(sentAt.size)
    sentAt.set(id, performance.now())
    await producer.send({
      topic: topics.requests,
      key: `resource-${id}`,
      value: JSON.stringify({ id, message }),
    })
  })
  await waitUntil('all commands', patienceMs, async () => took.length >= sentAt.size)
  const [half, most] = [percentile(took, 50), percentile(took, 99)]
  console.log(
    `\n${rate} commands/s, each of a resource with a place: half may start after ${half.toFixed(0)} ms, 99 % after ${most.toFixed(0)} ms`,
  )
  await Promise.all([watched.stop(), producer.stop(), ...queues.map(queue => queue.kill('SIGTERM'))])
}

/** One command of each resource runs at a time, and ends as soon as it has started. */
async function queueing(wanted: Wanted, resources: number): Promise<void> {
  const { bootstrap } = wanted
  // One resource does a round trip for each command.
  const count = Math.min(wanted.commands, resources * 1_000)
  const topics = await ownTopics(wanted)
  await fill(wanted, topics.requests, count, resources)
  const producer = batchingProducer(
    { brokers: bootstrap, clientId: 'bench', log },
    { maxQueued: count + 1, timeoutMs: 60_000 },
  )
  const done = Promise.withResolvers<void>()
  let [seen, firstAt] = [0, 0]
  const ends = async ({ key, value }: InputRecord) => {
    seen += 1
    if (seen === 1) firstAt = performance.now()
    const { id, fence } = JSON.parse(String(value))
    if (seen === count) done.resolve()
    await producer.send({
      topic: topics.events,
      key,
      value: JSON.stringify({ id, type: 'TERMINATING', fence }),
    })
  }
  const watched = await watchTopic(bootstrap, log, topics.actionable, record => void ends(record))
  const queues = await startQueues(wanted, topics, 'semaphoreLimit: 1\nqueueLimit: null\n')
  await inTime(done.promise, () => `${seen} of ${count} have started`)
  const perSecond = (count - 1) / ((performance.now() - firstAt) / 1000)
  const { rssMiB } = await costsOf(queues)
  console.log(
    `\n${count} commands of ${resources} resources, one of each at a time: ${line(perSecond, rssMiB)}`,
  )
  await Promise.all([watched.stop(), producer.stop(), ...queues.map(queue => queue.kill('SIGTERM'))])
}

/** The most resources that have a command at a time, and what the heap of a queue may hold, in MiB. */
const active = 10_000
const heapMiB = 512

/** A command of each of many resources, of which so many have one at a time: what is left of the others. */
async function seenOnce(wanted: Wanted, resources: number): Promise<void> {
  const { bootstrap } = wanted
  const topics = await ownTopics(wanted)
  const producer = batchingProducer(
    { brokers: bootstrap, clientId: 'bench', log },
    { maxQueued: active * 4, timeoutMs: 60_000 },
  )
  let [asked, seen] = [0, 0]
  const ask = async () => {
    if (asked === resources) return
    const id = String(asked++)
    await producer.send({
      topic: topics.requests,
      key: `resource-${id}`,
      value: JSON.stringify({ id, message }),
    })
  }
  const ends = async ({ key, value }: InputRecord) => {
    seen += 1
    const { id, fence } = JSON.parse(String(value))
    const ended = JSON.stringify({ id, type: 'TERMINATING', fence })
    await Promise.all([producer.send({ topic: topics.events, key, value: ended }), ask()])
  }
  const watched = await watchTopic(bootstrap, log, topics.actionable, record => void ends(record))
  const limits = 'semaphoreLimit: 1\nqueueLimit: null\ndedupeMs: 1000\n'
  const queues = await startQueues(wanted, topics, limits, {
    NODE_OPTIONS: `--max-old-space-size=${heapMiB}`,
  })
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: active }, ask))
  await waitUntil('all commands', patienceMs * 3, async () => seen === resources)
  const perSecond = resources / ((performance.now() - startedAt) / 1000)
  const { rssMiB } = await costsOf(queues)
  const known = async () =>
    (await metricsOf(queues)).reduce((sum, metrics) => sum + metrics('command_queue_resources'), 0)
  await waitUntil('nothing to be known', patienceMs, async () => (await known()) === 0)
  console.log(
    `\n${resources} resources, ${active} with a command at a time, with ${heapMiB} MiB of heap: ${line(perSecond, rssMiB)}; none is known afterwards`,
  )
  await Promise.all([watched.stop(), producer.stop(), ...queues.map(queue => queue.kill('SIGTERM'))])
}

/** What processes have used by now, as they say themselves. */
async function costsOf(queues: SpawnedService[]): Promise<{ cpuMs: number; rssMiB: number }> {
  const all = await metricsOf(queues)
  const sum = (name: string) => all.reduce((total, metrics) => total + metrics(name), 0)
  return {
    cpuMs: 1_000 * sum('process_cpu_seconds_total'),
    rssMiB: sum('process_resident_memory_bytes') / 1024 ** 2,
  }
}

/** The value of a metric of each, by its name. */
const metricsOf = (queues: SpawnedService[]) =>
  Promise.all(
    queues.map(async ({ metricsUrl }) => {
      const text = await (await fetch(metricsUrl)).text()
      return (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1])
    }),
  )

/** As Linux tells it. */
const rssOf = (pid: number) =>
  process.platform === 'linux'
    ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
    : Number.NaN

const line = (perSecond: number, rssMiB: number) =>
  `${perSecond.toFixed(0).padStart(6)} commands/s, ${rssMiB.toFixed(0)} MiB`

/** @throws Error that says how far it came, where it does not end in time */
async function inTime<T>(work: Promise<T>, says: () => string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`after ${patienceMs / 1000} s: ${says()}`)),
    patienceMs,
  )
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}
