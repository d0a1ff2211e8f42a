import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Platform, startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { showProgress } from 'kafka-restaurants-dev-env/progress'
import { otlpCollector } from 'kafka-restaurants-dev-env/testing/otlp-collector'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { Pool } from 'undici'
import { cpuSeconds } from './measure.ts'
import { closedLoop, type Orders, orderPlacer, ordersPerSecond, runOrders, settled } from './order-run.ts'

const whole = { type: 'string' } as const
const warmUps = 2

interface Settings {
  orders: number
  rounds: number
  inFlight: number
  percent: number
}

interface Side {
  /** Sends so many orders, up to their plates. @returns orders a second up to the last one's mail; and what they cost */
  round: (orders: number) => Promise<Round>
}

interface Round {
  rate: number
  /** In ms of CPU an order, by part. */
  parts: Map<string, number>
  cpu: number
}

/** The same orders at the same time, without and with tracing. */
interface Compared {
  without: Round
  traced: Round
}

/**
 * What tracing costs: orders/s and CPU of two platforms, one of which traces, that get the same orders at the same time. One
 * after the other would not do: a machine that others share may be half as fast a minute later. Nor would one pair of
 * platforms: of two that are the same, one may be faster by some percent for as long as it runs. So there are several, and
 * how far their figures lie apart says how sure the mean is. Who is slower gets what the other one leaves in the end, so the
 * rates are a little closer to each other than the CPU is.
 */
export async function benchTracing(args: string[]): Promise<void> {
  const { values } = readArgs({
    args,
    options: { orders: whole, pairs: whole, rounds: whole, 'in-flight': whole, percent: whole },
  })
  const settings: Settings = {
    orders: wholeNumber('--orders', values.orders, 1_500, { min: 1 }),
    rounds: wholeNumber('--rounds', values.rounds, 2, { min: 1 }),
    inFlight: wholeNumber('--in-flight', values['in-flight'], 64, { min: 1 }),
    percent: wholeNumber('--percent', values.percent, 1, { max: 100 }),
  }
  const count = wholeNumber('--pairs', values.pairs, 10, { min: 2 })
  await using collector = await otlpCollector()
  const { orders, rounds, inFlight, percent } = settings
  const pairs: Compared[][] = []
  for (let pair = 0; pair < count; pair++) {
    const compared = await comparePair(collector.url, pair % 2 === 0, settings)
    if (pair === 0) {
      console.log(
        `\n${rounds} rounds of ${orders} orders to each pair of platforms, ${inFlight} under way at once; of the traced ones ${percent} %`,
      )
      console.log('        off: orders/s  CPU an order     on: orders/s  CPU an order     on / off  by CPU')
    }
    for (const { without, traced } of compared) {
      const side = ({ rate, cpu }: Round) =>
        `${rate.toFixed(0).padStart(13)} ${cpu.toFixed(2).padStart(10)} ms`
      const ratios = inWords(ratioOf({ without, traced }))
      console.log(`  ${String(pair + 1).padStart(2)} ${side(without)} ${side(traced)} ${ratios}`)
    }
    pairs.push(compared)
  }
  printMeans(pairs.map(compared => compared.map(ratioOf)))
  printParts(pairs.flat())
  const roots = collector.spans.filter(({ parentSpanId }) => !parentSpanId)
  console.log(`  ${collector.spans.length} spans came to the collector, of traces that begin with`)
  for (const [name, { length }] of Map.groupBy(roots, ({ service, name }) => `${service}: ${name}`))
    console.log(`  ${String(length).padStart(6)}  ${name}`)
}

