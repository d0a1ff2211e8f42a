import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLoop } from 'kafka-restaurants-dev-env/open-loop'
import { startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { showProgress } from 'kafka-restaurants-dev-env/progress'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { Pool } from 'undici'
import { cpuTable, percentile } from './measure.ts'
import {
  closedLoop,
  type Orders,
  type OrdersRun,
  orderPlacer,
  ordersPerSecond,
  runOrders,
  type Times,
} from './order-run.ts'
import { costTable, profiling, readProfiles, type Stretch, topCosts } from './profile.ts'

const whole = { type: 'string' } as const

/**
 * Starts a platform of its own, sends orders through the site's address, and prints what came of it: rates, latencies,
 * the CPU of each part, and with `--profile` what each spent most of it on.
 */
export async function benchOrders(args: string[]): Promise<void> {
  const { values } = readArgs({
    args,
    options: { orders: whole, 'in-flight': whole, rate: whole, seconds: whole, profile: { type: 'boolean' } },
  })
  const wanted = {
    orders: wholeNumber('--orders', values.orders, 3_000, { min: 1 }),
    inFlight: wholeNumber('--in-flight', values['in-flight'], 64, { min: 1 }),
    rate: wholeNumber('--rate', values.rate, 50, { min: 1 }),
    seconds: wholeNumber('--seconds', values.seconds, 20, { min: 1 }),
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const profiles = join(dataDir, 'profiles')
  const platform = await startPlatform({
    dataDir,
    portOffset: await freeOffset(),
    ...(values.profile && { env: profiling(profiles) }),
    ...showProgress(),
  })
  const names = new Map([...platform.processes.values()].map(({ name, pid }) => [pid, name]))
  const stretches = new Map<string, Stretch>()
  // A Node client by the address: `localhost` would be tried by IPv6 first.
  const site = new Pool(platform.urls.site.replace('localhost', '127.0.0.1'), {
    connections: wanted.inFlight,
  })
  const measured = async (title: string, count: number, load: (orders: Orders) => Promise<void>) => {
    console.log(`\n${title}`)
    const run = await runOrders(platform, count, load)
    stretches.set(title, run.stretch)
    report(run)
  }
  try {
    const place = await orderPlacer(platform, site)
    await runOrders(platform, 300, orders => closedLoop(300, 16, () => place(orders)))
    await measured(`${wanted.orders} orders, ${wanted.inFlight} under way at once`, wanted.orders, orders =>
      closedLoop(wanted.orders, wanted.inFlight, () => place(orders)),
    )
    await measured(
      `${wanted.rate} orders a second for ${wanted.seconds} s`,
      wanted.rate * wanted.seconds,
      orders => openLoop(wanted.rate, wanted.seconds, () => place(orders)),
    )
  } finally {
    await site.destroy()
    await platform.stop()
    if (values.profile) printProfiles(profiles, names, stretches)
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** What each Node process spent most of its CPU on in each run. Kafka is Java, and NGINX is C: those are not seen into. */
function printProfiles(folder: string, names: Map<number, string>, stretches: Map<string, Stretch>): void {
  const profiles = readProfiles(folder)
  for (const [title, stretch] of stretches) {
    console.log(`\n${title}: what each part spent most of its CPU on, by itself (profiling costs some, too)`)
    for (const [pid, profile] of profiles) {
      const name = names.get(pid)
      if (!name) continue
      console.log(`  ${name}`)
      console.log(costTable(topCosts(profile, stretch)).join('\n'))
    }
  }
}

function report({ orders, cpu }: OrdersRun): void {
  for (const [what, at] of [
    ['POST → 202', (times: Times) => times.answered],
    ['POST → confirmed', (times: Times) => times.confirmed ?? Number.NaN],
    ['POST → mail', (times: Times) => times.mailed ?? Number.NaN],
  ] as const) {
    const took = orders.map(times => at(times) - times.sent)
    console.log(
      `  ${what.padEnd(17)} ${ordersPerSecond(orders, at).toFixed(0).padStart(5)} orders/s   p50 ${percentile(took, 50)} ms   p99 ${percentile(took, 99)} ms`,
    )
  }
  for (const line of cpuTable(orders.length, ...cpu)) console.log(`  ${line}`)
}
