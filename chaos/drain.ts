import { commandTopics, quoteTopics, topics } from 'kafka-restaurants-contracts'
import { parts, type ServiceName } from 'kafka-restaurants-dev-env/platform/parts'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { withAdmin } from 'kafka-restaurants-kafka'
import { consumerLag } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import type { Evidence } from './check.ts'
import { outboxOf, resourcesOf } from './cooking.ts'

type Lags = Evidence['lags']

const { log } = createContext('chaos', 'silent')
const { requests, actionable, events } = commandTopics
const outcomes = [topics.orderConfirm, topics.orderDeclined]
const groups = {
  'transaction-service': [topics.order],
  'confirmation-service': outcomes,
  'tracking-service': [topics.order, ...outcomes, requests, actionable, events],
  'command-queue': [requests, events],
  kitchen: [actionable],
  'kitchen-quotes': [quoteTopics.requests],
}
const services = Object.keys(parts) as ServiceName[]
const longestDrainMs = 3_600_000

/**
 * What an order weighs where it waits, so that it weighs no more at any later place, those that read of it beside its way
 * included, and all that is to go only falls. What is not named here weighs 1.
 */
const weights: Record<string, number> = {
  [`transaction-service ${topics.order}`]: 12,
  [`command-queue ${requests}`]: 8,
  line: 4,
}
const weightOf = (place: string) => weights[place] ?? 1

/**
 * Waits until every part is ready, the groups have committed all that is in their topics, nobody waits for a place or has
 * one, and the kitchen has told of every ticket.
 * @param say told every ten seconds what is still to come
 * @returns what the groups have left, which is nothing unless nothing moved for `standstillMs`
 */
export async function drain(
  platform: Platform,
  standstillMs: number,
  say: (line: string) => void,
): Promise<{ lags: Lags; drained: boolean }> {
  let lags: Lags = []
  let waitingFor = 'Kafka'
  let fewest = Number.POSITIVE_INFINITY
  let movedAt = Date.now()
  let looksWithNothing = 0
  const look = async () => {
    const ready = await Promise.all(services.map(name => isReady(platform, name)))
    lags = await lagsOf(platform)
    const [inLine, untold] = [await lineOf(platform), await outboxOf(platform)]
    const toGo = weightOfAll(lags) + weightOf('line') * inLine + untold
    if (toGo < fewest) {
      fewest = toGo
      movedAt = Date.now()
    }
    const left = Object.keys(groups).map(group => [sumOf(lags, group), group] as const)
    waitingFor = [
      ...services.filter((_, index) => !ready[index]).map(name => `${name} is not ready`),
      ...left.filter(([lag]) => lag > 0).map(([lag, group]) => `${group} has ${lag} records to go`),
      ...(inLine > 0 ? [`${inLine} commands have a place or wait for one`] : []),
      ...(untold > 0 ? [`the kitchen has to tell of ${untold} tickets`] : []),
    ].join(', ')
    return waitingFor === ''
  }
  // Each place is looked at in its turn, and an order may go from one to the next behind the back of who looks.
  const isEmptyTwice = async () => {
    const isEmpty = await look().catch(() => false)
    looksWithNothing = isEmpty ? looksWithNothing + 1 : 0
    return looksWithNothing > 1
  }
  const progress = setInterval(() => say(`draining: ${waitingFor}`), 10_000)
  const isOver = async () => (await isEmptyTwice()) || Date.now() - movedAt > standstillMs
  await waitUntil('drained', longestDrainMs, isOver, 1_000).catch(() => {})
  clearInterval(progress)
  return { lags: lags.length > 0 ? lags : await lagsOf(platform), drained: looksWithNothing > 1 }
}

const sumOf = (lags: Lags, wanted: string) =>
  lags.filter(({ group }) => group === wanted).reduce((sum, { lag }) => sum + lag, 0)

const weightOfAll = (lags: Lags) =>
  lags.reduce((sum, { group, topic, lag }) => sum + lag * weightOf(`${group} ${topic}`), 0)

const lineOf = async (platform: Platform) =>
  (await resourcesOf(platform)).reduce((sum, { running, queued }) => sum + running.length + queued.length, 0)

const lagsOf = ({ bootstrap }: Platform) =>
  withAdmin({ brokers: bootstrap, log }, async admin => {
    const perGroup = Object.entries(groups).map(async ([group, inputs]) =>
      (await consumerLag(admin, group, inputs)).map(lag => ({ group, ...lag })),
    )
    return (await Promise.all(perGroup)).flat()
  })

async function isReady({ ports }: Platform, name: ServiceName): Promise<boolean> {
  const url = `http://127.0.0.1:${ports[name]}/health/ready`
  return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok
}
