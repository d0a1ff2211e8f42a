import { type Content, confirmation, decline, type Outcome } from './content.ts'
import { html } from './html.ts'
import { messageId } from './message-id.ts'
import { withoutControls } from './one-line.ts'
import { plainText } from './text.ts'

/** A mail, ready to send. Its `messageId` is the same each time that it is made for the same order and outcome. */
export interface Mail {
  messageId: string
  to: string
  subject: string
  text: string
  html: string
}

/** What is the same for all mails. */
export interface Around {
  /** It ends every Message-ID. */
  domain: string
  /** The site's address, for links to it; without it, there are none. */
  siteUrl?: string | undefined
}

type Addressed = Outcome & {
  email: string
  /** Whether its outcome came without an id: the site does not know the order then. */
  idIsDerived?: boolean
}

/** The mail that tells a diner that the order is paid. */
export const confirmationMail = (order: Addressed & { payment_id: string }, around: Around): Mail =>
  mail(order, confirmation(order, pageOf(order, around)), around)

/** The mail that tells a diner that the bank said no, why, and that nothing was charged. */
export const declineMail = (order: Addressed & { reason: string }, around: Around): Mail =>
  mail(order, decline(order, pageOf(order, around)), around)

const mail = (order: Addressed, content: Content, { domain }: Around): Mail => ({
  messageId: messageId(order.order_id, content.outcome, domain),
  to: withoutControls(order.email),
  subject: content.subject,
  text: plainText(content),
  html: html(content),
})

const pageOf = ({ order_id, idIsDerived }: Addressed, { siteUrl }: Around): string | undefined =>
  siteUrl && !idIsDerived
    ? `${siteUrl.replace(/\/+$/, '')}/orders/${encodeURIComponent(order_id.toWellFormed())}`
    : undefined
