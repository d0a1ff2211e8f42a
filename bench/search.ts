import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Catalogue } from 'kafka-restaurants-contracts'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { oneOf, randomFrom } from '../chaos/random.ts'
import { catalogueText } from './catalogue.ts'
import { getRequest, load } from './http-load.ts'
import { percentile, processSeconds } from './measure.ts'
import { costTable, profileClock, profiling, readProfiles, type Stretch, topCosts } from './profile.ts'

interface Wanted {
  seconds: number
  connections: number
  rounds: number
  profile: boolean
}

/** Requests of one kind. */
interface Kind {
  name: string
  paths: string[]
  headers?: Record<string, string>
}

/**
 * Measures the search of a catalogue of 18 restaurants, and of a large one, beside a bare `node:http` server that answers
 * the same bytes whatever it is asked, turn by turn; and the memory of the process beside the size of its file. The
 * share by CPU is also right where the machine has other things to do.
 */
export async function benchSearch(args: string[]): Promise<void> {
  const whole = { type: 'string' } as const
  const { values } = readArgs({
    args,
    options: {
      restaurants: whole,
      seconds: whole,
      connections: whole,
      rounds: whole,
      profile: { type: 'boolean' },
    },
  })
  const wanted = {
    seconds: wholeNumber('--seconds', values.seconds, 3, { min: 1 }),
    connections: wholeNumber('--connections', values.connections, 32, { min: 1 }),
    rounds: wholeNumber('--rounds', values.rounds, 3, { min: 1 }),
    profile: values.profile ?? false,
  }
  const large = wholeNumber('--restaurants', values.restaurants, 100_000, { min: 18 })
  const raw = fork(resolve(import.meta.dirname, 'raw-server.ts'))
  const [port] = await once(raw, 'message')
  try {
    for (const count of [18, large]) await measureCatalogue(count, { process: raw, port }, wanted)
  } finally {
    raw.kill()
  }
}

interface Raw {
  process: ChildProcess
  port: number
}

