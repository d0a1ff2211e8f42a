import { atLeastOnceWorker } from 'kafka-restaurants-kafka'
import type { App, Context } from 'kafka-restaurants-service'
import { smtpMailer } from './adapters/smtp.ts'
import type { Config } from './config.ts'
import { domainOf } from './mail.ts'
import { sendMails } from './send-mails.ts'

export function createApp(config: Config, { log, metrics }: Context): App {
  const smtp = smtpMailer({ url: config.SMTP_URL, from: config.MAIL_FROM, connections: config.CONCURRENCY })
  const parts = {
    send: smtp.send,
    declinedTopic: config.DECLINED_TOPIC,
    domain: domainOf(config.MAIL_FROM) ?? 'localhost',
    log,
  }
  const sent = new Set<string>()
  const worker = atLeastOnceWorker({
    kafka: { brokers: config.BOOTSTRAP_SVR, clientId: 'email', log },
    group: config.GROUP_ID,
    inputs: [config.CONFIRM_TOPIC, config.DECLINED_TOPIC],
    concurrency: config.CONCURRENCY,
    metrics,
    handle: record => sendMails(record, parts, sent),
  })
  return {
    ...worker,
    stop: async () => {
      await worker.stop()
      smtp.close()
    },
  }
}
