import type { Logger, ModeSwitch } from 'kafka-restaurants-service'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { type Mode, refuses } from '../mode.ts'
import type { NewMail } from '../read-mail.ts'

const maxMailBytes = 1024 * 1024

/** A mail server for every address. It says 250 only once `keep` has returned. */
export function smtpServer({
  mode,
  keep,
  log,
}: {
  mode: ModeSwitch<Mode>
  keep: (mail: NewMail) => void
  log: Logger
}): SMTPServer {
  const away = () => (mode.get().mode === 'away' ? reply(421, 'The mail server was told to be away') : null)
  const server = new SMTPServer({
    name: 'inbox',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: maxMailBytes,
    // Mails in flight are taken at a stop; clients that keep an idle connection are not waited for longer.
    closeTimeout: 500,
    onConnect: (_session, callback) => callback(away()),
    onMailFrom: (_address, _session, callback) => callback(away()),
    onRcptTo({ address }, _session, callback) {
      const { code } = mode.get()
      callback(away() ?? (refuses(mode.get(), address) ? reply(code, 'No such mailbox here') : null))
    },
    onData(stream, session, callback) {
      take(stream, session).then(() => callback(), callback)
    },
  })
  server.on('error', err => log.warn({ err }, 'smtp connection broke'))
  return server

  async function take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const source = await bytesOf(stream)
    if (stream.sizeExceeded) throw reply(552, 'The mail is larger than 1 MiB')
    const { mailFrom, rcptTo } = session.envelope
    const mail = {
      source,
      from: mailFrom ? mailFrom.address : '',
      to: rcptTo.map(({ address }) => address),
      receivedAt: new Date(),
    }
    await mode.slowness()
    const isAway = away()
    if (isAway) throw isAway
    keep(mail)
  }
}

const reply = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

/** What came, but no more of it than a mail may have: the rest is let go by. */
async function bytesOf(stream: SMTPServerDataStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) {
    if (stream.sizeExceeded) chunks.length = 0
    else chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
