import { type CookingEvidence, cookingRules } from './check-cooking.ts'
import type { AskedQuote } from './quotes.ts'

/** An order that was sent over HTTP, with all its repeats. Its mail address is its own, unless it is the refused one. */
export interface SentOrder {
  email: string
  expected: 'confirmed' | 'declined'
  answers: Answer[]
}

/** `status` is 0 where there was no answer. */
export interface Answer {
  status: number
  orderId?: string
  /** In seconds. */
  retryAfter?: number
  /** What it says has come of the order. */
  told?: 'confirmed' | 'declined'
}

/** A record of topic `order`. */
export interface OrderRecord {
  /** Its coordinates: `order-3@42`. */
  at: string
  /** Its coordinates and timestamp, which the bank's ledger knows it by. */
  reference: string
  kind: 'placed' | 'first-generation' | 'broken'
}

/** A line of the bank's ledger. */
export interface Charge {
  orderId: string
  reference: string
  outcome: 'accepted' | 'declined'
  paymentId: string | null
}

/** An entry of a record of `order_confirm` or `order_declined`; `at` are the record's coordinates. */
export interface Outcome {
  at: string
  kind: 'confirmed' | 'declined'
  orderId: string
  email: string
  paymentId?: string | undefined
}

/** A mail that the inbox got. */
export interface ReceivedMail {
  messageId: string
  kind: 'confirmed' | 'declined'
  orderId: string
  to: string
  /** In ms since the epoch. */
  receivedAt: number
}

/** A dead letter of any topic; `at` are the coordinates of the record that it was. */
interface DeadLetter {
  at: string
  reason: string
}

/** A step in the history of an order, as tracking knows it; `at` are the coordinates of the record that told of it. */
export interface Step {
  orderId: string
  status: string
  at: string
}

/** All that a run left behind. */
export interface Evidence extends CookingEvidence {
  orders: SentOrder[]
  quotes: AskedQuote[]
  /** How many calls the gateway says still wait when all is over; undefined where it does not answer. */
  quotesWaiting: number | undefined
  records: OrderRecord[]
  charges: Charge[]
  outcomes: Outcome[]
  mails: ReceivedMail[]
  deadLetters: DeadLetter[]
  histories: Step[]
  /** What a group had not committed when all should have been drained. */
  lags: { group: string; topic: string; partition: number; lag: number }[]
  /** Where a card's number stands; of the number only the last digits. */
  leaks: { file: string; last4: string }[]
  /** The address that the mail server refused at times. */
  refusedEmail: string
  /** When email was killed with -9, in ms since the epoch: the mails that were then in flight may be repeated. */
  emailKills: number[]
}

/** What is wrong: `rule` says which promise is broken, `words` where, in a sentence. */
export interface Violation {
  rule: Rule
  words: string
}

const rules = {
  'lost order': lostOrders,
  'two orders for one key': splitKeys,
  'charged twice': chargedTwice,
  'more than one outcome': repeatedOutcomes,
  'wrong outcome': wrongOutcomes,
  'wrong answer': wrongAnswers,
  'ledger and topics differ': unlikeLedger,
  'missing mail': missingMails,
  'repeated mail': repeatedMails,
  'wrong mail': wrongMails,
  'missing dead letter': missingDeadLetters,
  'repeated dead letter': repeatedDeadLetters,
  'needless dead letter': needlessDeadLetters,
  'dead letter without a reason': unexplainedDeadLetters,
  'partition stands still': standstills,
  'incomplete history': incompleteHistories,
  'wrong history': wrongHistories,
  'wrong quote': wrongQuotes,
  'quotes stand still': quotesThatStandStill,
  'card number': leakedCards,
  ...cookingRules,
} satisfies Record<string, (evidence: Indexed) => string[]>
export type Rule = keyof typeof rules

/** Checks what a run left behind against what the platform promises. An empty list: every promise was kept. */
export function check(evidence: Evidence): Violation[] {
  const indexed = { ...evidence, ...indexesOf(evidence) }
  return (Object.keys(rules) as Rule[]).flatMap(rule => rules[rule](indexed).map(words => ({ rule, words })))
}

