import { InboxMessages } from 'kafka-restaurants-contracts'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { Trouble } from 'kafka-restaurants-service/command'
import { haveCommittedAll, outcomes } from './kafka.ts'
import type { Lab } from './raise.ts'
import { forwarded, type TakenOrder } from './site.ts'

/** Something that is on record of an order. */
interface Trace {
  orderId: string
  /** Whether it says what it should: that the order was accepted. */
  right: boolean
}

/** All that the bank, the topics and the inbox have on record. */
export interface Traces {
  charges: Trace[]
  outcomes: Trace[]
  mails: Trace[]
}

const handleWithinMs = 60_000

/**
 * Waits until all orders are handled, and sees that each is charged once, and has one outcome and one mail.
 * @param longestSilenceMs how long there may be no mail; any time unless given
 * @returns the figures
 * @throws Trouble with the figures, and the orders that were lost or told twice
 */
export async function seePaid(lab: Lab, load: Load, longestSilenceMs = Number.POSITIVE_INFINITY) {
  const { orders, repeats, slowestMs } = load
  const groups = ['transaction-service', 'confirmation-service']
  await waitUntil('all handled', handleWithinMs, () => haveCommittedAll(lab, groups), 1_000).catch(() => {
    lab.signal.throwIfAborted() // what is not handled by now is counted as lost
  })
  const mails = await mailsTo(orders)
  const { figures, wrong } = accountFor(orders, {
    charges: await charges(),
    outcomes: (await outcomes(lab)).map(outcome => ({
      orderId: outcome.order_id,
      right: 'payment_id' in outcome,
    })),
    mails,
  })
  const silenceMs = longestGap(mails.map(({ receivedAt }) => receivedAt))
  const words = [
    figures,
    `${seconds(silenceMs)} at most without a mail`,
    `${repeats} requests repeated, the slowest answered after ${seconds(slowestMs)}`,
  ].join('; ')
  if (wrong.length > 0) throw new Trouble([words, ...wrong].join('\n'))
  if (silenceMs > longestSilenceMs) throw new Trouble(words)
  return words
}

interface Load {
  orders: TakenOrder[]
  repeats: number
  slowestMs: number
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

/** Counts what is on record of orders that all should have been accepted. Pure. */
export function accountFor(orders: TakenOrder[], traces: Traces): { figures: string; wrong: string[] } {
  const perKind = Object.entries(traces).map(
    ([kind, all]: [string, Trace[]]) => [kind, Map.groupBy(all, ({ orderId }) => orderId)] as const,
  )
  const found = orders.map(({ orderId }) => ({
    orderId,
    kinds: perKind.map(([kind, byOrder]) => ({ kind, traces: byOrder.get(orderId) ?? [] })),
  }))
  type Found = (typeof found)[number]
  const isLost = ({ kinds }: Found) => kinds.some(each => !each.traces.some(({ right }) => right))
  const isTwice = ({ kinds }: Found) => kinds.some(each => each.traces.length > 1)
  const once = (wanted: string) =>
    found.filter(({ kinds }) => kinds.find(({ kind }) => kind === wanted)?.traces.length === 1).length

  const [lost, twice] = [found.filter(isLost), found.filter(isTwice)]
  const figures = [
    `${orders.length} taken, ${once('charges')} charged once, ${once('outcomes')} outcomes`,
    `${once('mails')} mails, ${lost.length} lost, ${twice.length} twice`,
  ]
  const words = ({ orderId, kinds }: Found) =>
    `${orderId}: ${kinds.map(each => `${each.traces.length} ${each.kind}`).join(', ')}`
  return { figures: figures.join(', '), wrong: [...new Set([...lost, ...twice])].map(words) }
}

/** The longest time between two that follow each other. */
export function longestGap(times: number[]): number {
  const sorted = times.toSorted((one, other) => one - other)
  return Math.max(0, ...sorted.slice(1).map((time, index) => time - (sorted[index] ?? time)))
}

async function mailsTo(orders: TakenOrder[]): Promise<(Trace & { receivedAt: number })[]> {
  const emails = new Map(orders.map(({ orderId, email }) => [orderId, email]))
  const { messages } = await forwarded('service/kafka-restaurants-inbox', 1080, async inbox =>
    InboxMessages.parse(await (await fetch(`${inbox}/api/messages?limit=10000`)).json()),
  )
  return messages
    .map(({ messageId, to, receivedAt }) => {
      const [, orderId = '', kind] = /^<(.*)\.(\w+)@/.exec(messageId) ?? []
      const right = kind === 'confirmed' && to.join() === emails.get(orderId)
      return { orderId, right, receivedAt: Date.parse(receivedAt) }
    })
    .filter(({ orderId }) => emails.has(orderId))
}

async function charges(): Promise<Trace[]> {
  const ledger = await forwarded('deployment/kafka-restaurants-bank', 5015, async bank => {
    const answer = await fetch(`${bank}/charges?limit=10000`)
    return (await answer.json()) as Ledger
  })
  const references = new Set(ledger.charges.map(({ reference }) => reference))
  if (references.size < ledger.charges.length) throw new Trouble('A record was charged under two orders')
  return ledger.charges.map(({ idempotency_key, outcome }) => ({
    orderId: idempotency_key,
    right: outcome === 'accepted',
  }))
}

interface Ledger {
  charges: { idempotency_key: string; reference: string; outcome: string }[]
}
