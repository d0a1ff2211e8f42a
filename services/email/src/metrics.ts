import { histogram, type Metrics, observeTraced } from 'kafka-restaurants-service'

type MailOutcome = 'paid' | 'declined'
/** What the server says of a mail: it has it, will not have it, or not now; `failed` is all that concerns every mail. */
export type SendOutcome = 'sent' | 'refused' | 'put-off' | 'failed'

/** What email tells of its mails; of none to whom it went. */
export interface MailMetrics {
  /** The server has taken the mail of an order, of which it may be known when that was placed (ISO 8601). */
  mailed: (outcome: MailOutcome, placedAt: string | undefined) => void
  /** One try to hand a mail over has ended. */
  dialogue: (outcome: SendOutcome, seconds: number) => void
}

export function mailMetrics(metrics: Metrics): MailMetrics {
  const mails = histogram(metrics, {
    name: 'order_mail_seconds',
    help: 'Seconds from when an order was placed, as it says, to when the mail server has taken the mail of its outcome; without orders that do not say so',
    labelNames: ['outcome'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600],
    enableExemplars: true,
  })
  const dialogues = histogram(metrics, {
    name: 'smtp_send_seconds',
    help: 'Seconds that one try to hand a mail to the mail server took, by its answer',
    labelNames: ['outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  })
  return {
    mailed: (outcome, placedAt) => {
      const placed = placedAt === undefined ? Number.NaN : Date.parse(placedAt)
      if (Number.isNaN(placed)) return
      observeTraced(mails, Math.max(0, Date.now() - placed) / 1_000, { labels: { outcome } })
    },
    dialogue: (outcome, seconds) => dialogues.observe({ outcome }, seconds),
  }
}
