import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import {
  ConfirmedOrders,
  DeclinedOrders,
  deadLetterTopic,
  type InboxMessage,
  InboxMessages,
  topics,
} from 'kafka-restaurants-contracts'
import { parts, type ServiceName } from 'kafka-restaurants-dev-env/platform/parts'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { type InputRecord, withAdmin } from 'kafka-restaurants-kafka'
import { consumerLag, testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext, openDatabase } from 'kafka-restaurants-service'
import { Client } from 'pg'
import { z } from 'zod'
import type { Charge, Evidence, Outcome, ReceivedMail, Step } from './check.ts'
import { decliningCards, goodCards, kindOf } from './load.ts'

type FromPlatform = Pick<
  Evidence,
  'records' | 'charges' | 'outcomes' | 'mails' | 'deadLetters' | 'histories' | 'lags' | 'leaks'
>

const { log } = createContext('chaos', 'silent')
const groups = {
  'transaction-service': [topics.order],
  'confirmation-service': [topics.orderConfirm, topics.orderDeclined],
  'tracking-service': [topics.order, topics.orderConfirm, topics.orderDeclined],
}
const services = Object.keys(parts) as ServiceName[]
const readWithinMs = 120_000
const longestDrainMs = 3_600_000
const mailsAtOnce = 2_000

/**
 * Waits until every part is ready and the groups have committed all that is in their topics.
 * @param say told every ten seconds what is still to come
 * @returns what is left, which is nothing unless nothing moved for `standstillMs`
 */
export async function drain(
  platform: Platform,
  standstillMs: number,
  say: (line: string) => void,
): Promise<Evidence['lags']> {
  let lags: Evidence['lags'] = []
  let waitingFor = 'Kafka'
  let fewest = Number.POSITIVE_INFINITY
  let movedAt = Date.now()
  const drained = async () => {
    const ready = await Promise.all(services.map(name => isReady(platform, name)))
    lags = await lagsOf(platform)
    // An order on its way is a record to transaction, and then one to email and one to tracking.
    const toGo =
      3 * sumOf(lags, 'transaction-service') +
      sumOf(lags, 'confirmation-service') +
      sumOf(lags, 'tracking-service')
    if (toGo < fewest) {
      fewest = toGo
      movedAt = Date.now()
    }
    const left = Object.keys(groups).map(group => [sumOf(lags, group), group] as const)
    waitingFor = [
      ...services.filter((_, index) => !ready[index]).map(name => `${name} is not ready`),
      ...left.filter(([lag]) => lag > 0).map(([lag, group]) => `${group} has ${lag} records to go`),
    ].join(', ')
    return waitingFor === ''
  }
  const progress = setInterval(() => say(`draining: ${waitingFor}`), 10_000)
  const isOver = async () => (await drained().catch(() => false)) || Date.now() - movedAt > standstillMs
  await waitUntil('drained', longestDrainMs, isOver, 1_000).catch(() => {})
  clearInterval(progress)
  return lags.length > 0 ? lags : lagsOf(platform)
}

const sumOf = (lags: Evidence['lags'], wanted: string) =>
  lags.filter(({ group }) => group === wanted).reduce((sum, { lag }) => sum + lag, 0)

const lagsOf = ({ bootstrap }: Platform) =>
  withAdmin({ brokers: bootstrap, log }, async admin => {
    const perGroup = Object.entries(groups).map(async ([group, inputs]) =>
      (await consumerLag(admin, group, inputs)).map(lag => ({ group, ...lag })),
    )
    return (await Promise.all(perGroup)).flat()
  })

async function isReady({ ports }: Platform, name: (typeof services)[number]): Promise<boolean> {
  const url = `http://127.0.0.1:${ports[name]}/health/ready`
  return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok
}

/**
 * Ends the platform, and gathers what its parts have on record; `confirmedAt` is when each confirmation was written, in ms
 * since the epoch.
 */
export async function gather(
  platform: Platform,
  lags: Evidence['lags'],
  databaseUrl: string | undefined,
): Promise<FromPlatform & { confirmedAt: number[] }> {
  // Who reads a topic whole leaves marks in it that no service should see.
  for (const name of ['search-order', 'transaction', 'email', 'tracking'])
    await platform.processes.get(name)?.stop(10_000)
  const kafka = testKafka(platform.bootstrap, log)
  const read = (topic: string) => kafka.readAll(topic, readWithinMs)
  const orderTopics = Object.values(topics)
  const [records, confirmed, declined, ...deadLetters] = await Promise.all([
    read(topics.order),
    read(topics.orderConfirm),
    read(topics.orderDeclined),
    ...orderTopics.map(topic => read(deadLetterTopic(topic))),
  ])
  const mails = await mailsOf(platform.urls.inbox ?? '')
  await platform.stop()
  return {
    records: records.map(record => ({
      at: placeOf(record),
      reference: record.reference,
      kind: kindOf(record),
    })),
    outcomes: [...confirmed.flatMap(confirmedOutcomes), ...declined.flatMap(declinedOutcomes)],
    deadLetters: deadLetters.flat().map(({ headers }) => ({
      at: `${headers.dead_letter_topic}-${headers.dead_letter_partition}@${headers.dead_letter_offset}`,
      reason: headers.dead_letter_reason ?? '',
    })),
    charges: chargesIn(join(platform.dataDir, 'bank/ledger.sqlite')),
    histories: await historiesIn(join(platform.dataDir, 'tracking/tracking.sqlite'), databaseUrl),
    mails,
    lags,
    confirmedAt: confirmed.map(writtenAt),
    leaks: leaksIn(platform.dataDir),
  }
}

