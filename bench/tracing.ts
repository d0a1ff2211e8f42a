import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Platform, startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { showProgress } from 'kafka-restaurants-dev-env/progress'
import { otlpCollector } from 'kafka-restaurants-dev-env/testing/otlp-collector'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { Pool } from 'undici'
import { cpuSeconds, percentile } from './measure.ts'
import { closedLoop, type Orders, orderPlacer, ordersPerSecond, runOrders, settled } from './order-run.ts'

const whole = { type: 'string' } as const

interface Side {
  platform: Platform
  /** Sends so many orders. @returns orders a second up to the last one's mail, and ms of CPU of each up to its plate */
  round: (orders: number) => Promise<{ rate: number; cpu: number }>
}

/**
 * What tracing costs: orders/s and CPU of two platforms that run side by side, one of which traces, in rounds that take
 * turns; so what the machine does meanwhile falls on both.
 */
export async function benchTracing(args: string[]): Promise<void> {
  const { values } = readArgs({
    args,
    options: { orders: whole, rounds: whole, 'in-flight': whole, percent: whole },
  })
  const orders = wholeNumber('--orders', values.orders, 2_000, { min: 1 })
  const rounds = wholeNumber('--rounds', values.rounds, 7, { min: 1 })
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
  for (const side of [off, on]) await side.round(orders)
  console.log(`\n${orders} orders a round, ${inFlight} under way at once; of the traced ones ${percent} %`)
  console.log('        off: orders/s  CPU an order     on: orders/s  CPU an order     on / off  by CPU')
  const ratios: { rate: number; cpu: number }[] = []
  for (let round = 0; round < rounds; round++) {
    // Each is first in its turn.
    const first = round % 2 === 0 ? off : on
    const one = await first.round(orders)
    const other = await (first === off ? on : off).round(orders)
    const [without, traced] = first === off ? [one, other] : [other, one]
    ratios.push({ rate: traced.rate / without.rate, cpu: without.cpu / traced.cpu })
    const side = ({ rate, cpu }: typeof one) =>
      `${rate.toFixed(0).padStart(13)} ${cpu.toFixed(2).padStart(10)} ms`
    console.log(
      `  ${String(round + 1).padStart(2)} ${side(without)} ${side(traced)} ${inWords(ratios.at(-1))}`,
    )
  }
  const median = (of: (ratio: (typeof ratios)[number]) => number) => percentile(ratios.map(of), 50)
  console.log(
    `  median ${inWords({ rate: median(({ rate }) => rate), cpu: median(({ cpu }) => cpu) }).padStart(62)}`,
  )
  const roots = collector.spans.filter(({ parentSpanId }) => !parentSpanId)
  console.log(`  ${collector.spans.length} spans came to the collector, of traces that begin with`)
  for (const [name, { length }] of Map.groupBy(roots, ({ service, name }) => `${service}: ${name}`))
    console.log(`  ${String(length).padStart(6)}  ${name}`)
}

const inWords = (ratio = { rate: Number.NaN, cpu: Number.NaN }) =>
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
    const used = [...after].reduce((sum, [name, seconds]) => sum + seconds - (before.get(name) ?? 0), 0)
    return { rate: ordersPerSecond(orders, ({ mailed }) => mailed), cpu: (1000 * used) / count }
  }
