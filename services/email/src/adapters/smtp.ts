import { Readable } from 'node:stream'
import { isMailAddress } from 'kafka-restaurants-contracts'
import { inSpan, SpanKind } from 'kafka-restaurants-service'
import { createTransport } from 'nodemailer'
import type SMTPPool from 'nodemailer/lib/smtp-pool'
import { z } from 'zod'
import type { Mail } from '../mail.ts'
import type { MailMetrics, SendOutcome } from '../metrics.ts'
import type { Sender } from '../sender.ts'
import { type Message, messageWriter } from './message.ts'

/** The mail server refuses this mail for good. Its message holds the server's words, and no address. */
export class UndeliverableError extends Error {
  override name = 'UndeliverableError'
}

/** The mail server puts this mail off, and may take others. Its message holds the server's words, and no address. */
export class MailPutOffError extends Error {
  override name = 'MailPutOffError'
}

/** The mail server can't take mails now: an outage, to be tried again. Its message holds no address. */
export class MailServerError extends Error {
  override name = 'MailServerError'
}

/** Sends mails over a pool of connections, each kept open for many mails. `url` may carry nodemailer's options. */
export function smtpMailer({
  url,
  from,
  connections,
  told = () => {},
}: {
  url: string
  from: Sender
  connections: number
  /** Of each try to hand a mail over, and how long it took. */
  told?: MailMetrics['dialogue']
}) {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 10_000,
  })
  const pool = transport.transporter
  // Set where the URL names a proxy.
  if (transport.getSocket) pool.getSocket = transport.getSocket
  const write = messageWriter(from)
  return {
    /**
     * Sends a mail. Resolves once the server has answered 250 for it.
     * @throws UndeliverableError when the server refuses it for good, or the address is none
     * @throws MailPutOffError when the server puts this mail off
     * @throws MailServerError for everything else
     */
    send(mail: Mail): Promise<void> {
      if (!isMailAddress(mail.to))
        return Promise.reject(new UndeliverableError('the order has no usable mail address'))
      const begun = performance.now()
      const handOver = () =>
        new Promise<void>((resolve, reject) => {
          pool.send(written(write(mail), mail.messageId), error => {
            const failure = error ? asFailure(error, mail.to) : undefined
            told(outcomeOf(failure), (performance.now() - begun) / 1_000)
            if (failure) reject(failure)
            else resolve()
          })
        })
      return inSpan('SMTP DATA', { kind: SpanKind.CLIENT }, handOver)
    },
    close: () => transport.close(),
  }
}

function outcomeOf(failure: Error | undefined): SendOutcome {
  if (!failure) return 'sent'
  if (failure instanceof UndeliverableError) return 'refused'
  return failure instanceof MailPutOffError ? 'put-off' : 'failed'
}

/** What a transport of nodemailer asks of a mail: it is written already, and nothing is composed, read or fetched any more. */
const written = ({ envelope: { from, to }, bytes }: Message, messageId: string) =>
  ({
    data: {},
    message: {
      getEnvelope: () => ({ from, to: [to] }),
      messageId: () => messageId,
      getHeader: () => messageId,
      createReadStream: () => Readable.from(bytes),
    },
  }) as unknown as Parameters<SMTPPool['send']>[0]

const SmtpFailure = z.object({
  message: z.string(),
  code: z.string().optional(),
  command: z.string().optional(),
  response: z.string().optional(),
  responseCode: z.int().optional(),
})
type SmtpFailure = z.infer<typeof SmtpFailure>

/** nodemailer's own error is not passed on, as it carries the address in several places that a log would show. */
function asFailure(err: unknown, to: string): Error {
  const failure = SmtpFailure.safeParse(err)
  if (!failure.success) return new MailServerError('sending failed')
  const { message, response, code } = failure.data
  const words = withoutAddresses(response ?? `${message}${code ? ` (${code})` : ''}`, to)
  if (isPermanent(failure.data)) return new UndeliverableError(words)
  return isPutOff(failure.data) ? new MailPutOffError(words) : new MailServerError(words)
}

/** Answers that concern everybody, whenever they come: the server goes (RFC 5321), or wants a login (RFC 4954). */
const ofAll = new Set([421, 432, 454, 530, 534, 535, 538])

/** Whether an answer concerns this mail alone: one to its recipient or to itself, whatever the digits. */
const isOfMail = ({ command, responseCode = 0 }: SmtpFailure, [from, to]: [number, number]): boolean =>
  (command === 'RCPT TO' || command === 'DATA') &&
  responseCode >= from &&
  responseCode < to &&
  !ofAll.has(responseCode)

/**
 * A 5yz is final. To the greeting, login or sender it says that we are set up wrongly, which is no mail's fault; but a
 * mail that is larger than the server takes is refused with its sender already (RFC 1870), and nodemailer refuses what
 * can't be written into a mail.
 */
const isPermanent = (failure: SmtpFailure): boolean =>
  isOfMail(failure, [500, 600]) ||
  (failure.command === 'MAIL FROM' && failure.responseCode === 552) ||
  ((failure.code === 'EMESSAGE' || failure.code === 'EENVELOPE') && failure.responseCode === undefined)

/** A 4yz may pass. */
const isPutOff = (failure: SmtpFailure): boolean => isOfMail(failure, [400, 500])

const withoutAddresses = (words: string, to: string) =>
  words.replaceAll(to, '<address>').replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '<address>')
