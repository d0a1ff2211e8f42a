import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { batchingProducer, followTopics, type InputRecord, type OutputRecord } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import { inject, onTestFinished } from 'vitest'

export const brokers = inject('bootstrap')
export const { log } = createContext('test', 'silent')
export const kafka = testKafka(brokers, log)
export const within = (timeout: number) => ({ timeout, interval: 50 })

/** Topics of one test. */
export async function ownTopics(partitions = 3) {
  const [requests = '', replies = ''] = await Promise.all(
    ['requests', 'replies'].map(name => kafka.topic(name, partitions)),
  )
  return { requests, replies, calls: `calls-${randomUUID().slice(0, 8)}` }
}
export type Topics = Awaited<ReturnType<typeof ownTopics>>

type Settings = Record<string, unknown>

/** The text of a file with one route, `POST /ask`. YAML has JSON in it. */
export const fileText = (
  { requests, replies, calls }: Topics,
  route: Settings = {},
  more: Settings = {},
  bootstrap = brokers,
) =>
  JSON.stringify({
    kafka: { 'bootstrap.servers': bootstrap },
    callsTopic: calls,
    routes: [{ path: '/ask', topic: requests, feedbackTopic: replies, ...route }],
    ...more,
  })

/** A file that is gone with the test. */
export function written(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, text)
  return file
}

/** Starts a gateway, ended with the test; resolves when it is ready. */
export async function startGateway(text: string, env: Record<string, string> = {}): Promise<SpawnedService> {
  const service = await spawnService('gateway', { LOG_LEVEL: 'info', ...env }, ['-f', written(text)])
  onTestFinished(() => void service.kill('SIGKILL'))
  return service
}

export interface Asked {
  status: number
  headers: Headers
  text: string
  body: Record<string, unknown>
}

/** A call with a JSON body, or with text. */
export async function call(
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
  init: RequestInit = {},
): Promise<Asked> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { 'Content-Type': 'application/json', ...headers },
    ...init,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: asJson(text) }
}

export const ask = (
  { url }: Pick<SpawnedService, 'url'>,
  body: unknown,
  headers: Record<string, string> = {},
) => call(`${url}/ask`, body, headers)

function asJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** What a plain replier knows of a request: its id, by its header, and its body. */
export interface Request {
  id: string
  body: Record<string, unknown>
  record: InputRecord
}
export type Reply = Omit<OutputRecord, 'topic'>

/** Answers every request with the replies that `answer` makes of it, until the test is finished. */
export async function replier(
  { requests, replies }: Topics,
  answer: (request: Request) => Reply[],
  bootstrap = brokers,
) {
  const connection = { brokers: bootstrap, clientId: 'replier', log }
  const producer = batchingProducer(connection, { timeoutMs: 20_000 })
  const seen: Request[] = []
  const followed = followTopics(connection, {
    topics: [requests],
    group: 'replier',
    see: records => {
      for (const record of records) {
        const request = requestOf(record)
        seen.push(request)
        for (const reply of answer(request)) void producer.send({ topic: replies, ...reply }).catch(() => {})
      }
    },
  })
  await followed.start()
  await followed.caughtUp
  const stop = async () => void (await Promise.all([followed.stop(), producer.stop()]))
  onTestFinished(stop)
  return { seen, stop, write: (reply: Reply) => producer.send({ topic: replies, ...reply }) }
}

export const requestOf = (record: InputRecord): Request => ({
  id: record.headers.correlation_id ?? '',
  body: asJson(String(record.value)),
  record,
})

/** A reply with the id in its header. */
export const replyTo = (id: string, value: unknown, headers: Record<string, string> = {}): Reply => ({
  key: id,
  value: JSON.stringify(value),
  headers: { correlation_id: id, ...headers },
})
export const echo = ({ id, body }: Request): Reply[] => [replyTo(id, { echo: body })]

/** The sum of a metric's samples whose line has all these texts. */
export async function metric(
  { metricsUrl }: SpawnedService,
  name: string,
  ...texts: string[]
): Promise<number> {
  const text = await (await fetch(metricsUrl)).text()
  const lines = text
    .split('\n')
    .filter(line => line.startsWith(name) && texts.every(each => line.includes(each)))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
