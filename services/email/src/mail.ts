import { isMailAddress, money, type OrderItem, whyDeclined } from 'kafka-restaurants-contracts'
import { escapeHtml } from 'kafka-restaurants-service'

/** A mail, ready to send. Its `messageId` is the same each time that it is made for the same order and outcome. */
export interface Mail {
  messageId: string
  to: string
  subject: string
  text: string
  html: string
}

/** What a mail says of an order. The first generation names no amount, and so nothing is said of any. */
interface Outcome {
  order_id: string
  restaurant: string
  email: string
  items: OrderItem[]
  amount_cents?: number | null | undefined
  currency: string
  card_last4: string
}

/** The mail that tells a diner that the order is paid. `domain` ends the Message-ID. */
export function confirmationMail(order: Outcome & { payment_id: string }, domain: string): Mail {
  const amount = amountOf(order)
  const charged = amount === undefined ? '' : ` Your ${card(order)} was charged ${amount}.`
  return mail(order, {
    messageId: messageId(order.order_id, 'confirmed', domain),
    subject: `Your order at ${order.restaurant} is confirmed`,
    accent: '#2f6b3a',
    heading: 'Your order is confirmed',
    lead: `${order.restaurant} has your order.${charged}`,
    facts: [
      ['Paid with', charged && `Your ${card(order)}`],
      ['Payment', order.payment_id],
    ],
    closing: 'Enjoy your meal!',
  })
}

/** The mail that tells a diner that the bank said no, why, and that nothing was charged. */
export function declineMail(order: Outcome & { reason: string }, domain: string): Mail {
  return mail(order, {
    messageId: messageId(order.order_id, 'declined', domain),
    subject: `Your order at ${order.restaurant} could not be paid`,
    accent: '#b4371f',
    heading: 'Your order could not be paid',
    lead: `${whyDeclined(order.reason)} Nothing was charged, and ${order.restaurant} will not cook this order.`,
    facts: [['Not charged', `Your ${card(order)}`]],
    closing: 'You are welcome to order again with another card.',
  })
}

/** Who sends a mail. */
export interface Sender {
  name: string
  address: string
  /** That of the address; it ends every Message-ID. */
  domain: string
}

/**
 * Reads a sender such as `Name <address@domain>`; undefined where it is none. The name is taken as it is, as it goes into
 * a header quoted: what a `:`, `,` or `;` in it would mean there (a group, a list) is nothing that a sender can be.
 */
export function senderOf(from: string): Sender | undefined {
  const [, name = '', inBrackets, bare] =
    /^(?:([^<>\r\n]*)<([^\s<>]+)>|([^\s<>]+))$/.exec(from.trim())?.map(part => part ?? '') ?? []
  const address = inBrackets || bare || ''
  // A mail server of one's own may know hosts by one label, as localhost.
  const isAddress = isMailAddress(address) || isMailAddress(`${address}.example`)
  const domain = isAddress ? /@([a-z\d.-]+)$/i.exec(address)?.[1] : undefined
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(name.trim())?.[1]?.replace(/\\(.)/g, '$1')
  return domain === undefined ? undefined : { name: quoted ?? name.trim(), address, domain }
}

/**
 * An order id may hold any characters, a Message-ID (RFC 5322 dot-atom) few: the others are written as `=XX`, as is
 * `=` itself, so that two orders never share an id. Half a surrogate pair has no UTF-8, and so is escaped as in JSON.
 */
function messageId(orderId: string, outcome: 'confirmed' | 'declined', domain: string): string {
  const safe = [...new TextEncoder().encode(JSON.stringify(orderId).slice(1, -1))]
    .map(byte => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9_-]/.test(character)
        ? character
        : `=${byte.toString(16).padStart(2, '0').toUpperCase()}`
    })
    .join('')
  return `<${safe}.${outcome}@${domain}>`
}

interface Content {
  messageId: string
  subject: string
  accent: string
  heading: string
  lead: string
  facts: [name: string, value: string][]
  closing: string
}

function mail(order: Outcome, content: Content): Mail {
  const all: Content['facts'] = [...content.facts, ['Order', order.order_id]]
  const facts = all.filter(([, value]) => value !== '')
  return {
    messageId: content.messageId,
    to: oneLine(order.email),
    subject: oneLine(content.subject),
    text: text(order, { ...content, facts }),
    html: html(order, { ...content, facts }),
  }
}

function text(order: Outcome, { heading, lead, facts, closing }: Content): string {
  const items = order.items.map(
    item => `${item.quantity} × ${item.name}: ${money(costOf(item), order.currency)}`,
  )
  const amount = amountOf(order)
  const costs = [...items, ...(amount === undefined ? [] : [`Total: ${amount}`])]
  return [
    heading,
    '',
    lead,
    '',
    ...costs,
    ...(costs.length > 0 ? [''] : []),
    ...facts.map(([name, value]) => `${name}: ${value}`),
    '',
    closing,
    'Kafka Restaurants',
    '',
  ].join('\n')
}

/** Tables and inline styles, as that is what mail programs show alike. */
function html(order: Outcome, { subject, accent, heading, lead, facts, closing }: Content): string {
  const row = (name: string, value: string, style = '') =>
    `<tr><td style="padding:8px 0;border-bottom:1px solid #eadfd1;${style}">${escapeHtml(name)}</td>` +
    `<td align="right" style="padding:8px 0;border-bottom:1px solid #eadfd1;white-space:nowrap;${style}">${escapeHtml(value)}</td></tr>`
  const amount = amountOf(order)
  const costs = [
    ...order.items.map(item => row(`${item.quantity} × ${item.name}`, money(costOf(item), order.currency))),
    ...(amount === undefined ? [] : [row('Total', amount, 'font-weight:bold')]),
  ]
  const details = facts.map(
    ([name, value]) =>
      `<tr><td style="padding:2px 16px 2px 0;color:#7a6558;white-space:nowrap">${escapeHtml(name)}</td>` +
      `<td style="padding:2px 0;word-break:break-word">${escapeHtml(value)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(oneLine(subject))}</title></head>
<body style="margin:0;padding:0;background:#fffaf3;color:#2b1d14;font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#fffaf3"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff;border:1px solid #eadfd1;border-radius:12px">
<tr><td style="padding:20px 28px 0;font-family:Georgia,serif;font-size:18px;color:#b4371f">Kafka Restaurants</td></tr>
<tr><td style="padding:12px 28px 0"><h1 style="margin:0;font-family:Georgia,serif;font-size:26px;line-height:1.25;color:${accent}">${heading}</h1></td></tr>
<tr><td style="padding:12px 28px 8px">${escapeHtml(lead)}</td></tr>
<tr><td style="padding:8px 28px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0">
${costs.join('\n')}
</table></td></tr>
<tr><td style="padding:12px 28px"><table role="presentation" cellpadding="0" cellspacing="0" style="font-size:14px">
${details.join('\n')}
</table></td></tr>
<tr><td style="padding:8px 28px 28px">${escapeHtml(closing)}</td></tr>
</table></td></tr></table></body></html>
`
}

const amountOf = (order: Outcome): string | undefined =>
  typeof order.amount_cents === 'number' ? money(order.amount_cents, order.currency) : undefined

const costOf = (item: OrderItem) => item.quantity * item.price_cents

const card = ({ card_last4 }: { card_last4: string }) =>
  card_last4 ? `card ending in ${card_last4}` : 'card'

/** A header is one line: whatever would end it becomes a space, so that nobody can add headers. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get into a header
const oneLine = (value: string) => value.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim()
