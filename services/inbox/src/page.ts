import type { InboxMessage, InboxMessages } from 'kafka-restaurants-contracts'
import { escapeHtml } from 'kafka-restaurants-service'
import { css, logoCss } from './style.ts'

interface Content {
  /** the address that the list is for; empty for all */
  to: string
  list: InboxMessages
  /** the id of the mail that came last when the list was made: the page hears of what came after it */
  newest: number
  open?: { mail: InboxMessage; view: 'html' | 'text' }
  /** the site, where it is known */
  siteUrl?: string | undefined
  nonce: string
}

/** The whole page: the list, and the opened mail. Links are relative, so that it works under any path. */
export function page({ to, list, newest, open, siteUrl, nonce }: Content): string {
  const root = open ? '../' : './'
  const title = open ? subjectOf(open.mail) : to ? `Mail for ${to}` : 'Inbox'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Kafka Restaurants mail</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<style>${css}</style>
</head>
<body class="${open ? 'reading' : 'listing'}">
<a class="skip" href="#${open ? 'mail' : 'mails'}">Skip to the ${open ? 'mail' : 'mails'}</a>
<header>
  <a class="brand" href="${root}${query({ to })}">${logo} Kafka Restaurants <span>mail</span></a>
  <form action="${root}" role="search">
    <input type="search" name="to" value="${escapeHtml(to)}" placeholder="diner@example.com" aria-label="Mail for which address?">
    <button>Show</button>
  </form>
  ${siteUrl ? `<a class="site" href="${escapeHtml(siteUrl)}">To the site</a>` : ''}
</header>
<main class="panes">
<nav id="mails" tabindex="-1" aria-label="Mails" data-events="${root}events?lastEventId=${newest}">${mailList(list, to, root, open?.mail)}</nav>
<div id="mail" tabindex="-1">${open ? openMail(open.mail, open.view, to) : nothingOpen(list)}</div>
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`
}

function mailList(
  { total, messages }: InboxMessages,
  to: string,
  root: string,
  opened?: InboxMessage,
): string {
  const level = opened ? 'h2' : 'h1'
  const heading = `<${level}>${to ? `Mail for <bdi>${escapeHtml(to)}</bdi>` : 'Inbox'}</${level}>`
  if (messages.length === 0) {
    return `${heading}<p class="empty">No mail ${to ? 'for this address' : 'here'} yet.<br>It shows up by itself when it arrives.</p>`
  }
  const shown = messages.length < total ? `, the newest ${messages.length} shown` : ''
  const items = messages.map(mail => {
    const current = mail.id === opened?.id ? ' aria-current="true"' : ''
    return `<li><a href="${root}messages/${escapeHtml(mail.id)}${query({ to })}"${current}>
      <strong dir="auto">${escapeHtml(subjectOf(mail))}</strong>
      <span dir="auto">${escapeHtml(mail.to.join(', '))}</span>${time(mail.receivedAt)}</a></li>`
  })
  return `${heading}<p class="count" role="status">${total} ${total === 1 ? 'mail' : 'mails'}${shown}</p><ol>${items.join('')}</ol>`
}

const nothingOpen = ({ messages }: InboxMessages) =>
  messages.length === 0 ? '' : '<p class="empty">Choose a mail to read it.</p>'

function openMail(mail: InboxMessage, view: 'html' | 'text', to: string): string {
  const shown = mail.html ? view : 'text'
  const tab = (name: 'html' | 'text', label: string) =>
    `<a href="${query({ to, view: name })}"${name === shown ? ' aria-current="true"' : ''}>${label}</a>`
  return `<article>
  <a class="back" href="../${query({ to })}">← All mails</a>
  <h1 dir="auto">${escapeHtml(subjectOf(mail))}</h1>
  <dl>
    <dt>From</dt><dd><bdi>${escapeHtml(mail.from)}</bdi></dd>
    <dt>To</dt><dd><bdi>${escapeHtml(mail.to.join(', '))}</bdi></dd>
    <dt>Received</dt><dd>${time(mail.receivedAt)}</dd>
    <dt>Message-ID</dt><dd><code>${escapeHtml(mail.messageId) || '–'}</code></dd>
  </dl>
  ${mail.html ? `<div class="tabs">${tab('html', 'Mail')}${tab('text', 'Plain text')}</div>` : ''}
  ${
    shown === 'html'
      ? `<iframe title="The mail" sandbox="${sandbox}" referrerpolicy="no-referrer" srcdoc="${escapeHtml(mail.html)}"></iframe>`
      : `<pre>${escapeHtml(mail.text)}</pre>`
  }
</article>`
}

/** Links that open a page of their own work; scripts, forms and all else do not. */
const sandbox = 'allow-popups allow-popups-to-escape-sandbox'

const subjectOf = (mail: InboxMessage) => mail.subject || '(no subject)'

/** A query string of what is not empty; `?` alone takes an earlier one away. */
function query(values: Record<string, string>): string {
  const given = Object.entries(values).filter(([, value]) => value !== '')
  return escapeHtml(`?${new URLSearchParams(given)}`)
}

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' })
const time = (iso: string) => `<time datetime="${escapeHtml(iso)}">${clock.format(new Date(iso))} UTC</time>`

/** Shows new mail by itself: fetches the page again when the server says that something came, one fetch at a time. */
const script = `
const mails = document.getElementById('mails')
let busy = false, again = false
async function refresh() {
  if (busy) { again = true; return }
  busy = true
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html')
    const fresh = page.getElementById('mails')
    if (fresh) mails.replaceChildren(...fresh.childNodes)
  } catch {}
  busy = false
  if (again) { again = false; refresh() }
}
const events = new EventSource(mails.dataset.events)
events.onmessage = refresh
`

/** The site's, without its colours. */
const logo = `<svg viewBox="0 0 32 32" xmlns="http://www.w3.org/2000/svg" aria-hidden="true"><rect class="logo" width="32" height="32" rx="8"/><path class="logo-line" d="M5 22h22M7.5 22a8.5 8.5 0 0 1 17 0M16 13.5v-3"/><circle class="logo-dot" cx="16" cy="9" r="1.8"/></svg>`
const icon = logo.replace('<rect', `<style>${logoCss}</style><rect`)
