import type { InboxMessage } from 'kafka-restaurants-contracts'
import PostalMime, { type Address } from 'postal-mime'

/** A mail as it came: its bytes, and its envelope. `to` are the addresses it was delivered to, blind copies among them. */
export interface NewMail {
  source: Uint8Array
  from: string
  to: string[]
  receivedAt: Date
}

/** What a mail says (RFC 5322, MIME). */
export type Content = Pick<InboxMessage, 'messageId' | 'from' | 'subject' | 'text' | 'html'>

/** Reads a mail. Who sent it is taken from the envelope where no header says it; what can't be read is its plain source. */
export async function readMail({ source, from: sender }: Pick<NewMail, 'source' | 'from'>): Promise<Content> {
  try {
    const { messageId = '', from, subject = '', text = '', html = '' } = await PostalMime.parse(source)
    return { messageId, from: nameAndAddress(from) || sender, subject, text, html }
  } catch {
    return { messageId: '', from: sender, subject: '', text: new TextDecoder().decode(source), html: '' }
  }
}

function nameAndAddress(from: Address | undefined): string {
  if (!from?.address) return from?.name ?? ''
  return from.name ? `${from.name} <${from.address}>` : from.address
}
