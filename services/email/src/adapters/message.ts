import { encodeWord, foldLines } from 'nodemailer/lib/mime-funcs'
import MimeNode from 'nodemailer/lib/mime-node'
import type { Mail } from '../mail.ts'
import type { Sender } from '../sender.ts'

/** A mail as it goes over the wire (RFC 5322, MIME), and where it goes. */
export interface Message {
  /** Addresses as mail servers know them: a domain in ASCII, unless the mailbox's own name has other letters (RFC 6531). */
  envelope: { from: string; to: string }
  bytes: Buffer
}

/**
 * Writes mails of one sender. The addresses are nodemailer's, and of the rest no more than these mails need, as its own
 * way, a stream for each part of a mail, costs three times as much as sending what it makes. The address of a mail has to
 * be one (`isMailAddress`).
 */
export function messageWriter({ name, address }: Sender) {
  const encoder = new MimeNode()
  const header = (key: string, value: string) => foldLines(`${key}: ${value}`, 76)
  const from = encoder.encodeHeaderValue('From', { name: '', address })
  const fromHeader = header('From', encoder.encodeHeaderValue('From', { name, address }))
  return ({ to: recipient, subject, messageId, text, html }: Mail, now = new Date()): Message => {
    const to = encoder.encodeHeaderValue('To', { name: '', address: recipient })
    const lines = [
      fromHeader,
      header('To', to),
      header('Subject', unstructured(subject)),
      header('Message-ID', messageId),
      header('Date', encoder.encodeHeaderValue('Date', now)),
      'MIME-Version: 1.0',
      `Content-Type: multipart/alternative; boundary="${boundary}"`,
      ...part('text/plain', text),
      ...part('text/html', html),
      '',
      `--${boundary}--`,
      '',
    ]
    return { envelope: { from, to }, bytes: Buffer.from(lines.join('\r\n')) }
  }
}

/** In no line of a part, as these are base64. */
const boundary = '=_part'

const part = (type: string, content: string) => [
  '',
  `--${boundary}`,
  `Content-Type: ${type}; charset=utf-8`,
  'Content-Transfer-Encoding: base64',
  '',
  base64(content),
]

/** Lines of 76 characters (RFC 2045), whatever the content: none is too long for SMTP, and none begins with a dot. */
function base64(content: string): string {
  const all = Buffer.from(content).toString('base64')
  const lines: string[] = []
  for (let at = 0; at < all.length; at += 76) lines.push(all.slice(at, at + 76))
  return lines.join('\r\n')
}

/** What is no plain text, would be taken for something encoded, or can't be folded is written as encoded words (RFC 2047). */
const unstructured = (value: string): string =>
  /^[ -~]*$/.test(value) && !/=\?|[^ ]{60}/.test(value) ? value : encodeWord(value, 'B', 52)
