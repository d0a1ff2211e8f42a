import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  commandTopics,
  DeadLetterGroups,
  deadLetterTopic,
  InboxMessages,
  OrderAccepted,
  OrderRecord,
  Pipeline,
  parkedTopic,
  Quote,
  TrackedOrder,
  topicSpecs,
  topics,
  workedTopics,
} from 'kafka-restaurants-contracts'
import { root } from 'kafka-restaurants-dev-env/paths'
import { gatewayRoutes, kitchenPipelines } from 'kafka-restaurants-dev-env/platform/pipelines'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { certificate } from 'kafka-restaurants-dev-env/testing/certificate'
import { beginDeadLetters } from 'kafka-restaurants-dev-env/testing/dead-letters-command'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { createTopics, withAdmin } from 'kafka-restaurants-kafka'
import type { DeadLetter } from 'kafka-restaurants-kafka/dead-letters'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { spawnService } from 'kafka-restaurants-service/testing'
import { expect, onTestFinished, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

// Kafka's own numbers
const resourceTypes = { topic: 2, group: 3, transactionalId: 5 }
const patternTypes = { literal: 3, prefix: 4 }
const operations = { Read: 3, Write: 4, Create: 5, Delete: 6, Describe: 8 }
const allow = 3

interface KafkaUser {
  metadata: { name: string }
  spec: {
    authorization: {
      acls: {
        resource: {
          type: keyof typeof resourceTypes
          name: string
          patternType?: keyof typeof patternTypes
        }
        operations: (keyof typeof operations)[]
      }[]
    }
  }
}

const { log } = createContext('test', 'silent')
const usersFile = readFileSync(resolve(root, 'kafka-cluster/base/users.yaml'), 'utf8')
const users = parseAllDocuments(usersFile).map(document => document.toJSON() as KafkaUser)
const pod = parse(readFileSync(resolve(root, 'kafka-cluster/dead-letters.yaml'), 'utf8'))
const podEnvironment: Record<string, string> = Object.fromEntries(
  pod.spec.containers[0].env.map(({ name, value }: { name: string; value?: string }) => [name, value]),
)
const acl = users.flatMap(({ metadata, spec }) =>
  spec.authorization.acls.flatMap(({ resource, operations: allowed }) =>
    allowed.map(operation => ({
      principal: `User:${metadata.name}`,
      host: '*',
      resourceType: resourceTypes[resource.type],
      resourceName: resource.name,
      resourcePatternType: patternTypes[resource.patternType ?? 'literal'],
      operation: operations[operation],
      permissionType: allow,
    })),
  ),
)

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-users-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A broker on which the users may do what kafka-cluster/ allows them; who comes by `bootstrap` may do all. */
async function brokerWithUsers(pemFile?: string) {
  const passwords = Object.fromEntries(users.map(({ metadata }) => [metadata.name, 'secret']))
  const login = { port: await freePort(), passwords, pemFile }
  const { bootstrap } = await ownBroker(login)
  await withAdmin({ brokers: bootstrap, log }, admin => admin.createAcls({ acl }))
  const as = (name: string) => ({
    BOOTSTRAP_SVR: `localhost:${login.port}`,
    KAFKA_SASL: 'plain',
    KAFKA_USERNAME: `kafka-restaurants-${name}`,
    KAFKA_PASSWORD: 'secret',
  })
  return { bootstrap, as }
}

test('an order gets its mail and is cooked, and a bad record is set aside, by services that may do what kafka-cluster/ allows them', async () => {
  const { bootstrap, as } = await brokerWithUsers()
  const { BOOTSTRAP_SVR: brokers, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = as('topics')
  await createTopics({ brokers, log, sasl: { mechanism: 'plain', username, password } }, topicSpecs(2))

  const folder = temporaryFolder()
  const started = async (name: string, env: Record<string, string>, args?: string[]) => {
    const service = await spawnService(name, env, args)
    onTestFinished(async () => void (await service.kill('SIGKILL')))
    return service
  }
  const [bank, inbox] = await Promise.all([
    started('bank', { LEDGER_FILE: join(folder, 'ledger.sqlite'), KEYS_FILE: join(folder, 'keys.json') }),
    started('inbox', { INBOX_FILE: join(folder, 'inbox.sqlite') }),
  ])
  const queue = await started('command-queue', as('command-queue'))
  const kitchen = await started('kitchen', {
    TICKETS_FILE: join(folder, 'tickets.sqlite'),
    COMMAND_QUEUE_URL: queue.url,
    KITCHEN_AUTOPILOT: '1',
  })
  const pipelines = join(folder, 'eventor.yaml')
  writeFileSync(pipelines, kitchenPipelines(as('kitchen')))
  const routes = join(folder, 'gateway.yaml')
  writeFileSync(routes, gatewayRoutes(as('gateway')))
  const gateway = await started('gateway', { ...as('gateway'), ALLOWED_ORIGINS: '' }, ['-f', routes])
  const { requests, actionable, events } = commandTopics
  const [searchOrder, tracking] = await Promise.all([
    started('search-order', { ...as('search-order'), BANK_URL: bank.url }),
    started('tracking', {
      ...as('tracking'),
      DATABASE_FILE: join(folder, 'tracking.sqlite'),
      REQUESTS_TOPIC: requests,
      ACTIONABLE_TOPIC: actionable,
      EVENTS_TOPIC: events,
    }),
    started('transaction', { ...as('transaction'), BANK_URL: bank.url, COMMANDS_TOPIC: requests }),
    started('eventor', { ...as('kitchen'), KITCHEN_URL: kitchen.url }, ['-f', pipelines]),
    started('email', {
      ...as('email'),
      SMTP_URL: `smtp://127.0.0.1:${inbox.smtpPort}`,
      SENT_FILE: join(folder, 'sent.sqlite'),
    }),
  ])

  const kafka = testKafka(bootstrap, log)
  const value = 'no record of ours'
  await kafka.write(
    { topic: topics.order, key: null, value },
    { topic: topics.orderConfirm, key: null, value },
    ...[requests, events, actionable].map(topic => ({ topic, key: 'oven', value })),
  )
  const order = { restaurant: 'olive-and-thyme', email: 'me@example.com', creditCard: '4242424242424242' }
  const orderId = await waitUntil('the order is paid', 30_000, async () => {
    const answer = await fetch(`${searchOrder.url}/orders`, {
      method: 'POST',
      headers: { 'Idempotency-Key': 'one', Prefer: 'wait=20' },
      body: JSON.stringify(order),
    })
    return answer.status === 200 && OrderAccepted.parse(await answer.json()).orderId
  })
  // Whether a key that this process does not know was taken before is looked for in Kafka.
  const unknown = await fetch(`${searchOrder.url}/orders`, {
    method: 'POST',
    headers: { 'Idempotency-Key': 'other' },
    body: JSON.stringify({ ...order, restaurant: 'nowhere' }),
  })
  expect(unknown.status).toBe(404)
  await waitUntil('the mail', 30_000, async () => {
    const answer = await fetch(`${inbox.url}/api/messages?to=${order.email}`)
    return InboxMessages.parse(await answer.json()).messages.length === 1
  })
  await waitUntil('the order ready', 30_000, async () => {
    const answer = await fetch(`${tracking.url}/orders/${orderId}`)
    return answer.ok && TrackedOrder.parse(await answer.json()).history.at(-1)?.status === 'ready'
  })
  const backstage = await started('backstage', { ...as('backstage'), TRACKING_URL: tracking.url })
  const records = await fetch(`${backstage.url}/orders/${orderId}/records`)
  expect(OrderRecord.array().parse(await records.json())).toMatchObject(
    ['placed', 'paid', 'queued', 'cooking', 'ready'].map(status => ({ status, value: {}, isGone: false })),
  )
  const { groups } = Pipeline.parse(await (await fetch(`${backstage.url}/pipeline`)).json())
  expect(groups.map(({ name, members }) => [name, members])).toEqual(
    ['transaction-service', 'confirmation-service', 'command-queue', 'kitchen', 'tracking-service'].map(
      name => [name, 1],
    ),
  )
  const quote = await fetch(`${gateway.url}/quotes`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ restaurant: 'Olive & Thyme' }),
  })
  expect(Quote.parse(await quote.json())).toMatchObject({ restaurant: 'Olive & Thyme' })
  for (const topic of [topics.order, topics.orderConfirm, requests, events, actionable]) {
    const [record] = await kafka.read(deadLetterTopic(topic), 1)
    expect(record?.value?.toString()).toBe(value)
  }
}, 90_000)

