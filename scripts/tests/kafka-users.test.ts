import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { deadLetterTopic, InboxMessages, topicSpecs, topics } from 'kafka-restaurants-contracts'
import { createTopics, withAdmin } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { spawnService } from 'kafka-restaurants-service/testing'
import { expect, onTestFinished, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { root } from '../paths.ts'
import { freePort } from '../ports.ts'
import { ownBroker } from '../testing/own-broker.ts'
import { waitUntil } from '../wait-until.ts'

// Kafka's own numbers
const resourceTypes = { topic: 2, group: 3, transactionalId: 5 }
const patternTypes = { literal: 3, prefix: 4 }
const operations = { Read: 3, Write: 4, Create: 5, Describe: 8 }
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

test('an order gets its mail, and a bad record is set aside, by services that may do what kafka-cluster/ allows them', async () => {
  const passwords = Object.fromEntries(users.map(({ metadata }) => [metadata.name, 'secret']))
  const login = { port: await freePort(), passwords }
  const { bootstrap } = await ownBroker(login)
  await withAdmin({ brokers: bootstrap, log }, admin => admin.createAcls({ acl }))
  const as = (name: string) => ({
    BOOTSTRAP_SVR: `localhost:${login.port}`,
    KAFKA_SASL: 'plain',
    KAFKA_USERNAME: `kafka-restaurants-${name}`,
    KAFKA_PASSWORD: 'secret',
  })
  await createTopics(
    {
      brokers: `localhost:${login.port}`,
      log,
      sasl: { mechanism: 'plain', username: 'kafka-restaurants-topics', password: 'secret' },
    },
    topicSpecs(2),
  )

  const folder = mkdtempSync(join(tmpdir(), 'kafka-users-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const started = async (name: string, env: Record<string, string>) => {
    const service = await spawnService(name, env)
    onTestFinished(async () => void (await service.kill('SIGKILL')))
    return service
  }
  const [bank, inbox] = await Promise.all([
    started('bank', { LEDGER_FILE: join(folder, 'ledger.sqlite'), KEYS_FILE: join(folder, 'keys.json') }),
    started('inbox', { INBOX_FILE: join(folder, 'inbox.sqlite') }),
  ])
  const [searchOrder] = await Promise.all([
    started('search-order', { ...as('search-order'), BANK_URL: bank.url }),
    started('transaction', { ...as('transaction'), BANK_URL: bank.url }),
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
  )
  const order = { restaurant: 'olive-and-thyme', email: 'me@example.com', creditCard: '4242424242424242' }
  await waitUntil('the order is taken', 20_000, async () => {
    const answer = await fetch(`${searchOrder.url}/orders`, {
      method: 'POST',
      headers: { 'Idempotency-Key': 'one' },
      body: JSON.stringify(order),
    })
    return answer.status === 202
  })
  await waitUntil('the mail', 30_000, async () => {
    const answer = await fetch(`${inbox.url}/api/messages?to=${order.email}`)
    return InboxMessages.parse(await answer.json()).messages.length === 1
  })
  for (const topic of [topics.order, topics.orderConfirm]) {
    const [record] = await kafka.read(deadLetterTopic(topic), 1)
    expect(record?.value?.toString()).toBe(value)
  }
}, 90_000)