async function measureCatalogue(count: number, raw: Raw, wanted: Wanted): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const file = join(folder, 'restaurants.json')
  writeFileSync(file, catalogueText(count))
  const profiles = join(folder, 'profiles')
  const begun = performance.now()
  // Nobody listens at either: who searches needs neither Kafka nor bank.
  const env = {
    CATALOGUE_FILE: file,
    BOOTSTRAP_SVR: '127.0.0.1:1',
    BANK_URL: `http://127.0.0.1:${await freePort()}`,
  }
  const service = await spawnService(
    'search-order',
    { ...env, LOG_LEVEL: 'info', ...(wanted.profile && profiling(profiles)) },
    [],
    120_000,
  )
  const size = statSync(file).size
  console.log(
    `\n${count} restaurants: ${megabytes(size)} MB of JSON, ready after ${((performance.now() - begun) / 1_000).toFixed(1)} s`,
  )
  const stretches = new Map<string, Stretch>()
  try {
    showMemory('once it is ready', service.pid, size)
    for (const kind of kindsOf(file, count)) {
      const since = profileClock()
      await compare(kind, service, raw, wanted)
      stretches.set(kind.name, [since, profileClock()])
    }
    showMemory('after all of this', service.pid, size)
  } finally {
    await service.kill('SIGTERM')
    if (wanted.profile) {
      const profile = readProfiles(profiles).get(service.pid)
      for (const [name, stretch] of stretches) {
        if (profile) console.log(`  ${name}\n${costTable(topCosts(profile, stretch, 8)).join('\n')}`)
      }
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What is asked: at 18 restaurants as the first generation's page does, of a large catalogue by pages. */
function kindsOf(file: string, count: number): Kind[] {
  const random = randomFrom(1)
  const { restaurants } = Catalogue.parse(JSON.parse(readFileSync(file, 'utf8')))
  const some = Array.from({ length: 20_000 }, () => oneOf(random, restaurants))
  const page = count > 1_000 ? '&limit=20' : ''
  const part = (name: string) => {
    const start = Math.floor(random() * (name.length - 4))
    return encodeURIComponent(name.slice(start, start + 4 + Math.floor(random() * 6)))
  }
  const word = (text: string) => encodeURIComponent(oneOf(random, text.split(' ')).slice(0, 6))
  const byName = some.map(({ name }) => `/search?restaurant_name=${part(name)}${page}`)
  const byWords = some.map(
    ({ name, menu }) => `/search?q=${word(name)}+${word(oneOf(random, menu).name)}${page}`,
  )
  const byStyle = [...new Set(restaurants.map(({ style }) => `/search?restaurant_style=${style}${page}`))]
  return [
    { name: 'all, or the first page', paths: [`/search?${page}`] },
    { name: 'by name, 100 searches', paths: byName.slice(0, 100) },
    { name: 'by name, 20,000 searches', paths: byName },
    { name: 'by id, 20,000 of them', paths: some.map(({ id }) => `/restaurants/${id}`) },
    { name: 'by style', paths: byStyle },
    { name: 'by style, not changed (304)', paths: byStyle.slice(0, 1), headers: { 'If-None-Match': '*' } },
    { name: 'by words, 100 searches', paths: byWords.slice(0, 100) },
    { name: 'by words, 20,000 searches', paths: byWords },
  ]
}

/** The server that knows one answer is given that of the middle size. */
async function compare(kind: Kind, service: SpawnedService, raw: Raw, wanted: Wanted): Promise<void> {
  const requests = kind.paths.map(path => getRequest(path, kind.headers))
  const answers = await Promise.all(
    kind.paths.slice(0, 51).map(async path => {
      const response = await fetch(service.url + path, { headers: { ...kind.headers } })
      const headers = Object.fromEntries(
        [...response.headers].filter(([name]) => !['connection', 'date', 'keep-alive'].includes(name)),
      )
      return { status: response.status, headers, body: await response.text() }
    }),
  )
  const typical = answers.toSorted((a, b) => a.body.length - b.body.length)[answers.length >> 1]
  raw.process.send(typical ?? {})
  await once(raw.process, 'message')

  const port = Number(new URL(service.url).port)
  await load(port, requests, { ...wanted, seconds: 1 })
  const ours: Turn[] = []
  const bare: Turn[] = []
  for (let round = 0; round < wanted.rounds; round++) {
    ours.push(await turn(port, service.pid, requests, wanted))
    bare.push(await turn(raw.port, raw.process.pid ?? 0, requests, wanted))
  }
  const [rate, rawRate] = [ours, bare].map(turns => median(turns.map(each => each.rate))) as [number, number]
  const [cpu, rawCpu] = [ours, bare].map(turns => median(turns.map(each => each.cpuMicros))) as [
    number,
    number,
  ]
  console.log(
    `  ${kind.name.padEnd(28)} ${rate.toFixed(0).padStart(6)}/s ${cpu.toFixed(0).padStart(4)} µs   raw ${rawRate.toFixed(0).padStart(6)}/s ${rawCpu.toFixed(0).padStart(4)} µs   ${(rate / rawRate).toFixed(2)} of its rate, ${(rawCpu / cpu).toFixed(2)} by CPU   (${typical?.body.length} bytes)`,
  )
}

/** What a server did in its turn: answers a second, and the CPU that each took. */
interface Turn {
  rate: number
  cpuMicros: number
}

async function turn(port: number, pid: number, requests: Buffer[], wanted: Wanted): Promise<Turn> {
  const before = processSeconds(pid)
  const { answers, seconds } = await load(port, requests, wanted)
  return { rate: answers / seconds, cpuMicros: (1e6 * (processSeconds(pid) - before)) / answers }
}

const median = (values: number[]) => percentile(values, 50)

/** Only on Linux. */
function showMemory(when: string, pid: number, size: number): void {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const [now, peak] = ['VmRSS', 'VmHWM'].map(
    name => 1_024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]),
  ) as [number, number]
  const times = size > 1e6 ? `, ${(now / size).toFixed(1)} times the file` : ''
  console.log(`  memory ${when}: ${megabytes(now)} MB${times}; at most ${megabytes(peak)} MB so far`)
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 0)