test('dead letters are listed, shown, sent back and parked over TLS, by a user who may do what kafka-cluster/ allows', async () => {
  const { pemFile, certificateFile } = certificate(temporaryFolder())
  const { bootstrap, as } = await brokerWithUsers(pemFile)
  await createTopics({ brokers: bootstrap, log }, topicSpecs(2))
  const tls = { KAFKA_TLS: 'true', KAFKA_CA_FILE: certificateFile }
  const run = (env: Record<string, string>, ...args: string[]) => beginDeadLetters(env, args).ended
  // As in the pod, but for where that finds them.
  const ofPod = { ...podEnvironment, ...as('dead-letters'), KAFKA_CA_FILE: certificateFile }
  expect(ofPod).toEqual({ ...tls, ...as('dead-letters') })
  const people = (...args: string[]) => run(ofPod, ...args)
  const ids = async (...args: string[]) => {
    const { stdout, stderr } = await people('list', '--json', ...args)
    expect(stderr).toBe('')
    return (JSON.parse(stdout) as DeadLetter[]).map(({ id }) => id)
  }

  const kafka = testKafka(bootstrap, log)
  const sources = workedTopics
  const reasons = ['put right', 'hopeless']
  await kafka.write(
    ...sources.flatMap(topic =>
      reasons.map(reason => ({
        topic: deadLetterTopic(topic),
        key: null,
        value: `${topic} ${reason}`,
        headers: { dead_letter_reason: reason, dead_letter_topic: topic },
      })),
    ),
  )
  const open = await ids()
  expect(open).toHaveLength(sources.length * reasons.length)
  expect((await people('show', open[0] ?? '')).stdout).toContain(`${open[0]}: open`)
  const redriven = await people('redrive', '--reason', 'put right', '--yes')
  expect(redriven).toMatchObject({ code: 0, stderr: '' })
  const parked = await people('park', '--reason', 'hopeless', '--yes')
  expect(parked).toMatchObject({ code: 0, stderr: '' })
  expect(await ids()).toEqual([])
  expect(await ids('--parked')).toHaveLength(sources.length)
  for (const topic of sources) {
    expect((await kafka.readAll(topic)).map(({ value }) => value.toString())).toEqual([`${topic} put right`])
    expect((await kafka.readAll(parkedTopic(topic))).map(({ value }) => value.toString())).toEqual([
      `${topic} hopeless`,
    ])
  }

  // The desk has the same user.
  const headers = { dead_letter_reason: 'at the desk', dead_letter_topic: topics.order }
  await kafka.write({ topic: deadLetterTopic(topics.order), key: null, value: 'at the desk', headers })
  const desk = await spawnService(
    'dead-letters',
    { ...tls, ...as('dead-letters') },
    [],
    20_000,
    'desk.main.ts',
  )
  onTestFinished(async () => void (await desk.kill('SIGKILL')))
  const seen = DeadLetterGroups.parse(await (await fetch(`${desk.url}/groups`)).json())
  expect(seen.groups).toMatchObject([{ topic: topics.order, reason: 'at the desk', count: 1 }])
  const body = JSON.stringify({ group: seen.groups[0]?.id, most: 10 })
  const answer = await fetch(`${desk.url}/park`, { method: 'POST', headers: { 'X-Staff': 'staff' }, body })
  expect(await answer.json()).toMatchObject({ done: 1, refused: [], left: 0 })
  expect(await desk.kill('SIGTERM')).toBe(0)

  const { groups } = await withAdmin({ brokers: bootstrap, log }, admin => admin.listGroups())
  expect(groups.map(({ groupId }) => groupId).filter(id => id.startsWith('dead-letters'))).toEqual([
    'dead-letters',
  ])

  for (const [env, says] of [
    [{ ...tls, ...as('dead-letters'), KAFKA_PASSWORD: 'wrong' }, 'does not take the login'],
    [{ ...as('dead-letters'), KAFKA_TLS: 'true' }, 'self-signed certificate'],
    [{ ...tls, ...as('transaction') }, 'this user may not read them'],
  ] as const) {
    const { code, stdout, stderr } = await run(env)
    expect({ code, stdout }, says).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(says)
  }
}, 120_000)
