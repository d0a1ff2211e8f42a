import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import {
  ConfirmedOrders,
  commandTopics,
  DeclinedOrders,
  deadLetterTopic,
  type InboxMessage,
  InboxMessages,
  topics,
  workedTopics,
} from 'kafka-restaurants-contracts'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext, openDatabase } from 'kafka-restaurants-service'
import { Client } from 'pg'
import { z } from 'zod'
import type { Charge, Evidence, Outcome, ReceivedMail, Step } from './check.ts'
import type { CookingEvidence } from './check-cooking.ts'
import {
  commandsIn,
  endsIn,
  kitchenIn,
  placeOf,
  resourcesOf,
  startsIn,
  ticketRecordsIn,
  writtenAt,
} from './cooking.ts'
import { decliningCards, goodCards, kindOf } from './load.ts'

type FromPlatform = Pick<
  Evidence,
  'records' | 'charges' | 'outcomes' | 'mails' | 'deadLetters' | 'histories' | 'lags' | 'leaks'
> &
  Omit<CookingEvidence, 'semaphoreLimit'>

const { log } = createContext('chaos', 'silent')
const readWithinMs = 120_000
const mailsAtOnce = 2_000

/**
 * Ends the platform, and gathers what its parts have on record; `confirmedAt` is when each confirmation was written, in ms
 * since the epoch.
 */
export async function gather(
  platform: Platform,
  lags: Evidence['lags'],
  databaseUrl: string | undefined,
): Promise<FromPlatform & { confirmedAt: number[] }> {
  const inLine = await resourcesOf(platform)
  // Who reads a topic whole leaves marks in it that no service should see.
  for (const name of ['search-order', 'transaction', 'kitchen-eventor', 'command-queue', 'email', 'tracking'])
    await platform.processes.get(name)?.stop(10_000)
  const kafka = testKafka(platform.bootstrap, log)
  const read = (topic: string) => kafka.readAll(topic, readWithinMs)
  const [records, confirmed, declined, requests, started, events, rejected, tickets, ...deadLetters] =
    await Promise.all([
      read(topics.order),
      read(topics.orderConfirm),
      read(topics.orderDeclined),
      read(commandTopics.requests),
      read(commandTopics.actionable),
      read(commandTopics.events),
      read(commandTopics.rejected),
      read(commandTopics.tickets),
      ...workedTopics.map(topic => read(deadLetterTopic(topic))),
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
    commands: commandsIn(requests),
    starts: startsIn(started),
    ends: endsIn(events),
    rejected: commandsIn(rejected),
    ticketRecords: ticketRecordsIn(tickets),
    inLine,
    ...kitchenIn(join(platform.dataDir, 'kitchen/tickets.sqlite')),
    confirmedAt: confirmed.map(writtenAt),
    leaks: leaksIn(platform.dataDir),
  }
}

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
    kind: /^Order confirmed: /.test(subject) ? 'confirmed' : 'declined',
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
