import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command } from 'kafka-restaurants-dev-env/testing/processes'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import type { BridgeStatus } from 'kafka-restaurants-event-bus'
import { onTestFinished } from 'vitest'

const main = 'services/event-bus/src/main.ts'

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'event-bus-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A file as the plugin's users have it, with topics of this test. */
export function configFile(brokers: string, prefix: string, more: string[] = []): string {
  const folder = newFolder()
  const lines = [
    `bootstrap_servers: ${brokers}`,
    `inbound_patterns: [${prefix}-inbound-.*]`,
    `outbound_patterns: ["${prefix}::outbound::.*"]`,
    `spool_file: ${join(folder, 'spool.sqlite')}`,
    'consumer-config:',
    `  group_id: ${randomUUID()}`,
    '  metadata_max_age_ms: 300',
    ...more,
  ]
  const file = join(folder, 'plugins-config.yaml')
  writeFileSync(file, `kafka_events:\n${lines.map(line => `  ${line}\n`).join('')}`)
  return file
}

/** Runs the command until the test is finished; resolves when it is ready. */
export async function startEventBus(file: string) {
  const env = { HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0' }
  const run = command(['node', main, '--config', file], env)
  await run.prints('"msg":"ready"', 20_000)
  const ready =
    run
      .printed()
      .split('\n')
      .find(line => line.includes('"msg":"ready"')) ?? '{}'
  const { port, metricsPort } = JSON.parse(ready)
  const url = `http://127.0.0.1:${port}`
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init)
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as BridgeStatus,
    }
  }
  return {
    ...run,
    url,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    get: (path: string) => call(path),
    post: (path: string, body?: unknown) => call(path, { method: 'POST', body: JSON.stringify(body) }),
    postText: (path: string, body: string) => call(path, { method: 'POST', body }),
    /** Resolves when it reads so many topics, and is in its group. */
    reads: (count: number) =>
      waitUntil('the bridge reads', 20_000, async () => {
        const { inbound } = (await call('/kafka/status')).body
        return inbound.topics.length === count && inbound.troubles.length === 0
      }),
    watch: (query = '', headers: Record<string, string> = {}) => watch(`${url}/bus/events${query}`, headers),
  }
}

/** A stream of events, as they come. */
async function watch(url: string, headers: Record<string, string>) {
  const leaving = new AbortController()
  const response = await fetch(url, { headers, signal: leaving.signal })
  const events: { id: string; event: string; data: { topic: string; payload: unknown; missed?: number } }[] =
    []
  const reading = (async () => {
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map(line => line.split(/: (.*)/s)))
        if (fields.data) events.push({ event: 'message', ...fields, data: JSON.parse(fields.data) })
      }
    }
  })().catch(() => {})
  const leave = async () => {
    leaving.abort()
    await reading
  }
  onTestFinished(leave)
  return { events, leave, topics: () => events.map(({ data }) => data.topic) }
}
