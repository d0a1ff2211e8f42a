import { setTimeout as delay } from 'node:timers/promises'
import { commandTopics, quoteTopics, topics } from 'kafka-restaurants-contracts'
import { kafkaAnswers } from 'kafka-restaurants-dev-env/kafka/answers'
import type { Platform, PlatformBroker } from 'kafka-restaurants-dev-env/platform/platform'
import { startReplica } from 'kafka-restaurants-dev-env/platform/replica'
import type { TestServer } from 'kafka-restaurants-dev-env/testing/server'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { type ClusterAdmin, clusterAdmin } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import type { Foreign, Load } from './load.ts'
import type { FaultName, PlannedFault } from './plan.ts'

/** Where faults are brought about. */
export interface Scene {
  platform: Platform
  foreign: Load['foreign']
  refusedEmail: string
  /** Tracking's PostgreSQL, where it has one. */
  database: TestServer | undefined
  /** Told what is done, beyond that a fault begins and ends. */
  say: (line: string) => void
  signal: AbortSignal
}

const backWithinMs = 120_000

const { log } = createContext('chaos', 'silent')

type Inject = (scene: Scene, planned: PlannedFault) => Promise<void>
type Service =
  | 'search-order'
  | 'tracking'
  | 'transaction'
  | 'email'
  | 'bank'
  | 'command-queue'
  | 'gateway'
  | 'kitchen'
  | 'kitchen-eventor'

const signalled =
  (name: Service, signal: NodeJS.Signals): Inject =>
  async ({ platform }) => {
    const isBack = restarting(platform, name)
    processOf(platform, name).kill(signal)
    const url = `http://127.0.0.1:${platform.ports[name]}/health`
    await waitUntil(`${name} is back`, backWithinMs, async () => isBack() && (await isOk(url)))
  }

const signalledBroker =
  (signal: NodeJS.Signals): Inject =>
  async (scene, { fault, which }) => {
    const broker = oneBroker(scene, which)
    const isBack = restarting(scene.platform, broker.name)
    processOf(scene.platform, broker.name).kill(signal)
    scene.say(`${fault} hits ${broker.name}`)
    await waitUntil(`${broker.name} is back`, backWithinMs, isBack)
    await healed(scene, broker)
  }

/** It keeps its connections and answers nothing, and when it goes on, it does not know yet what it has missed. */
const frozenBroker: Inject = async (scene, { fault, which, lastsMs }) => {
  const broker = oneBroker(scene, which)
  const process = processOf(scene.platform, broker.name)
  process.kill('SIGSTOP')
  scene.say(`${fault} hits ${broker.name}`)
  await delay(lastsMs, undefined, { signal: scene.signal })
  process.kill('SIGCONT')
  scene.say(`${broker.name} goes on`)
  await healed(scene, broker)
}

/** It is taken for dead, and thaws with what it had in hand. */
const frozen =
  (name: Service): Inject =>
  async ({ platform, signal }, { lastsMs }) => {
    const process = processOf(platform, name)
    process.kill('SIGSTOP')
    await delay(lastsMs, undefined, { signal })
    process.kill('SIGCONT')
  }

const databaseKilled: Inject = async ({ database, signal }, { lastsMs }) => {
  await database?.kill()
  await delay(lastsMs, undefined, { signal })
  await database?.comeBack()
}

const leadersMoved: Inject = (scene, { which }) => moveLeaders(scene, [oneOfList(led, which)])

const { requests, actionable, events, changelog } = commandTopics
const led = [
  ...[topics.order, topics.orderConfirm, topics.orderDeclined, requests, actionable, events, changelog],
  ...[quoteTopics.requests, quoteTopics.replies],
]

const coordinatorsMoved: Inject = scene => moveLeaders(scene, ['__consumer_offsets', '__transaction_state'])

const moveLeaders = (scene: Scene, moved: string[]) =>
  withCluster(scene, async cluster => {
    for (const topic of moved) {
      scene.say(`all partitions of ${topic} get other leaders`)
      await cluster.moveLeaders(topic)
    }
    await allInSync(scene, cluster)
  })

/** A broker is healed when all of its replicas are in sync: without that, the next fault could be one too many. */
async function healed(scene: Scene, { name, port }: PlatformBroker): Promise<void> {
  await waitUntil(`${name} answers`, backWithinMs, () => kafkaAnswers(port))
  await withCluster(scene, cluster => allInSync(scene, cluster))
}

/** Seen several times, as a broker that was frozen first tells what it knew before. */
async function allInSync({ platform, signal }: Scene, cluster: ClusterAdmin): Promise<void> {
  for (let reading = 0; reading < 3; reading++) {
    await cluster.inSync(platform.brokers.length)
    await delay(300, undefined, { signal })
  }
}