type Indexed = Evidence & ReturnType<typeof indexesOf>

const indexesOf = ({
  charges,
  outcomes,
  mails,
  deadLetters,
  records,
  histories,
  commands,
  starts,
  ends,
}: Evidence) => ({
  chargesByOrder: Map.groupBy(charges, ({ orderId }) => orderId),
  chargesByReference: Map.groupBy(charges, ({ reference }) => reference),
  outcomesByOrder: Map.groupBy(outcomes, ({ orderId }) => orderId),
  outcomesByEmail: Map.groupBy(outcomes, ({ email }) => email),
  outcomesByPlace: Map.groupBy(outcomes, ({ at }) => at),
  mailsByOrder: Map.groupBy(mails, ({ orderId }) => orderId),
  deadLettersByPlace: Map.groupBy(deadLetters, ({ at }) => at),
  stepsByOrder: Map.groupBy(histories, ({ orderId }) => orderId),
  recordsByPlace: new Map(records.map(record => [record.at, record])),
  cookingByPlace: Map.groupBy(
    [...saying('queued', commands), ...saying('cooking', starts), ...saying('ready', ends)],
    ({ at }) => at,
  ),
})

const saying = (status: string, records: { id: string; at: string }[]) =>
  records.map(({ id, at }) => ({ id, at, status }))

const idsOf = ({ answers }: SentOrder) => [
  ...new Set(answers.flatMap(({ status, orderId }) => (taken(status) && orderId ? [orderId] : []))),
]
/** An order that is declined is there, too. */
const taken = (status: number) => (status >= 200 && status < 300) || status === 402

function lostOrders({ orders, records, outcomesByOrder, chargesByReference }: Indexed): string[] {
  const answered = orders.flatMap(idsOf).filter(id => !outcomesByOrder.has(id))
  const firstGeneration = records.filter(({ kind, reference }) => {
    const orderId = chargesByReference.get(reference)?.[0]?.orderId
    return kind === 'first-generation' && !(orderId && outcomesByOrder.has(orderId))
  })
  return [
    ...answered.map(id => `Order ${id} was answered 2xx or 402 and has no outcome.`),
    ...firstGeneration.map(({ at }) => `The first generation's record ${at} has no outcome.`),
  ]
}

function splitKeys({ orders }: Indexed): string[] {
  return orders
    .map(idsOf)
    .filter(ids => ids.length > 1)
    .map(ids => `The answers for one Idempotency-Key name ${ids.length} orders: ${ids.join(', ')}.`)
}

function chargedTwice({ orders, outcomesByEmail, chargesByOrder, refusedEmail }: Indexed): string[] {
  const accepted = (orderId: string) =>
    (chargesByOrder.get(orderId) ?? []).filter(({ outcome }) => outcome === 'accepted').length
  const charges = (order: SentOrder) => {
    // The refused address belongs to several orders: what they were told is all that tells them apart.
    const known = order.email === refusedEmail ? [] : (outcomesByEmail.get(order.email) ?? [])
    const ids = new Set([...idsOf(order), ...known.map(({ orderId }) => orderId)])
    return [...ids].flatMap(id => Array.from({ length: accepted(id) }, () => id))
  }
  return orders
    .map(charges)
    .filter(ids => ids.length > 1)
    .map(ids => `One order was charged ${ids.length} times, as ${[...new Set(ids)].join(', ')}.`)
}

function repeatedOutcomes({ outcomesByOrder }: Indexed): string[] {
  return [...outcomesByOrder]
    .filter(([, outcomes]) => outcomes.length > 1)
    .map(([id, outcomes]) => `Order ${id} has ${outcomes.length} outcomes: ${places(outcomes)}.`)
}

