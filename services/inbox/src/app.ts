import type { AddressInfo } from 'node:net'
import { type App, type Context, Counter, listen, liveUpdates, modeSwitch } from 'kafka-restaurants-service'
import { openMailbox } from './adapters/mailbox.ts'
import { smtpServer } from './adapters/smtp-server.ts'
import type { Config } from './config.ts'
import { apiRoutes } from './handlers/api.ts'
import { newMail, pageRoutes } from './handlers/pages.ts'
import { Mode } from './mode.ts'
import type { NewMail } from './read-mail.ts'

/** The inbox. `smtpPort` is the one it really listens on, once started. */
export function createApp(config: Config, { log, metrics }: Context): App & { smtpPort: () => number } {
  const mailbox = openMailbox(config.INBOX_FILE, config.CAP)
  const mode = modeSwitch(Mode.parse({ mode: 'normal' }))
  const live = liveUpdates()
  const received = new Counter({
    name: 'inbox_mails_total',
    help: 'Mails received',
    registers: [metrics],
  })
  const keep = (mail: NewMail) => {
    mailbox.add(mail)
    received.inc()
    live.changed(newMail)
  }
  const smtp = smtpServer({ mode, keep, log })
  const smtpPort = () => (smtp.server.address() as AddressInfo | null)?.port ?? 0

  return {
    smtpPort,
    routes(http) {
      apiRoutes(http, { mailbox, mode })
      pageRoutes(http, { mailbox, live, siteUrl: config.SITE_URL })
    },
    async start() {
      await listen(smtp.server, { port: config.SMTP_PORT, host: config.HOST, portVariable: 'SMTP_PORT' })
      log.info({ port: smtpPort() }, 'smtp listening')
    },
    async stop() {
      mode.stop()
      live.stop()
      await new Promise<void>(resolve => smtp.close(resolve))
      mailbox.close()
    },
  }
}
