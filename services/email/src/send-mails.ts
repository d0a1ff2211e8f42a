import { type InputRecord, type OutputRecord, UnreadableRecordError } from 'kafka-restaurants-kafka'
import type { Logger } from 'kafka-restaurants-service'
import { UndeliverableError } from './adapters/smtp.ts'
import { confirmationMail, declineMail, type Mail } from './mail.ts'
import { readConfirmed, readDeclined } from './outcomes.ts'

export interface MailParts {
  send: (mail: Mail) => Promise<void>
  declinedTopic: string
  /** The domain that ends every Message-ID. */
  domain: string
  log: Logger
}

/**
 * Sends the mail of every outcome in a record.
 *
 * A list whose third mail meets an outage is handled again as a whole; `sent` keeps it from repeating the first two.
 *
 * @throws UnreadableRecordError when the record is no list of outcomes, or none of its mails can be delivered
 */
export async function sendMails(
  record: InputRecord,
  parts: MailParts,
  sent: Set<string>,
): Promise<OutputRecord[]> {
  const declined = record.topic === parts.declinedTopic
  const mails = declined
    ? readDeclined(record).map(order => ({ orderId: order.order_id, mail: declineMail(order, parts.domain) }))
    : readConfirmed(record).map(order => ({
        orderId: order.order_id,
        mail: confirmationMail(order, parts.domain),
      }))
  const refused: string[] = []
  for (const { orderId, mail } of mails) {
    const name = `${record.reference} ${mail.messageId}`
    if (sent.has(name)) continue
    try {
      await parts.send(mail)
      parts.log.info({ orderId, outcome: declined ? 'declined' : 'confirmed' }, 'mail sent')
    } catch (error) {
      if (!(error instanceof UndeliverableError)) throw error
      refused.push(`order ${orderId}: ${error.message}`)
    }
    if (mails.length > 1) sent.add(name)
  }
  for (const { mail } of mails) sent.delete(`${record.reference} ${mail.messageId}`)
  if (refused.length > 0)
    throw new UnreadableRecordError(`the mail can not be delivered: ${refused.join('; ')}`)
  return []
}