function wrongOutcomes({ orders, outcomesByOrder }: Indexed): string[] {
  return orders.flatMap(order =>
    idsOf(order).flatMap(id =>
      (outcomesByOrder.get(id) ?? [])
        .filter(({ kind, email }) => kind !== order.expected || email !== order.email)
        .map(({ kind, at }) =>
          kind === order.expected
            ? `The outcome of order ${id} at ${at} has another mail address than the order.`
            : `Order ${id} was ${kind} at ${at}, where it should have been ${order.expected}.`,
        ),
    ),
  )
}

/** Who waited for what comes of an order was told that. */
function wrongAnswers({ orders, outcomesByOrder }: Indexed): string[] {
  return orders
    .flatMap(({ answers }) => answers)
    .filter(({ told, orderId = '' }) => {
      const outcomes = outcomesByOrder.get(orderId) ?? []
      return told && !outcomes.some(({ kind }) => kind === told)
    })
    .map(({ told, orderId }) => `Order ${orderId} was answered as ${told}, and no outcome says so.`)
}

/** The ledger and the outcome topics tell the same of every order. */
function unlikeLedger({ charges, outcomes, outcomesByOrder, chargesByOrder }: Indexed): string[] {
  const fits = (charge: Charge, outcome: Outcome) =>
    charge.outcome === 'accepted'
      ? outcome.kind === 'confirmed' && outcome.paymentId === charge.paymentId
      : outcome.kind === 'declined'
  const unpublished = charges.filter(
    charge => !outcomesByOrder.get(charge.orderId)?.some(outcome => fits(charge, outcome)),
  )
  const unbacked = outcomes.filter(
    outcome => !chargesByOrder.get(outcome.orderId)?.some(charge => fits(charge, outcome)),
  )
  return [
    ...unpublished.map(
      ({ orderId, outcome, reference }) =>
        `The bank ${outcome} order ${orderId} for ${reference}, and no outcome says so.`,
    ),
    ...unbacked.map(
      ({ orderId, kind, at }) =>
        `Order ${orderId} was ${kind} at ${at}, and the bank's ledger does not say so.`,
    ),
  ]
}

function missingMails({ outcomes, mailsByOrder, deadLettersByPlace, refusedEmail }: Indexed): string[] {
  return outcomes
    .filter(outcome => !mailsByOrder.get(outcome.orderId)?.some(mail => belongs(mail, outcome)))
    .filter(({ email, at }) => email !== refusedEmail || !deadLettersByPlace.has(at))
    .map(({ orderId, kind, at }) => `Order ${orderId}, ${kind} at ${at}, has no mail that says so.`)
}

function repeatedMails({ mailsByOrder, emailKills }: Indexed): string[] {
  return [...mailsByOrder].flatMap(([id, mails]) => {
    const ids = new Set(mails.map(({ messageId }) => messageId))
    if (ids.size > 1) return [`Order ${id} has mails with ${ids.size} Message-IDs.`]
    const times = mails.map(({ receivedAt }) => receivedAt).toSorted((a, b) => a - b)
    return times
      .slice(1)
      .map((again, index) => [times[index] ?? 0, again] as const)
      .filter(([before, again]) => !emailKills.some(kill => kill > before - inFlightMs && kill < again))
      .map(([before, again]) => {
        const seconds = ((again - before) / 1000).toFixed(1)
        return `The mail of order ${id} came again after ${seconds} s, and email was not killed meanwhile.`
      })
  })
}

/** A mail that left before a kill may still arrive after it. */
const inFlightMs = 2_000

function wrongMails({ mails, outcomesByOrder }: Indexed): string[] {
  return mails
    .filter(mail => !outcomesByOrder.get(mail.orderId)?.some(outcome => belongs(mail, outcome)))
    .map(
      ({ orderId, kind, messageId }) => `Mail ${messageId} tells order ${orderId} ${kind}; no outcome does.`,
    )
}

const belongs = (mail: ReceivedMail, { kind, email }: Outcome) => mail.kind === kind && mail.to === email

function missingDeadLetters({ records, deadLettersByPlace }: Indexed): string[] {
  return records
    .filter(({ kind, at }) => kind === 'broken' && !deadLettersByPlace.has(at))
    .map(({ at }) => `The broken record ${at} is in no dead letter.`)
}

