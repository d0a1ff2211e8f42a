import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { deadLetterTopic, InboxMessages } from 'kafka-restaurants-contracts'
import {
  comesToEnd,
  expectNone,
  generate,
  howMany,
  json,
  muchJson,
  nearly,
  oddBytes,
  oddRecord,
  oddText,
  type Wrong,
} from 'kafka-restaurants-contracts/fuzz'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { spawnService } from 'kafka-restaurants-service/testing'
import { expect, inject, it, onTestFinished } from 'vitest'
import { z } from 'zod'

const brokers = inject('bootstrap')
const kafka = testKafka(brokers, createContext('test', 'silent').log)
const [perTopic, atOnce] = [howMany(2_500) / 2, 500]

async function startInbox() {
  const folder = mkdtempSync(join(tmpdir(), 'email-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const inbox = await spawnService('inbox', { INBOX_FILE: join(folder, 'inbox.sqlite'), CAP: '20000' })
  onTestFinished(() => void inbox.kill('SIGKILL'))
  return { ...inbox, folder }
}

const oneOf = (...values: string[]) => fc.constantFrom(...values)
const emails = fc.oneof(
  { weight: 8, arbitrary: fc.nat().map(n => `diner-${n}@example.com`) },
  fc.emailAddress(),
  oddText.map(text => `${text}@example.com`),
  oddText.map(text => `diner@${text}`),
  oneOf('grüße@example.com', 'diner@exämple.com', '日本@日本.example', 'a@xn--a', 'a@[127.0.0.1]', 'a@b'),
  oneOf('"a b"@example.com', '<a@example.com>', 'a@example.com,b@example.com', 'a@example..com', 'a@-.com'),
)
const item = nearly({
  id: json(oneOf('soup')),
  name: json(fc.oneof(oneOf('Soup'), oddText)),
  quantity: json(fc.integer({ min: 1, max: 99 })),
  price_cents: json(fc.nat()),
})
/** `own` are the fields of one kind of outcome. The restaurant's name tells the mail of an entry from all others. */
function records(topic: string, own: Record<string, fc.Arbitrary<string>>) {
  const entry = nearly({
    restaurant: json(fc.uuid().map(id => `${topic}/${id}`)),
    email: json(emails),
    order_id: json(fc.oneof(fc.uuid(), oddText)),
    card_last4: json(oneOf('4242', '')),
    items: fc.array(item, { maxLength: 2 }).map(items => `[${items}]`),
    amount_cents: json(fc.nat()),
    currency: json(fc.oneof(oneOf('EUR', 'JPY', 'XXX'), oddText)),
    ...own,
  })
  const list = fc.array(entry, { minLength: 1, maxLength: 3 }).map(entries => `[${entries}]`)
  const much = fc
    .tuple(oneOf('note', 'items', 'email', 'order_id'), muchJson)
    .map(([name, value]) => Buffer.from(`[{"restaurant":"r","email":"e@example.com","${name}":${value}}]`))
  return generate(oddRecord(topic, fc.oneof({ weight: 800, arbitrary: oddBytes(list) }, much)), perTopic)
}

const Entries = z.array(z.looseObject({ restaurant: z.string() }))
/** The entries of a record that is a list of outcomes; none where it is not. A byte order mark is no part of it. */
function entriesOf({ value }: InputRecord) {
  try {
    return Entries.parse(JSON.parse(value.toString().replace(/^\ufeff/, '')))
  } catch {
    return []
  }
}
/** Which outcome of which order a mail tells, by its Message-ID. */
function orderOf(messageId: string): string {
  const [, id = '', outcome] = /^<(.*)\.(confirmed|declined)@/.exec(messageId) ?? []
  return `${outcome} ${JSON.parse(`"${decodeURIComponent(id.replaceAll('=', '%'))}"`)}`
}
const nameIn = (text: string) => /\S+\/[\da-f-]{36}/.exec(text)?.[0]

it(`of ${perTopic} generated records in each topic each ends as its mails or a dead letter`, async () => {
  const inbox = await startInbox()
  const topics = { confirm: await kafka.topic('confirm', 3), declined: await kafka.topic('declined', 3) }
  const both = [topics.confirm, topics.declined]
  const time = json(oneOf('2026-11-21T12:00:00.000Z'))
  const generated = [
    ...records(topics.confirm, { payment_id: json(oddText), confirmed_at: time }),
    ...records(topics.declined, {
      reason: json(fc.oneof(oneOf('lost_card'), oddText)),
      declined_at: time,
    }),
  ]
  while (generated.length > 0) await kafka.write(...generated.splice(0, atOnce))

  const group = randomUUID()
  const worker = await spawnService('email', {
    BOOTSTRAP_SVR: brokers,
    GROUP_ID: group,
    CONFIRM_TOPIC: topics.confirm,
    DECLINED_TOPIC: topics.declined,
    SMTP_URL: `smtp://127.0.0.1:${inbox.smtpPort}`,
    SENT_FILE: join(inbox.folder, 'sent.sqlite'),
    LOG_LEVEL: 'info',
  })
  onTestFinished(() => void worker.kill('SIGKILL'))
  const lags = () => Promise.all(both.map(topic => kafka.lag(group, topic)))
  const done = await comesToEnd(async () => (await lags()).reduce((sum, lag) => sum + lag))
  const readiness = await (await fetch(`${worker.url}/health/ready`)).text()
  expect(await worker.kill('SIGTERM')).toBe(0)

  const readBoth = async (name: (topic: string) => string) =>
    (await Promise.all(both.map(topic => kafka.readAll(name(topic), 60_000)))).flat()
  const [inputs, dead] = [await readBoth(topic => topic), await readBoth(deadLetterTopic)]
  const list = await fetch(`${inbox.url}/api/messages?limit=10000`)
  const { total, messages } = InboxMessages.parse(await list.json())
  expect(total).toBe(messages.length)
  const mailed = new Map<string | undefined, number>()
  for (const { subject } of messages) mailed.set(nameIn(subject), (mailed.get(nameIn(subject)) ?? 0) + 1)
  const isTold = new Set(messages.map(({ messageId }) => orderOf(messageId)))
  expect(isTold.size).toBe(total)
  const isDead = new Set(
    dead.map(({ headers: { dead_letter_topic, dead_letter_partition, dead_letter_offset } }) =>
      [dead_letter_topic, dead_letter_partition, dead_letter_offset].join(),
    ),
  )
  expect(isDead.size).toBe(dead.length)
  expect(dead.every(({ headers }) => headers.dead_letter_reason)).toBe(true)

  const wrong: Wrong[] = []
  const least = new Set<string>()
  let most = 0
  expect(inputs).toHaveLength(2 * perTopic)
  for (const record of inputs) {
    const { topic, partition, offset, key, value, headers, reference } = record
    const entries = entriesOf(record)
    const aside = isDead.has([topic, partition, offset].join())
    const outcome = topic === topics.confirm ? 'confirmed' : 'declined'
    most += entries.length
    // An order of several records has one mail.
    const idOf = (id: unknown, index: number) => (typeof id === 'string' ? id : `${reference}/${index}`)
    const orders = entries.map(({ order_id }, index) => `${outcome} ${idOf(order_id, index)}`)
    if (!aside) for (const order of orders) least.add(order)
    const fits = entries.every(({ restaurant }, index) => {
      const name = nameIn(restaurant)
      if (name === undefined) return true
      return mailed.has(name) ? mailed.get(name) === 1 : aside || isTold.has(orders[index] ?? '')
    })
    if (fits && (aside || entries.length > 0)) continue
    if (!aside && value.toString().trim() === '[]') continue
    wrong.push({ why: `${topic}[${partition}]@${offset}: ${readiness}`, value: [key, value, headers] })
  }
  expectNone(wrong)
  expect(done).toBe(true)
  expect(total).toBeGreaterThanOrEqual(least.size)
  expect(total).toBeLessThanOrEqual(most)
  expect(least.size).toBeGreaterThan(200)
}, 600_000)
