import {
  type InputRecord,
  type OutputRecord,
  PutOffError,
  UnreadableRecordError,
} from 'kafka-restaurants-kafka'
import type { Logger } from 'kafka-restaurants-service'
import type { SentMails } from './adapters/sent-mails.ts'
import { MailPutOffError, UndeliverableError } from './adapters/smtp.ts'
import { confirmationMail, declineMail, type Mail } from './mail.ts'
import { readConfirmed, readDeclined } from './outcomes.ts'

export interface MailParts {
  send: (mail: Mail) => Promise<void>
  sentMails: SentMails
  declinedTopic: string
  /** The domain that ends every Message-ID. */
  domain: string
  log: Logger
}

/** How often a mail server may put one mail off (RFC 5321, 4yz) while it takes others: about 20 minutes. */
const mostTries = 30
/** Which mails of a dead letter were sent: if it is sent back, they are not sent again. */
const sentHeader = 'mails_sent'

/** What is known of mails on their way. */
export interface Sending {
  /** How many mails the server has taken. */
  taken: number
  /** Records that are not done, by reference: which of their mails were sent, and `taken` when they were begun. */
  begun: Map<string, { sent: Set<string>; taken: number }>
}

/**
 * Sends the mail of every outcome in a record.
 *
 * A record may be handled again: when the third mail of its list can't be sent now, or when what was sent could not be
 * committed. Mails that the server took are not sent again.
 *
 * @throws UnreadableRecordError when the record is no list of outcomes, or a mail can't be delivered
 * @throws PutOffError when the mail server puts a mail off that it may take later
 */
export async function sendMails(
  record: InputRecord,
  attempt: number,
  parts: MailParts,
  sending: Sending,
): Promise<OutputRecord[]> {
  const declined = record.topic === parts.declinedTopic
  const mails = declined
    ? readDeclined(record).map(order => ({ orderId: order.order_id, mail: declineMail(order, parts.domain) }))
    : readConfirmed(record).map(order => ({
        orderId: order.order_id,
        mail: confirmationMail(order, parts.domain),
      }))
  const { sent, taken } = sending.begun.get(record.reference) ?? {
    sent: new Set([
      ...(record.headers[sentHeader]?.split(' ') ?? []),
      ...parts.sentMails.of(record.reference),
    ]),
    taken: sending.taken,
  }
  sending.begun.set(record.reference, { sent, taken })
  const refused: string[] = []
  const putOff: string[] = []
  for (const { orderId, mail } of mails.filter(({ mail }) => !sent.has(mail.messageId))) {
    try {
      await parts.send(mail)
      sent.add(mail.messageId)
      parts.sentMails.add(record.reference, mail.messageId)
      sending.taken += 1
      parts.log.info({ orderId, outcome: declined ? 'declined' : 'confirmed' }, 'mail sent')
    } catch (error) {
      if (error instanceof UndeliverableError) refused.push(`order ${orderId}: ${error.message}`)
      else if (error instanceof MailPutOffError) putOff.push(`order ${orderId}: ${error.message}`)
      else throw error
    }
  }
  const serverWorks = sending.taken > taken
  if (putOff.length > 0 && (attempt < mostTries || !serverWorks)) {
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
