import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Order, topics } from 'kafka-restaurants-contracts'
import { groupRuns } from 'kafka-restaurants-dev-env/child'
import { openLoop } from 'kafka-restaurants-dev-env/open-loop'
import { type Platform, startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { type Replica, startReplica } from 'kafka-restaurants-dev-env/platform/replica'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { showProgress } from 'kafka-restaurants-dev-env/progress'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { batchingProducer } from 'kafka-restaurants-kafka'
import { openTransactions, testKafka, watchTopic } from 'kafka-restaurants-kafka/testing'
import { createContext, placeName } from 'kafka-restaurants-service'
import { readArgs, Trouble, UsageError, wholeNumber } from 'kafka-restaurants-service/command'
import type { Outcome } from '../chaos/check.ts'
import { chargesIn, confirmedOutcomes, declinedOutcomes } from '../chaos/evidence.ts'
import { oneOf, randomFrom } from '../chaos/random.ts'
import { card, sealedFor } from './load.ts'
import { type Faults, faultsOf, type Seen, type SentOrder, standstill, warningsSince } from './outcomes.ts'

interface Wanted {
  rate: number
  seconds: number
  seed: number
}

/** Where a scenario happens, while orders flow. */
interface Scene {
  platform: Platform
  wanted: Wanted
  random: () => number
  /** Resolves so many seconds after the first order. */
  until: (seconds: number) => Promise<unknown>
  /** Tells that something happens; what comes of it is told up to the next one. */
  event: (what: string) => void
  /** Tells what is no event. */
  say: (line: string) => void
}

/** What happens; and before the first order, who is there: resolves with how it goes on. */
type Scenario = (scene: Scene) => Promise<() => Promise<void>>

interface Event {
  what: string
  at: number
}

const { log } = createContext('bench', 'silent')
const group = 'transaction-service'
const decliningCard = '4000000000000002'
/** Outcomes are keyed by restaurant: of so many, each partition has its share. */
const restaurants = Array.from({ length: 10_000 }, (_, index) => `Restaurant ${index}`)
const drainedWithinMs = 120_000
const wholeOption = { type: 'string' } as const

/**
 * Writes orders at a set rate while workers come, go, freeze and die, prints what became of them, and how long a reader
 * of committed confirmations had none.
 * @throws Trouble where an order is lost, there twice, or not what the bank says
 */
export async function benchWorkers(args: string[]): Promise<void> {
  const { values } = readArgs({
    args,
    options: { scenario: wholeOption, rate: wholeOption, seconds: wholeOption, seed: wholeOption },
  })
  const wanted = {
    rate: wholeNumber('--rate', values.rate, 300, { min: 1 }),
    seconds: wholeNumber('--seconds', values.seconds, 120, { min: 10 }),
    seed: wholeNumber('--seed', values.seed, 1),
  }
  const { scenario = 'all' } = values
  const names = scenario === 'all' ? Object.keys(scenarios) : [scenario]
  const faults: string[] = []
  for (const name of names) {
    const one = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined
    if (!one)
      throw new UsageError(
        `There is no scenario "${name}". There are: ${Object.keys(scenarios).join(', ')}, all.`,
      )
    console.log(`\n${name}: ${one.title}; ${wanted.rate} orders/s for ${wanted.seconds} s`)
    faults.push(...(await run(name, one.play, wanted)))
  }
  if (faults.length > 0) throw new Trouble(faults.join('\n'))
}

/** One joins before another leaves: there are never less than three. */
const churn: Scenario = async scene => {
  const workers = await threeReplicas(scene)
  return async () => {
    for (let at = 5; at < scene.wanted.seconds; at += 10) {
      await scene.until(at)
      const leaving = oneOf(scene.random, workers)
      const name = `worker-${workers.length + 1}-${at}`
      scene.event(`${name} joins, then ${leaving.name} leaves`)
      workers.push(await startReplica(scene.platform, 'transaction', name))
      scene.say(`${name} is ready, and ${leaving.name} leaves`)
      workers.splice(workers.indexOf(leaving), 1)
      const { reason } = await leaving.stop(10_000)
      if (reason !== 'exit code 0') scene.say(`${leaving.name} did not leave in order: ${reason}`)
    }
  }
}

const freeze: Scenario = async scene => {
  const [zombie] = await threeReplicas(scene)
  if (!zombie) throw new Error('there is no worker')
  return async () => {
    await scene.until(scene.wanted.seconds / 10)
    await frozenInTransaction(scene.platform, zombie.port, zombie.signal)
    scene.event(`${zombie.name} is frozen`)
    await scene.until(scene.wanted.seconds / 10 + Math.min(60, 0.7 * scene.wanted.seconds))
    const thawedAt = Date.now()
    zombie.signal('SIGCONT')
    scene.event(`${zombie.name} is thawed`)
    await scene.until(scene.wanted.seconds)
    scene.say(`what ${zombie.name} warned of since then:`)
    const warnings = warningsSince(readFileSync(scene.platform.logFile(zombie.name), 'utf8'), thawedAt)
    for (const line of warnings.length > 0 ? warnings : ['nothing']) scene.say(`  ${line}`)
    if (zombie.exit) scene.say(`${zombie.name} has ended: ${zombie.exit.reason}`)
  }
}

const kill: Scenario = async scene => {
  const { platform } = scene
  const replica = (name: string) => startReplica(platform, 'transaction', name)
  let other = await replica('worker-2')
  await replica('worker-3')
  const restarted = platform.processes.get('transaction')
  if (!restarted) throw new Error('there is no transaction')
  return async () => {
    let [kills, open] = [0, 0]
    for (let cycle = 0; cycle === 0 || (cycle + 1) * 20 <= scene.wanted.seconds; cycle++) {
      await scene.until(cycle * 20 + 2 + scene.random())
      const comesBack = (cycle + scene.wanted.seed) % 2 === 1
      const port = comesBack ? platform.ports.transaction : other.port
      const { pid } = comesBack ? restarted : other
      const signal = comesBack ? restarted.kill : other.signal
      await frozenInTransaction(platform, port, signal)
      signal('SIGKILL')
      const fate = comesBack ? 'and is started again' : 'for good'
      scene.event(`${comesBack ? 'transaction' : other.name} is killed, ${fate}`)
      await waitUntil('its end', 5_000, () => !groupRuns(pid), 5)
      kills += 1
      open += Number(await isInTransaction(platform, port))
      if (comesBack || cycle * 20 + 15 >= scene.wanted.seconds) continue
      await scene.until(cycle * 20 + 15)
      const name = `worker-${cycle + 4}`
      scene.event(`${name} joins in its place`)
      other = await replica(name)
    }
    await scene.until(scene.wanted.seconds)
    scene.say(`${open} of ${kills} kills left a transaction open`)
  }
}

const scenarios: Record<string, { title: string; play: Scenario }> = {
  churn: { title: 'of three workers, one joins and one leaves every 10 s', play: churn },
  freeze: { title: 'of three workers, one is frozen and thawed', play: freeze },
  kill: { title: 'of three workers, one is killed every 20 s', play: kill },
}

async function threeReplicas({ platform }: Scene): Promise<Replica[]> {
  await platform.processes.get('transaction')?.stop(10_000)
  return Promise.all([1, 2, 3].map(each => startReplica(platform, 'transaction', `worker-${each}`)))
}

const isInTransaction = async ({ bootstrap }: Platform, port: number) =>
  (await openTransactions(bootstrap)).includes(`${group}-${placeName(port)}`)

/**
 * Freezes the worker at this port in the middle of a transaction: where what was on its way to Kafka has ended that, it
 * goes on, and is tried again.
 */
const frozenInTransaction = (platform: Platform, port: number, signal: (name: NodeJS.Signals) => void) =>
  waitUntil(
    'frozen in the middle of a transaction',
    30_000,
    async () => {
      if (!(await isInTransaction(platform, port))) return false
      signal('SIGSTOP')
      await delay(100)
      if (await isInTransaction(platform, port)) return true
      signal('SIGCONT')
      return false
    },
    1,
  )

/** On a platform of its own. @returns what is wrong, in words */
async function run(name: string, play: Scenario, wanted: Wanted): Promise<string[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const progress = showProgress()
  const platform = await startPlatform({
    dataDir,
    portOffset: await freeOffset(),
    site: false,
    longestDelayMs: 200,
    ...progress,
  })
  let isFine = false
  try {
    const faults = await measure(platform, play, wanted, progress.say)
    const found = Object.entries(faults).filter(([, ids]) => ids.length > 0)
    isFine = found.length === 0
    return found.map(
      ([what, ids]) => `${name}: ${ids.length} orders ${what}, such as ${ids[0]}; see ${dataDir}`,
    )
  } finally {
    await platform.stop()
    if (isFine) rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Ends the platform, whose ledger is then read, and prints what came of the orders. */
async function measure(
  platform: Platform,
  play: Scenario,
  wanted: Wanted,
  say: (line: string) => void,
): Promise<Faults> {
  const orders = await orderWriter(platform)
  const confirmations = await watchConfirmations(platform)
  try {
    // What comes before and after transaction is not measured here, and would only take its CPU.
    for (const other of ['email', 'search-order', 'inbox']) await platform.processes.get(other)?.stop(5_000)
    const { events, endedAt } = await playWith(orders.write, play, platform, wanted, say)
    await orders.stop()
    const outcomes = await outcomesIn(platform)
    await confirmations.stop()
    await platform.stop()
    const charges = chargesIn(join(platform.dataDir, 'bank/ledger.sqlite'))
    const faults = faultsOf(orders.sent, outcomes, charges)
    report(orders.sent, outcomes, charges.length, faults)
    gaps(events, endedAt, confirmations, orders.sent)
    return faults
  } finally {
    await Promise.all([orders.stop(), confirmations.stop()])
  }
}

/** Has the orders written while the scenario happens. */
async function playWith(
  write: () => Promise<void>,
  play: Scenario,
  platform: Platform,
  wanted: Wanted,
  tell: (line: string) => void,
): Promise<{ events: Event[]; endedAt: number }> {
  let startedAt = Date.now()
  const events: Event[] = []
  const say = (line: string) => tell(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`)
  const event = (what: string) => {
    events.push({ what, at: Date.now() })
    say(what)
  }
  const until = (seconds: number) => delay(Math.max(0, startedAt + seconds * 1000 - Date.now()))
  const goesOn = await play({ platform, wanted, random: randomFrom(wanted.seed), until, event, say })
  startedAt = Date.now()
  event('orders begin')
  const load = openLoop(wanted.rate, wanted.seconds, write)
  const [played] = await Promise.allSettled([goesOn(), load])
  if (played.status === 'rejected') throw played.reason
  return { events, endedAt: Date.now() }
}

/** All outcomes, when the group has handled all orders: read anew and whole, not as they were seen on the way. */
async function outcomesIn({ bootstrap }: Platform): Promise<Outcome[]> {
  const kafka = testKafka(bootstrap, log)
  const isDrained = async () => (await kafka.lag(group, topics.order)) === 0
  // What is not handled by then is told as lost.
  await waitUntil('drained', drainedWithinMs, isDrained, 250).catch(({ message }) => console.log(message))
  return [
    ...(await kafka.readAll(topics.orderConfirm, 60_000)).flatMap(confirmedOutcomes),
    ...(await kafka.readAll(topics.orderDeclined, 60_000)).flatMap(declinedOutcomes),
  ]
}

/** Writes orders straight into their topic; one in ten has a card that the bank declines. */
async function orderWriter(platform: Platform) {
  const cards = {
    confirmed: await sealedFor(platform, card),
    declined: await sealedFor(platform, decliningCard),
  }
  const producer = batchingProducer(
    { brokers: platform.bootstrap, clientId: 'bench', log },
    { idempotent: true, timeoutMs: 30_000 },
  )
  const sent: SentOrder[] = []
  return {
    sent,
    write: async () => {
      const index = sent.length
      const orderId = randomUUID()
      const expected: Outcome['kind'] = index % 10 === 9 ? 'declined' : 'confirmed'
      const order: SentOrder = { orderId, expected, sentAt: Date.now(), isWritten: false }
      sent.push(order)
      const value: Order = {
        order_id: orderId,
        restaurant: oneOf(Math.random, restaurants),
        email: 'bench@example.com',
        credit_card: cards[expected],
        items: [],
        amount_cents: 2500,
        currency: 'EUR',
        placed_at: new Date(order.sentAt).toISOString(),
      }
      order.isWritten = await producer
        .send({ topic: topics.order, key: orderId, value: JSON.stringify(value) })
        .then(
          () => true,
          () => false,
        )
    },
    stop: () => producer.stop(),
  }
}

interface Confirmations {
  seen: Seen[]
  /** When each order's was read, by its id; in ms since the epoch. */
  at: Map<string, number>
}

async function watchConfirmations({ bootstrap }: Platform) {
  const watched: Confirmations = { seen: [], at: new Map() }
  const watch = await watchTopic(bootstrap, log, topics.orderConfirm, record => {
    const at = Date.now()
    watched.seen.push({ partition: record.partition, at })
    for (const { order_id } of JSON.parse(record.value.toString()) as { order_id: string }[])
      watched.at.set(order_id, at)
  })
  return { ...watched, stop: watch.stop }
}

function report(sent: SentOrder[], outcomes: Outcome[], charges: number, faults: Faults): void {
  const unknown = sent.filter(({ isWritten }) => !isWritten).length
  console.log(
    `  ${sent.length} orders, ${outcomes.length} outcomes, ${charges} charges: ${faults.lost.length} lost, ${faults.twice.length} twice, ${faults.wrong.length} wrong${unknown > 0 ? `; ${unknown} that Kafka did not acknowledge` : ''}`,
  )
}

/** For each event up to the next one, and in all: how long nothing was read at most, and how long what was read had waited. */
function gaps(events: Event[], endedAt: number, { seen, at }: Confirmations, sent: SentOrder[]): void {
  const startedAt = events[0]?.at ?? endedAt
  const sentAt = new Map(sent.map(order => [order.orderId, order.sentAt]))
  const line = (cells: string[], what: string) =>
    console.log(`  ${cells.map(cell => cell.padStart(14)).join('')}   ${what}`)
  const row = (what: string, from: number, until: number) => {
    const longest = standstill(seen, [from, until])
    let slowest = 0
    for (const [orderId, readAt] of at)
      if (readAt >= from && readAt < until)
        slowest = Math.max(slowest, readAt - (sentAt.get(orderId) ?? readAt))
    const figures = [longest.ofAll, longest.ofOne, slowest].map(each => `${each} ms`)
    line([`${((from - startedAt) / 1000).toFixed(1)} s`, ...figures], what)
  }
  console.log(
    '  The longest time in which no confirmation was read, of all partitions and of one, and that an order took:',
  )
  line(['from', 'of all', 'of one', 'an order'], '')
  for (const [index, { what, at: from }] of events.entries())
    row(what, from, events[index + 1]?.at ?? endedAt)
  row('in all', startedAt, endedAt)
}
