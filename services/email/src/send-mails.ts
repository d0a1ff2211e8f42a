import { PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { InputRecord, OutputRecord } from 'kafka-restaurants-kafka'
import type { Logger } from 'kafka-restaurants-service'
import type { SentMails } from './adapters/sent-mails.ts'
import { MailPutOffError, UndeliverableError } from './adapters/smtp.ts'
import { type Around, confirmationMail, declineMail, type Mail } from './mail.ts'
import type { MailMetrics } from './metrics.ts'
import { readConfirmed, readDeclined } from './outcomes.ts'

export interface MailParts extends Around {
  send: (mail: Mail) => Promise<void>
  sentMails: SentMails
  declinedTopic: string
  mailed: MailMetrics['mailed']
  log: Logger
}

/** So many records that were begun are known at most: more than a worker has in hand. */
const mostBegun = 100_000
/** How often one mail may fail while the mail server takes others: about 20 minutes. */
const mostTries = 30
/** After so many mails of a list that the server can't take now, one after another, the rest of it waits as well. */
const mostInVain = 3
/** Which mails of a dead letter were sent: if it is sent back, they are not sent again. */
const sentHeader = 'mails_sent'

/** What is known of mails on their way. */
export interface Sending {
  /** How many mails the server has taken. */
  taken: number
  /** Records that are not done, by reference. */
  begun: Map<string, Begun>
  /** By Message-ID: the same mail may be in several records. */
  underWay: Map<string, Promise<void>>
}

interface Begun {
  /** Which of its mails were sent. */
  sent: Set<string>
  /** `taken` when it was begun, and when it was tried last. */
  takenAtFirst: number
  takenAtLast: number
}

export const nothingSending = (): Sending => ({ taken: 0, begun: new Map(), underWay: new Map() })

/**
 * Sends the mail of every outcome in a record.
 *
 * A record may be handled again: when the third mail of its list can't be sent now, or when what was sent could not be
 * committed. Mails that the server took are not sent again, whichever record they come in.
 *
 * @throws UnreadableRecordError when the record is no list of outcomes, or a mail can't be delivered
 * @throws PutOffError when some mail may be taken later, and the server takes others
 * @throws MailServerError when the server takes none
 */
export async function sendMails(
  record: InputRecord,
  attempt: number,
  parts: MailParts,
  sending: Sending,
): Promise<OutputRecord[]> {
  const declined = record.topic === parts.declinedTopic
  const mails = declined
    ? readDeclined(record).map(order => ({ ...about(order), mail: declineMail(order, parts) }))
    : readConfirmed(record).map(order => ({ ...about(order), mail: confirmationMail(order, parts) }))
  const { taken } = sending
  const known = sending.begun.get(record.reference) ?? {
    sent: new Set(record.headers[sentHeader]?.split(' ')),
    takenAtFirst: taken,
    takenAtLast: taken,
  }
  const { sent, takenAtFirst, takenAtLast } = known
  sending.begun.set(record.reference, { ...known, takenAtLast: taken })
  // Those of partitions that went to another instance do not end here.
  const [oldest] = sending.begun.keys()
  if (sending.begun.size > mostBegun && oldest !== undefined) sending.begun.delete(oldest)

  const refused: string[] = []
  const putOff: string[] = []
  let outage: { error: unknown; count: number } | undefined
  for (const { orderId, placedAt, mail } of mails.filter(({ mail }) => !sent.has(mail.messageId))) {
    try {
      if (await sendOnce(mail, parts, sending)) {
        parts.mailed(declined ? 'declined' : 'paid', placedAt)
        parts.log.info({ order_id: orderId, outcome: declined ? 'declined' : 'confirmed' }, 'mail sent')
      }
      sent.add(mail.messageId)
    } catch (error) {
      const failed = `order ${orderId}: ${error instanceof Error ? error.message : error}`
      if (error instanceof UndeliverableError) refused.push(failed)
      else putOff.push(failed)
      if (!(error instanceof UndeliverableError || error instanceof MailPutOffError))
        outage = { error, count: (outage?.count ?? 0) + 1 }
      if (outage?.count === mostInVain) break
    }
  }
  // A mail server may drop its connection at one mail each time, as it does when it goes: what others meet tells.
  if (outage && (sending.taken === takenAtLast || outage.count === mostInVain)) throw outage.error
  if (putOff.length > 0 && (attempt < mostTries || sending.taken === takenAtFirst)) {
    throw new PutOffError(`the mail server puts the mail off: ${putOff.join('; ')}`)
  }
  sending.begun.delete(record.reference)
  const failed = [...refused, ...putOff.map(each => `${each}, ${attempt} times`)]
  if (failed.length === 0) return []
  throw new UnreadableRecordError(
    `the mail can not be delivered: ${failed.join('; ')}`,
    sent.size > 0 ? { [sentHeader]: [...sent].join(' ') } : {},
  )
}

const about = (order: { order_id: string; placed_at?: string | undefined }) => ({
  orderId: order.order_id,
  placedAt: order.placed_at,
})

/** @returns whether it was sent now; not, if it was before */
async function sendOnce(mail: Mail, { send, sentMails, log }: MailParts, sending: Sending): Promise<boolean> {
  const { messageId } = mail
  while (sending.underWay.has(messageId)) await sending.underWay.get(messageId)?.catch(() => {})
  if (sentMails.has(messageId)) return false
  const sent = send(mail)
  sending.underWay.set(messageId, sent)
  try {
    await sent
  } finally {
    sending.underWay.delete(messageId)
  }
  sending.taken += 1
  try {
    sentMails.add(messageId)
  } catch (err) {
    // Kafka will know of it soon; not to mail any more would be worse than to repeat it after a kill -9.
    log.warn({ err }, 'it can not be noted that a mail was sent')
  }
  return true
}
