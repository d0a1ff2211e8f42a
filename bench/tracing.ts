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
const warmUps = 3

interface Side {
  platform: Platform
  /** Sends so many orders, up to their plates. @returns orders a second up to the last one's mail; and what they cost */
  round: (orders: number) => Promise<Round>
}

interface Round {
  rate: number
  /** In ms of CPU an order, by part. */
  parts: Map<string, number>
  cpu: number
}

/**
 * What tracing costs: orders/s and CPU of two platforms, one of which traces, that get the same orders at the same time. One
 * after the other would not do: a machine that others share may be half as fast a minute later. Who is slower gets what the
 * other one leaves in the end, so the rates are a little closer to each other than the CPU is.
 */
export async function benchTracing(args: string[]): Promise<void> {
  const { values } = readArgs({
    args,
    options: { orders: whole, rounds: whole, 'in-flight': whole, percent: whole },
  })
  const orders = wholeNumber('--orders', values.orders, 1_500, { min: 1 })
  const count = wholeNumber('--rounds', values.rounds, 12, { min: 2 })
  const inFlight = wholeNumber('--in-flight', values['in-flight'], 64, { min: 1 })
  const percent = wholeNumber('--percent', values.percent, 1, { max: 100 })
  await using stack = new AsyncDisposableStack()
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const collector = stack.use(await otlpCollector())
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
    return { platform, round: roundOf(platform, await orderPlacer(platform, site), inFlight) }
  }
  const off = await begin('off', {})
  const on = await begin('on', {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: String(percent / 100),
  })
  for (let round = 0; round < warmUps; round++) await Promise.all([off.round(orders), on.round(orders)])
  console.log(`\n${orders} orders a round, ${inFlight} under way at once; of the traced ones ${percent} %`)
  console.log('        off: orders/s  CPU an order     on: orders/s  CPU an order     on / off  by CPU')
  const rounds: { without: Round; traced: Round }[] = []
  for (let round = 0; round < count; round++) {
    const [without, traced] = await Promise.all([off.round(orders), on.round(orders)])
    rounds.push({ without, traced })
    const side = ({ rate, cpu }: Round) => `${rate.toFixed(0).padStart(13)} ${cpu.toFixed(2).padStart(10)} ms`
    console.log(
      `  ${String(round + 1).padStart(2)} ${side(without)} ${side(traced)} ${inWords(ratioOf({ without, traced }))}`,
    )
  }
  const ratios = rounds.map(ratioOf)
  const mean = { rate: meanOf(ratios.map(({ rate }) => rate)), cpu: meanOf(ratios.map(({ cpu }) => cpu)) }
  const limits = ({ from, to }: Mean) => `${from.toFixed(3)} to ${to.toFixed(3)}`
  console.log(`  mean ${inWords({ rate: mean.rate.mean, cpu: mean.cpu.mean }).padStart(64)}`)
  console.log(`  with 95 % confidence: orders/s ${limits(mean.rate)}, by CPU ${limits(mean.cpu)}`)
  printParts(
    rounds.map(({ without }) => without),
    rounds.map(({ traced }) => traced),
  )
  const roots = collector.spans.filter(({ parentSpanId }) => !parentSpanId)
  console.log(`  ${collector.spans.length} spans came to the collector, of traces that begin with`)
  for (const [name, { length }] of Map.groupBy(roots, ({ service, name }) => `${service}: ${name}`))
    console.log(`  ${String(length).padStart(6)}  ${name}`)
}

/** How many orders a second the traced side did for one of the other's, and how many for the CPU of one of its own. */
const ratioOf = ({ without, traced }: { without: Round; traced: Round }) => ({
  rate: traced.rate / without.rate,
  cpu: without.cpu / traced.cpu,
})

interface Mean {
  mean: number
  from: number
  to: number
}

/** The geometric mean of ratios, and between what it is: for a dozen of them or more, as those of a normal distribution. */
function meanOf(ratios: number[]): Mean {
  const logs = ratios.map(Math.log)
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1)
  const half = 1.96 * Math.sqrt(variance / logs.length)
  return { mean: Math.exp(mean), from: Math.exp(mean - half), to: Math.exp(mean + half) }
}

/** What each part used in all rounds, without and with tracing. */
function printParts(off: Round[], on: Round[]): void {
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
