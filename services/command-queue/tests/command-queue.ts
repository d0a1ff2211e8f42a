import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ActionableCommand, QueuedResource } from 'kafka-restaurants-contracts'
import { createTopics, type InputRecord } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { inject, onTestFinished } from 'vitest'

export const brokers = inject('bootstrap')
export const { log } = createContext('test', 'silent')
export const kafka = testKafka(brokers, log)
export const within = (timeout: number) => ({ timeout, interval: 50 })

/** Topics and a group of one test. */
export async function ownTopics(partitions = 3) {
  const [requests = '', events = '', actionable = '', rejected = ''] = await Promise.all(
    ['requests', 'events', 'actionable', 'rejected'].map(name => kafka.topic(name, partitions)),
  )
  const changelog = `changelog-${randomUUID().slice(0, 8)}`
  await createTopics({ brokers, log }, [
    { name: changelog, partitions, config: { 'cleanup.policy': 'compact' } },
  ])
  return { requests, events, actionable, rejected, changelog, group: randomUUID() }
}
export type Topics = Awaited<ReturnType<typeof ownTopics>>

const envOf = (topics: Topics) => ({
  BOOTSTRAP_SVR: brokers,
  GROUP_ID: topics.group,
  REQUESTS_TOPIC: topics.requests,
  EVENTS_TOPIC: topics.events,
  ACTIONABLE_TOPIC: topics.actionable,
  REJECTED_TOPIC: topics.rejected,
  CHANGELOG_TOPIC: topics.changelog,
  LOG_LEVEL: 'info',
})

/** Starts one, ended with the test. */
export async function startQueue(topics: Topics, env: Record<string, string> = {}): Promise<SpawnedService> {
  const service = await spawnService('command-queue', { ...envOf(topics), ...env })
  onTestFinished(() => void service.kill('SIGKILL'))
  return service
}

/** A file of limits, gone with the test; `write` gives it another text. */
export function limitsFile(text: string): { path: string; write: (text: string) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'limits-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'limits.yaml')
  const write = (next: string) => writeFileSync(path, next)
  write(text)
  return { path, write }
}

/** A call with a JSON body, or with text. */
export async function post(
  { url }: SpawnedService,
  path: string,
  body: object | string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const isText = typeof body === 'string'
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    body: isText ? body : JSON.stringify(body),
    headers: { 'Content-Type': isText ? 'text/plain' : 'application/json', ...headers },
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** A resource as that replica shows it. */
export async function resource({ url }: SpawnedService, resourceId: string): Promise<QueuedResource> {
  const response = await fetch(`${url}/resources/${encodeURIComponent(resourceId)}`)
  return QueuedResource.parse(await response.json())
}

export const command = ({ requests }: Topics, resourceId: string, id: string, message = `do ${id}`) => ({
  topic: requests,
  key: resourceId,
  value: JSON.stringify({ id, message }),
})
export const event = (
  { events }: Topics,
  resourceId: string,
  id: string,
  { type = 'TERMINATING', fence }: { type?: string; fence?: number } = {},
) => ({ topic: events, key: resourceId, value: JSON.stringify({ id, type, fence }) })

export const actionable = ({ value }: InputRecord) => ActionableCommand.parse(JSON.parse(String(value)))
/** The ids of the commands that were made actionable, in their order. */
export const started = async ({ actionable: topic }: Topics, count: number) =>
  (await kafka.read(topic, count)).map(record => actionable(record).id)