function repeatedDeadLetters({ deadLettersByPlace }: Indexed): string[] {
  return [...deadLettersByPlace]
    .filter(([, letters]) => letters.length > 1)
    .map(([at, letters]) => `The record ${at} is in ${letters.length} dead letters.`)
}

function needlessDeadLetters({
  deadLetters,
  recordsByPlace,
  outcomesByPlace,
  refusedEmail,
}: Indexed): string[] {
  const deserved = (at: string) =>
    recordsByPlace.get(at)?.kind === 'broken' ||
    outcomesByPlace.get(at)?.some(({ email }) => email === refusedEmail)
  return deadLetters
    .filter(({ at }) => !deserved(at))
    .map(({ at, reason }) => `The good record ${at} became a dead letter: ${reason}.`)
}

function unexplainedDeadLetters({ deadLetters }: Indexed): string[] {
  return deadLetters
    .filter(({ reason }) => reason === '')
    .map(({ at }) => `The dead letter of ${at} does not say why.`)
}

function standstills({ lags }: Indexed): string[] {
  return lags
    .filter(({ lag }) => lag > 0)
    .map(({ group, topic, partition, lag }) => `${group} has yet to commit ${lag} of ${topic}-${partition}.`)
}

const statusOf = { confirmed: 'paid', declined: 'declined' } as const
const cooked = ['queued', 'cooking', 'ready']

/**
 * Tracking tells of each order that has an outcome that it was placed, and which outcome it was, once each; and of one that
 * was confirmed that it waited, was cooked and became ready.
 */
function incompleteHistories({ outcomesByOrder, stepsByOrder }: Indexed): string[] {
  return [...outcomesByOrder].flatMap(([id, outcomes]) => {
    const kinds = new Set(outcomes.map(({ kind }) => statusOf[kind]))
    const statuses = (stepsByOrder.get(id) ?? []).map(({ status }) => status)
    return ['placed', ...kinds, ...(kinds.has('paid') ? cooked : [])]
      .map(status => ({ status, times: statuses.filter(each => each === status).length }))
      .filter(({ times }) => times !== 1)
      .map(({ status, times }) => `The history of order ${id} tells ${times} times that it was ${status}.`)
  })
}

/** Each step that tracking tells of is one that a record tells of. */
function wrongHistories({ histories, outcomesByPlace, recordsByPlace, cookingByPlace }: Indexed): string[] {
  const isTrue = ({ orderId, status, at }: Step) => {
    if (status === 'placed') return recordsByPlace.has(at)
    if (cooked.includes(status))
      return cookingByPlace.get(at)?.some(each => each.id === orderId && each.status === status)
    return outcomesByPlace.get(at)?.some(each => each.orderId === orderId && statusOf[each.kind] === status)
  }
  return histories
    .filter(step => !isTrue(step))
    .map(
      ({ orderId, status, at }) =>
        `Order ${orderId} is told to be ${status} by ${at}, which does not say so.`,
    )
}

/** No answer, and what says that it may be asked again. */
const noQuote = [0, 502, 503, 504]

/** Who asks for a quote gets that, or none; never another's. */
function wrongQuotes({ quotes }: Indexed): string[] {
  return quotes.flatMap(({ restaurant, status, about }) => {
    if (status !== 200)
      return noQuote.includes(status) ? [] : [`The question for ${restaurant} was answered ${status}.`]
    return about === restaurant ? [] : [`The question for ${restaurant} was answered for ${about}.`]
  })
}

function quotesThatStandStill({ quotesWaiting }: Indexed): string[] {
  if (quotesWaiting === undefined) return ['The gateway answers no question, though all is well.']
  return quotesWaiting > 0 ? [`${quotesWaiting} calls of the gateway wait, though nobody asks.`] : []
}

function leakedCards({ leaks }: Indexed): string[] {
  return leaks.map(({ file, last4 }) => `The card number that ends in ${last4} stands in ${file}.`)
}

const places = (outcomes: Outcome[]) => outcomes.map(({ kind, at }) => `${kind} at ${at}`).join(', ')