/** Starts a pair of platforms, and gives both the same orders in each round. */
async function comparePair(
  collector: string,
  isOffFirst: boolean,
  { orders, rounds, inFlight, percent }: Settings,
): Promise<Compared[]> {
  await using stack = new AsyncDisposableStack()
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const begin = async (name: string, env: Record<string, string>): Promise<Side> => {
    const platform = await startPlatform({
      dataDir: join(dataDir, name),
      portOffset: await freeOffset(),
      env: { ...env, KITCHEN_AUTOPILOT: '0.1' },
      ...showProgress(),
    })
    stack.defer(platform.stop)
    const site = new Pool(platform.urls.site.replace('localhost', '127.0.0.1'), { connections: inFlight })
    stack.defer(() => site.destroy())
    return { round: roundOf(platform, await orderPlacer(platform, site), inFlight) }
  }
  const beginOff = () => begin('off', {})
  const beginOn = () =>
    begin('on', {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: String(percent / 100),
    })
  const early = isOffFirst ? await beginOff() : undefined
  const on = await beginOn()
  const off = early ?? (await beginOff())
  const compare = async (): Promise<Compared> => {
    const [without, traced] = await Promise.all([off.round(orders), on.round(orders)])
    return { without, traced }
  }
  for (let round = 0; round < warmUps; round++) await compare()
  const compared: Compared[] = []
  for (let round = 0; round < rounds; round++) compared.push(await compare())
  return compared
}

interface Ratio {
  rate: number
  cpu: number
}

/** How many orders a second the traced side did for one of the other's, and how many for the CPU of one of its own. */
const ratioOf = ({ without, traced }: Compared): Ratio => ({
  rate: traced.rate / without.rate,
  cpu: without.cpu / traced.cpu,
})

/** The means of the pairs, and the one of all. */
function printMeans(pairs: Ratio[][]): void {
  const ofPairs = pairs.map(ratios => ({
    rate: Math.exp(meanLog(ratios.map(({ rate }) => rate)).mean),
    cpu: Math.exp(meanLog(ratios.map(({ cpu }) => cpu)).mean),
  }))
  for (const [pair, mean] of ofPairs.entries()) printMean(`pair ${pair + 1}`, mean)
  const [rate, cpu] = [meanLog(ofPairs.map(({ rate }) => rate)), meanLog(ofPairs.map(({ cpu }) => cpu))]
  printMean('all', { rate: Math.exp(rate.mean), cpu: Math.exp(cpu.mean) })
  const limits = ({ mean, error }: typeof rate) =>
    `${Math.exp(mean - error).toFixed(3)} to ${Math.exp(mean + error).toFixed(3)}`
  console.log(`  give or take the standard error: orders/s ${limits(rate)}, by CPU ${limits(cpu)}`)
}

const printMean = (what: string, mean: Ratio) =>
  console.log(`  mean of ${what.padEnd(7)} ${inWords(mean).padStart(54)}`)

/** Of what is compared by ratio, the mean and its standard error are those of the logarithms. */
function meanLog(ratios: number[]): { mean: number; error: number } {
  const logs = ratios.map(Math.log)
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1)
  return { mean, error: Math.sqrt(variance / logs.length) }
}

/** What each part used in all rounds, without and with tracing. */
function printParts(rounds: Compared[]): void {
  const [off, on] = [rounds.map(({ without }) => without), rounds.map(({ traced }) => traced)]
  const mean = (rounds: Round[], part: string) =>
    rounds.reduce((sum, { parts }) => sum + (parts.get(part) ?? 0), 0) / rounds.length
  console.log('  ms of CPU an order    off      on')
  for (const part of off[0]?.parts.keys() ?? [])
    console.log(
      `    ${part.padEnd(15)} ${mean(off, part).toFixed(2).padStart(7)} ${mean(on, part).toFixed(2).padStart(7)}`,
    )
}

const inWords = (ratio: ReturnType<typeof ratioOf>) =>
  `${ratio.rate.toFixed(3).padStart(12)} ${ratio.cpu.toFixed(3).padStart(7)}`

const roundOf =
  (platform: Platform, place: (orders: Orders) => Promise<void>, inFlight: number): Side['round'] =>
  async count => {
    const { orders, cpu } = await runOrders(platform, count, sent =>
      closedLoop(count, inFlight, () => place(sent)),
    )
    await settled(platform)
    const [before] = cpu
    const after = cpuSeconds(platform)
    // The load is this process's, and so both sides'.
    after.delete('load')
    const parts = new Map(
      [...after].map(([name, seconds]) => [name, (1000 * (seconds - (before.get(name) ?? 0))) / count]),
    )
    const used = [...parts.values()].reduce((sum, ms) => sum + ms, 0)
    return { rate: ordersPerSecond(orders, ({ mailed }) => mailed), parts, cpu: used }
  }