async function withCluster(
  { platform }: Scene,
  use: (cluster: ClusterAdmin) => Promise<void>,
): Promise<void> {
  const cluster = await clusterAdmin(platform.bootstrap, log)
  try {
    await use(cluster)
  } finally {
    await cluster.close()
  }
}

const oneBroker = ({ platform }: Scene, which: number) => oneOfList(platform.brokers, which)

/** What is so far into a list, which must not be empty. */
const oneOfList = <Item>(list: Item[], which: number): Item => list[Math.floor(which * list.length)] as Item

function processOf(platform: Platform, name: string) {
  const process = platform.processes.get(name)
  if (!process) throw new Error(`there is no ${name}`)
  return process
}

/** @returns whether it was started again since */
function restarting(platform: Platform, name: string): () => boolean {
  const { restarted } = processOf(platform, name)
  return () => processOf(platform, name).restarted > restarted
}

const bankMode =
  (mode: object): Inject =>
  async (scene, { lastsMs }) => {
    await setBankMode(scene.platform, mode)
    await delay(lastsMs, undefined, { signal: scene.signal })
    await setBankMode(scene.platform, { mode: 'normal' })
  }

const smtpMode =
  (mode: (scene: Scene) => object): Inject =>
  async (scene, { lastsMs }) => {
    await setSmtpMode(scene.platform, mode(scene))
    await delay(lastsMs, undefined, { signal: scene.signal })
    await setSmtpMode(scene.platform, { mode: 'normal' })
  }

/** Others write into topic `order` for a while, what ours never do. */
const foreignRecords =
  (kind: Foreign): Inject =>
  async ({ foreign, signal }, { lastsMs }) => {
    const until = Date.now() + lastsMs
    do {
      await foreign[kind]()
      await delay(1_000, undefined, { signal })
    } while (Date.now() < until)
  }

const replicaThatLeaves =
  (limitMs: number): Inject =>
  async (scene, { lastsMs, fault }) => {
    const child = await startReplica(scene.platform, 'transaction', fault)
    await delay(lastsMs, undefined, { signal: scene.signal })
    const { reason } = await child.stop(limitMs)
    scene.say(`the second transaction ended: ${reason}`)
  }

/** A zombie: it is taken for dead, others take its partitions over, and then it goes on where it was. */
const frozenReplica =
  (name: Service): Inject =>
  async (scene, { lastsMs, fault }) => {
    const child = await startReplica(scene.platform, name, fault)
    await delay(1_000, undefined, { signal: scene.signal })
    child.signal('SIGSTOP')
    scene.say(`the second ${name} is frozen`)
    await delay(lastsMs, undefined, { signal: scene.signal })
    child.signal('SIGCONT')
    scene.say(`the second ${name} goes on`)
    await delay(5_000, undefined, { signal: scene.signal })
    const { reason } = await child.stop(10_000)
    scene.say(`the second ${name} ended: ${reason}`)
  }

