import type { InboxMessage } from 'kafka-restaurants-contracts'
import PostalMime, { type Address } from 'postal-mime'

/** A mail before it has its id. */
export type NewMail = Omit<InboxMessage, 'id'>

/**
 * Reads a mail (RFC 5322, MIME). `to` are the addresses it was really delivered to, blind copies among them;
 * what the headers do not say is taken from the envelope. A mail that can't be read is kept as its plain source.
 */
export async function readMail(
  raw: Uint8Array,
  envelope: { from: string; to: string[] },
  receivedAt: Date,
): Promise<NewMail> {
  const received = { to: envelope.to, receivedAt: receivedAt.toISOString() }
  try {
    const { messageId = '', from, subject = '', text = '', html = '' } = await PostalMime.parse(raw)
    return { messageId, from: nameAndAddress(from) || envelope.from, subject, text, html, ...received }
  } catch {
    const text = new TextDecoder().decode(raw)
    return { messageId: '', from: envelope.from, subject: '', text, html: '', ...received }
  }
}

function nameAndAddress(from: Address | undefined): string {
  if (!from?.address) return from?.name ?? ''
  return from.name ? `${from.name} <${from.address}>` : from.address
}
