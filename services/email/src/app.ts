import { atLeastOnceWorker, kafkaConnection } from 'kafka-restaurants-kafka'
import { type App, type Context, placeName } from 'kafka-restaurants-service'
import { openSentMails } from './adapters/sent-mails.ts'
import { smtpMailer } from './adapters/smtp.ts'
import type { Config } from './config.ts'
import { mailMetrics } from './metrics.ts'
import { nothingSending, sendMails } from './send-mails.ts'

export function createApp(config: Config, { log, metrics }: Context): App {
  const { mailed, dialogue } = mailMetrics(metrics)
  const { SMTP_URL: url, MAIL_FROM: from, CONCURRENCY: connections } = config
  const smtp = smtpMailer({ url, from, connections, told: dialogue })
  const sentMails = openSentMails(config.SENT_FILE)
  const parts = {
    send: smtp.send,
    sentMails,
    declinedTopic: config.DECLINED_TOPIC,
    domain: config.MAIL_FROM.domain,
    siteUrl: config.SITE_URL,
    mailed,
    log,
  }
  const sending = nothingSending()
  const worker = atLeastOnceWorker({
    kafka: kafkaConnection(config, 'email', log),
    group: config.GROUP_ID,
    instance: placeName(config.PORT),
    inputs: [config.CONFIRM_TOPIC, config.DECLINED_TOPIC],
    concurrency: config.CONCURRENCY,
    metrics,
    // The records of one restaurant are mails to many diners: none waits for another.
    ordered: false,
    handle: (record, attempt) => sendMails(record, attempt, parts, sending),
  })
  return {
    ...worker,
    stop: async () => {
      await worker.stop()
      smtp.close()
      sentMails.close()
    },
  }
}
