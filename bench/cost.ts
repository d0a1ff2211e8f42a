import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Platform, startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { showProgress } from 'kafka-restaurants-dev-env/progress'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { Pool } from 'undici'
import { type Figures, figuresFile } from './figures.ts'
import { cpuSeconds, residentMiB } from './measure.ts'
import { closedLoop, orderPlacer, ordersPerSecond, runOrders, settled, topicEnds } from './order-run.ts'

const whole = { type: 'string' } as const

/** What there is at a moment: what the parts have used, and what is kept. */
interface Look {
  cpu: Map<string, number>
  /** By topic: the ends of its partitions summed up (with the markers of transactions), and its bytes on the disk. */
  topics: Map<string, { ends: number; bytes: number }>
  /** By part, in bytes. */
  files: Map<string, number>
}

/**
 * What an order costs each part, all the way to its plate: CPU, records and bytes in Kafka, bytes in files. With `--save`
 * the figures go into bench/figures.json, from which docs/scaling.md is computed.
 */
export async function benchCost(args: string[]): Promise<void> {
  const { values } = readArgs({
    args,
    options: { orders: whole, 'in-flight': whole, save: { type: 'boolean' } },
  })
  const count = wholeNumber('--orders', values.orders, 5_000, { min: 1, max: 9_000 })
  const inFlight = wholeNumber('--in-flight', values['in-flight'], 64, { min: 1 })
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const platform = await startPlatform({
    dataDir,
    portOffset: await freeOffset(),
    env: { KITCHEN_AUTOPILOT: '0.1' },
    ...showProgress(),
  })
  const site = new Pool(platform.urls.site.replace('localhost', '127.0.0.1'), { connections: inFlight })
  try {
    const place = await orderPlacer(platform, site)
    const send = (orders: number) =>
      runOrders(platform, orders, sent => closedLoop(orders, inFlight, () => place(sent)))
    await send(500)
    await settled(platform)
    const before = await look(platform)
    const begun = Date.now()
    const { orders } = await send(count)
    await settled(platform)
    const after = await look(platform)
    const figures = figuresOf(before, after, {
      count,
      rate: ordersPerSecond(orders, ({ mailed }) => mailed),
      seconds: (Date.now() - begun) / 1000,
      memory: residentMiB(platform),
    })
    report(figures)
    if (values.save) writeFileSync(figuresFile, `${JSON.stringify(figures, undefined, 2)}\n`)
  } finally {
    await site.destroy()
    await platform.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function look(platform: Platform): Promise<Look> {
  const files = ['bank', 'email', 'tracking', 'kitchen', 'search-order'].map(
    part => [part, sizeOf(join(platform.dataDir, part))] as const,
  )
  return { cpu: cpuSeconds(platform), topics: await topicsOf(platform), files: new Map(files) }
}

async function topicsOf(platform: Platform): Promise<Look['topics']> {
  const storage = join(platform.dataDir, 'kafka', 'storage')
  const looks = [...(await topicEnds(platform))].map(
    ([name, ends]) => [name, { ends, bytes: segmentsOf(storage, name) }] as const,
  )
  return new Map(looks)
}

/** The bytes of a topic's records as Kafka has them on its disk. */
const segmentsOf = (storage: string, topic: string): number =>
  readdirSync(storage)
    .filter(folder => folder.slice(0, folder.lastIndexOf('-')) === topic)
    .reduce((sum, folder) => sum + sizeOf(join(storage, folder), '.log'), 0)

const sizeOf = (folder: string, suffix = ''): number =>
  readdirSync(folder)
    .filter(name => name.endsWith(suffix))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)

function figuresOf(
  before: Look,
  after: Look,
  run: { count: number; rate: number; seconds: number; memory: Map<string, number> },
): Figures {
  const each = (value: number, digits: number) => Number((value / run.count).toFixed(digits))
  const fromMap = <Value>(map: Map<string, Value>, figure: (value: Value, name: string) => number | object) =>
    Object.fromEntries([...map].map(([name, value]) => [name, figure(value, name)]))
  return {
    measured: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), all parts and the load on it`,
    orders: run.count,
    ordersPerSecond: Math.round(run.rate),
    cpuMs: fromMap(after.cpu, (seconds, part) => each(1000 * (seconds - (before.cpu.get(part) ?? 0)), 3)),
    memoryMiB: fromMap(run.memory, Math.round),
    topics: fromMap(after.topics, ({ ends, bytes }, topic) => {
      const was = before.topics.get(topic) ?? { ends: 0, bytes: 0 }
      return { records: each(ends - was.ends, 2), bytes: each(bytes - was.bytes, 0) }
    }),
    fileBytes: fromMap(after.files, (bytes, part) => each(bytes - (before.files.get(part) ?? 0), 0)),
  } as Figures
}

function report({ ordersPerSecond: rate, cpuMs, memoryMiB, topics, fileBytes, orders }: Figures): void {
  console.log(`\n${orders} orders, ${rate} a second`)
  for (const [part, ms] of Object.entries(cpuMs).toSorted(([, one], [, other]) => other - one))
    console.log(
      `  ${part.padEnd(16)} ${ms.toFixed(2).padStart(6)} ms of CPU an order  ${memoryMiB[part] ?? '-'} MiB`,
    )
  for (const [topic, { records, bytes }] of Object.entries(topics))
    if (records > 0)
      console.log(`  ${topic.padEnd(40)} ${records.toFixed(2)} records, ${bytes} bytes an order`)
  for (const [part, bytes] of Object.entries(fileBytes))
    console.log(`  ${part.padEnd(16)} ${bytes} bytes an order in its file`)
}