const placeOf = ({ topic, partition, offset }: InputRecord) => `${topic}-${partition}@${offset}`

/**
 * The time of the record, which a repeated transaction writes anew; `confirmed_at` in it is when the bank first took it,
 * which may be long before anybody could read of it.
 */
const writtenAt = ({ reference }: InputRecord) => Number(reference.slice(reference.lastIndexOf('/') + 1))

export const confirmedOutcomes = (record: InputRecord): Outcome[] =>
  ConfirmedOrders.parse(JSON.parse(record.value.toString())).map(order => ({
    at: placeOf(record),
    kind: 'confirmed',
    orderId: order.order_id,
    email: order.email,
    paymentId: order.payment_id,
  }))

export const declinedOutcomes = (record: InputRecord): Outcome[] =>
  DeclinedOrders.parse(JSON.parse(record.value.toString())).map(order => ({
    at: placeOf(record),
    kind: 'declined',
    orderId: order.order_id,
    email: order.email,
  }))

const Charges = z.array(
  z
    .object({
      idempotency_key: z.string(),
      reference: z.string(),
      outcome: z.enum(['accepted', 'declined']),
      payment_id: z.string().nullable(),
    })
    .transform(({ idempotency_key: orderId, payment_id: paymentId, ...charge }) => ({
      orderId,
      paymentId,
      ...charge,
    })),
)

/** Every charge in a bank's ledger. */
export function chargesIn(file: string): Charge[] {
  const db = openDatabase(file)
  const charges = Charges.parse(db.prepare('SELECT * FROM charges').all())
  db.close()
  return charges
}

const Steps = z.array(
  z
    .object({
      order_id: z.string(),
      status: z.string(),
      topic: z.string(),
      partition: z.int(),
      record_offset: z.string(),
    })
    .transform(({ order_id: orderId, status, topic, partition, record_offset: offset }) => ({
      orderId,
      status,
      at: `${topic}-${partition}@${offset}`,
    })),
)

/** Every step that tracking's database has. */
async function historiesIn(file: string, databaseUrl: string | undefined): Promise<Step[]> {
  const all = 'SELECT * FROM changes'
  if (databaseUrl === undefined) {
    const db = openDatabase(file)
    const steps = Steps.parse(db.prepare(all).all())
    db.close()
    return steps
  }
  const client = new Client(databaseUrl)
  await client.connect()
  const { rows } = await client.query(all)
  await client.end()
  return Steps.parse(rows)
}

/** Reads them, which leaves what they say in the inbox's file: a mail as it came is encoded, and would hide a number. */
async function mailsOf(inboxUrl: string): Promise<ReceivedMail[]> {
  const mails: InboxMessage[] = []
  for (let before = ''; ; before = `&before=${mails.at(-1)?.id}`) {
    const answer = await fetch(`${inboxUrl}/api/messages?limit=${mailsAtOnce}${before}`, {
      signal: AbortSignal.timeout(readWithinMs),
    }).catch(cause => {
      throw new Error('the inbox does not say which mails it has: nothing can be checked', { cause })
    })
    const { messages } = InboxMessages.parse(await answer.json())
    mails.push(...messages)
    if (messages.length < mailsAtOnce) break
  }
  return mails.map(({ messageId, subject, text, to, receivedAt }) => ({
    messageId,
    kind: / is confirmed$/.test(subject) ? 'confirmed' : 'declined',
    orderId: /^Order: (.*)$/m.exec(text)?.[1] ?? '',
    to: to.join(),
    receivedAt: Date.parse(receivedAt),
  }))
}

/** Topic `order` holds the bare numbers that we wrote into it, its replicas that were moved away too. Kafka's indexes are large, and hold no bytes of records. */
const exempt =
  /^kafka\/(broker-\d\/)?storage\/order-\d+(\.\w+-delete)?\/|\.(index|timeindex|txnindex|snapshot)$/

function leaksIn(dataDir: string): Evidence['leaks'] {
  const numbers = [...goodCards, ...decliningCards]
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(dataDir, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(file => !exempt.test(file))
  return files.flatMap(file => {
    const bytes = readFileSync(join(dataDir, file))
    return numbers.filter(card => bytes.includes(card)).map(card => ({ file, last4: card.slice(-4) }))
  })
}