/** How each fault is brought about and healed. All brokers are one target: two of three away at once is an outage. */
const injections: Record<FaultName, { target: string; inject: Inject }> = {
  'search-order-kill': { target: 'search-order', inject: signalled('search-order', 'SIGKILL') },
  'search-order-term': { target: 'search-order', inject: signalled('search-order', 'SIGTERM') },
  'transaction-kill': { target: 'transaction', inject: signalled('transaction', 'SIGKILL') },
  'transaction-term': { target: 'transaction', inject: signalled('transaction', 'SIGTERM') },
  'email-kill': { target: 'email', inject: signalled('email', 'SIGKILL') },
  'email-term': { target: 'email', inject: signalled('email', 'SIGTERM') },
  'tracking-kill': { target: 'tracking', inject: signalled('tracking', 'SIGKILL') },
  'tracking-term': { target: 'tracking', inject: signalled('tracking', 'SIGTERM') },
  'tracking-frozen': { target: 'tracking', inject: frozen('tracking') },
  'database-kill': { target: 'database', inject: databaseKilled },
  'command-queue-kill': { target: 'command-queue', inject: signalled('command-queue', 'SIGKILL') },
  'command-queue-term': { target: 'command-queue', inject: signalled('command-queue', 'SIGTERM') },
  'command-queue-frozen': { target: 'command-queue', inject: frozen('command-queue') },
  'command-queue-replica-frozen': {
    target: 'command-queue-replica-frozen',
    inject: frozenReplica('command-queue'),
  },
  'gateway-kill': { target: 'gateway', inject: signalled('gateway', 'SIGKILL') },
  'gateway-term': { target: 'gateway', inject: signalled('gateway', 'SIGTERM') },
  'gateway-frozen': { target: 'gateway', inject: frozen('gateway') },
  'kitchen-kill': { target: 'kitchen', inject: signalled('kitchen', 'SIGKILL') },
  'kitchen-term': { target: 'kitchen', inject: signalled('kitchen', 'SIGTERM') },
  'kitchen-frozen': { target: 'kitchen', inject: frozen('kitchen') },
  'kitchen-eventor-kill': { target: 'kitchen-eventor', inject: signalled('kitchen-eventor', 'SIGKILL') },
  'kitchen-eventor-term': { target: 'kitchen-eventor', inject: signalled('kitchen-eventor', 'SIGTERM') },
  'kitchen-eventor-frozen': { target: 'kitchen-eventor', inject: frozen('kitchen-eventor') },
  'bank-kill': { target: 'bank', inject: signalled('bank', 'SIGKILL') },
  'bank-term': { target: 'bank', inject: signalled('bank', 'SIGTERM') },
  'broker-kill': { target: 'Kafka', inject: signalledBroker('SIGKILL') },
  'broker-term': { target: 'Kafka', inject: signalledBroker('SIGTERM') },
  'broker-frozen': { target: 'Kafka', inject: frozenBroker },
  'leaders-moved': { target: 'Kafka', inject: leadersMoved },
  'coordinators-moved': { target: 'Kafka', inject: coordinatorsMoved },
  'replica-term': { target: 'replica-term', inject: replicaThatLeaves(10_000) },
  'replica-kill': { target: 'replica-kill', inject: replicaThatLeaves(0) },
  'replica-frozen': { target: 'replica-frozen', inject: frozenReplica('transaction') },
  'bank-slow': { target: 'bank', inject: bankMode({ mode: 'slow', delayMs: 2_500 }) },
  'bank-away': { target: 'bank', inject: bankMode({ mode: 'away' }) },
  'bank-failing': { target: 'bank', inject: bankMode({ mode: 'failing' }) },
  'bank-lost-answer': { target: 'bank', inject: bankMode({ mode: 'lost-answer' }) },
  'smtp-away': { target: 'inbox', inject: smtpMode(() => ({ mode: 'away' })) },
  'smtp-refuses': {
    target: 'inbox',
    inject: smtpMode(({ refusedEmail }) => ({ mode: 'refuse', address: refusedEmail })),
  },
  'smtp-541': {
    target: 'inbox',
    inject: smtpMode(({ refusedEmail }) => ({ mode: 'refuse', address: refusedEmail, code: 541 })),
  },
  'compressed-records': { target: 'compressed-records', inject: foreignRecords('compressed') },
  'records-of-many-headers': {
    target: 'records-of-many-headers',
    inject: foreignRecords('of many headers'),
  },
  'records-of-the-largest-size': {
    target: 'records-of-the-largest-size',
    inject: foreignRecords('of the largest size'),
  },
}

/**
 * Brings the planned faults about, each at its time, and heals it; resolves when the last one is healed. Of two faults
 * at the same part, the second waits until the first is healed.
 * @param begun told each fault that begins
 */
export async function bringAbout(
  plan: PlannedFault[],
  scene: Scene,
  begun: (fault: FaultName) => void,
): Promise<void> {
  const busy = new Map<string, Promise<void>>()
  const startedAt = Date.now()
  const happening: Promise<void>[] = []
  for (const planned of plan) {
    await delay(Math.max(0, planned.atMs - (Date.now() - startedAt)), undefined, { signal: scene.signal })
    const { target } = injections[planned.fault]
    const before = busy.get(target) ?? Promise.resolve()
    const fault = before.then(() => bringOne(planned, scene, begun))
    fault.catch(() => {}) // told at the end, when all others are healed
    busy.set(target, fault)
    happening.push(fault)
  }
  await Promise.all(happening)
}

async function bringOne(
  planned: PlannedFault,
  scene: Scene,
  begun: (fault: FaultName) => void,
): Promise<void> {
  const { fault, lastsMs } = planned
  const startedAt = Date.now()
  begun(fault)
  scene.say(`${fault} begins${lastsMs > 0 ? `, for ${(lastsMs / 1000).toFixed(1)} s` : ''}`)
  await injections[fault].inject(scene, planned)
  scene.say(`${fault} is healed after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

const setBankMode = (platform: Platform, mode: object) => putMode(`${platform.urls.bankAdmin}/mode`, mode)
const setSmtpMode = (platform: Platform, mode: object) => putMode(`${platform.urls.inbox}/api/mode`, mode)

/** Asks again while the service is being restarted. */
const putMode = (url: string, mode: object) =>
  waitUntil(`PUT ${url}`, backWithinMs, () =>
    isOk(url, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(mode),
    }),
  )

async function isOk(url: string, init: RequestInit = {}): Promise<boolean> {
  try {
    return (await fetch(url, { ...init, signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false
  }
}
