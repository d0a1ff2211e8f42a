import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startBroker } from 'kafka-restaurants-dev-env/kafka/broker'
import { root } from 'kafka-restaurants-dev-env/paths'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { createTopics, withAdmin } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import { Agent } from 'undici'

const { log } = createContext('bench', 'silent')
/** One of each, so that eventor has `concurrency` calls under way, as the bare loop has. */
const partitions = 1
const body = Buffer.from(JSON.stringify({ order: 'x'.repeat(180) }))

/**
 * Measures eventor beside a bare loop that POSTs the same bodies with the same HTTP client to the same server, with as
 * many calls under way, turn by turn in one run; prints both and their ratio. First with a server that answers at once,
 * which measures what Kafka costs; then with one that takes `--takes` ms, as one that does something would.
 */
export async function benchEventor(args: string[]): Promise<void> {
  const whole = { type: 'string' } as const
  const { values } = readArgs({
    args,
    options: { events: whole, concurrency: whole, rounds: whole, takes: whole },
  })
  const events = wholeNumber('--events', values.events, 50_000, { min: 1 })
  const concurrency = wholeNumber('--concurrency', values.concurrency, 64, { min: 1 })
  const rounds = wholeNumber('--rounds', values.rounds, 3, { min: 1 })
  const takesMs = wholeNumber('--takes', values.takes, 20, { min: 1 })
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const place = { dataDir, port: await freePort(), controllerPort: await freePort(), progress: console.log }
  const broker = await startBroker(place)
  try {
    for (const ms of [0, takesMs]) {
      console.log(ms === 0 ? 'A server that answers at once:' : `\nA server that takes ${ms} ms:`)
      await compare({ ms, events, concurrency, rounds, bootstrap: broker.bootstrap, dataDir })
    }
  } finally {
    await broker.kill()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

interface Run {
  events: number
  concurrency: number
  bootstrap: string
  dataDir: string
}

async function compare({ ms, rounds, ...run }: Run & { ms: number; rounds: number }): Promise<void> {
  const server = spawn(process.execPath, [resolve(import.meta.dirname, 'echo-server.ts'), String(ms)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = await once(server.stdout, 'data')
    const url = `http://127.0.0.1:${String(line).trim()}/payload`
    const ratios: number[] = []
    await bareLoop(url, 2_000, run.concurrency)
    for (let round = 1; round <= rounds; round++) {
      const bare = await bareLoop(url, run.events, run.concurrency)
      const ours = await eventorRun({ ...run, url, name: `${ms}-${round}` })
      ratios.push(ours / bare)
      const figures = `bare loop ${bare.toFixed(0)}/s, eventor ${ours.toFixed(0)}/s, ratio ${(ours / bare).toFixed(2)}`
      console.log(`  round ${round}: ${figures}`)
    }
    const median = ratios.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]
    console.log(`  ratio, median of ${rounds}: ${median?.toFixed(2)}`)
  } finally {
    server.kill('SIGKILL')
  }
}

/** @returns requests a second */
async function bareLoop(url: string, count: number, inFlight: number): Promise<number> {
  const agent = new Agent({ connections: inFlight })
  const { origin, pathname: path } = new URL(url)
  let left = count
  const startedAt = performance.now()
  const send = async () => {
    while (left-- > 0) {
      const response = await agent.request({
        origin,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/text' },
        body,
      })
      await response.body.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: inFlight }, send))
  const seconds = (performance.now() - startedAt) / 1000
  await agent.close()
  return count / seconds
}

/** @returns events a second, from the first result to the last: its start is not counted */
async function eventorRun(run: Run & { url: string; name: string }): Promise<number> {
  const [input, output] = [`in-${run.name}`, `out-${run.name}`]
  await createTopics(
    { brokers: run.bootstrap, log },
    [input, output, `${input}.dead-letters`].map(name => ({ name, partitions, config: {} })),
  )
  const records = Array.from({ length: run.events }, (_, index) => ({
    topic: input,
    key: String(index),
    value: body,
  }))
  const kafka = testKafka(run.bootstrap, log)
  while (records.length > 0) await kafka.write(...records.splice(0, 10_000))
  const file = join(run.dataDir, 'eventor.yaml')
  writeFileSync(
    file,
    `- logLevel: 2
  concurrency: ${run.concurrency}
  eventListener:
    type: kafka
    topic: ${input}
    consumerConfig: { bootstrap.servers: "${run.bootstrap}", group.id: bench-${run.name}, auto.offset.reset: earliest }
  eventHandler: { type: http, url: "${run.url}" }
  eventResultProcessor: { type: kafka, topic: ${output}, producerConfig: { bootstrap.servers: "${run.bootstrap}" } }
`,
  )
  const env = { ...process.env, HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0' }
  const eventor = spawn(process.execPath, [resolve(root, 'services/eventor/src/main.ts'), '-f', file], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    return await withAdmin({ brokers: run.bootstrap, log }, async admin => {
      const results = async () => {
        const offsets = await admin.fetchTopicOffsets(output)
        return { count: offsets.reduce((sum, { high }) => sum + Number(high), 0), at: performance.now() }
      }
      let [begun, now] = [await results(), await results()]
      await waitUntil('all results', 300_000, async () => {
        now = await results()
        if (begun.count === 0) begun = now
        return now.count >= run.events
      })
      return (now.count - begun.count) / ((now.at - begun.at) / 1000)
    })
  } finally {
    await end(eventor)
  }
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
