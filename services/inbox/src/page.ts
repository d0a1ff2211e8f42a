import type { InboxMessage, InboxMessages } from 'kafka-restaurants-contracts'
import { escapeHtml } from 'kafka-restaurants-service'

interface Content {
  /** the address that the list is for; empty for all */
  to: string
  list: InboxMessages
  /** the id of the mail that came last when the list was made: the page hears of what came after it */
  newest: number
  open?: { mail: InboxMessage; view: 'html' | 'text' }
  nonce: string
}

/** The whole page: the list, and the opened mail. Links are relative, so that it works under any path. */
export function page({ to, list, newest, open, nonce }: Content): string {
  const root = open ? '../' : './'
  const title = open ? subjectOf(open.mail) : to ? `Mail for ${to}` : 'Inbox'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Kafka Restaurants mail</title>
<link rel="icon" href="data:,">
<style>${css}</style>
</head>
<body class="${open ? 'reading' : 'listing'}">
<header>
  <a class="brand" href="${root}${query({ to })}"><span aria-hidden="true">✉</span> Kafka Restaurants <b>mail</b></a>
  <form action="${root}" role="search">
    <input type="search" name="to" value="${escapeHtml(to)}" placeholder="Mail for which address?" aria-label="Mail for address">
    <button>Show</button>
  </form>
</header>
<div class="panes">
<nav id="mails" aria-label="Mails" data-events="${root}events?lastEventId=${newest}">${mailList(list, to, root, open?.mail.id)}</nav>
<main>${open ? openMail(open.mail, open.view, to) : nothingOpen(list)}</main>
</div>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`
}

function mailList({ total, messages }: InboxMessages, to: string, root: string, openId = ''): string {
  if (messages.length === 0) {
    const whose = to ? `for <b>${escapeHtml(to)}</b>` : 'here'
    return `<p class="empty">No mail ${whose} yet.<br>It shows up by itself when it arrives.</p>`
  }
  const shown = messages.length < total ? `, the newest ${messages.length} shown` : ''
  const items = messages.map(mail => {
    const current = mail.id === openId ? ' aria-current="true"' : ''
    return `<li><a href="${root}messages/${escapeHtml(mail.id)}${query({ to })}"${current}>
      <strong>${escapeHtml(subjectOf(mail))}</strong>
      <span>${escapeHtml(mail.to.join(', '))}</span>${time(mail.receivedAt)}</a></li>`
  })
  return `<p class="count" role="status">${total} ${total === 1 ? 'mail' : 'mails'}${shown}</p><ol>${items.join('')}</ol>`
}

const nothingOpen = ({ messages }: InboxMessages) =>
  messages.length === 0 ? '' : '<p class="empty">Choose a mail to read it.</p>'

function openMail(mail: InboxMessage, view: 'html' | 'text', to: string): string {
  const shown = mail.html ? view : 'text'
  const tab = (name: 'html' | 'text', label: string) =>
    `<a href="${query({ to, view: name })}"${name === shown ? ' aria-current="true"' : ''}>${label}</a>`
  return `<article>
  <a class="back" href="../${query({ to })}">← All mails</a>
  <h1>${escapeHtml(subjectOf(mail))}</h1>
  <dl>
    <dt>From</dt><dd>${escapeHtml(mail.from)}</dd>
    <dt>To</dt><dd>${escapeHtml(mail.to.join(', '))}</dd>
    <dt>Received</dt><dd>${time(mail.receivedAt)}</dd>
    <dt>Message-ID</dt><dd><code>${escapeHtml(mail.messageId) || '–'}</code></dd>
  </dl>
  ${mail.html ? `<div class="tabs">${tab('html', 'Mail')}${tab('text', 'Plain text')}</div>` : ''}
  ${
    shown === 'html'
      ? `<iframe title="The mail" sandbox="" referrerpolicy="no-referrer" srcdoc="${escapeHtml(mail.html)}"></iframe>`
      : `<pre>${escapeHtml(mail.text)}</pre>`
  }
</article>`
}

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

const css = `
:root { --paper: #fffaf3; --card: #fff; --ink: #2b1d14; --soft: #7a6558; --line: #eadfd1; --brand: #b4371f; --tint: #fbe9dc }
* { box-sizing: border-box }
body { margin: 0; height: 100dvh; display: flex; flex-direction: column; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif }
header { display: flex; flex-wrap: wrap; gap: .75rem 2rem; align-items: center; justify-content: space-between;
  padding: .75rem 1.25rem; background: var(--brand); color: #fff }
.brand { color: #fff; text-decoration: none; font: 600 1.15rem/1.4 Georgia, serif }
.brand b { font-weight: 400; opacity: .85 }
form { display: flex; gap: .5rem; flex: 1; max-width: 28rem }
input { flex: 1; min-width: 0; padding: .5rem .75rem; border: 0; border-radius: .5rem; font: inherit; color: var(--ink);
  background: #fff }
button { padding: .5rem 1rem; border: 0; border-radius: .5rem; font: 600 1rem/1.5 system-ui, sans-serif; cursor: pointer;
  color: var(--ink); background: #ffd9a8 }
.panes { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(16rem, 24rem) 1fr }
nav { overflow: auto; border-right: 1px solid var(--line); background: var(--card) }
.count { margin: 0; padding: .75rem 1.25rem; color: var(--soft); font-size: .875rem; border-bottom: 1px solid var(--line) }
ol { margin: 0; padding: 0; list-style: none }
nav a { display: block; padding: .75rem 1.25rem; color: inherit; text-decoration: none; border-bottom: 1px solid var(--line);
  border-left: 4px solid transparent }
nav a:hover { background: var(--paper) }
nav a[aria-current] { background: var(--tint); border-left-color: var(--brand) }
nav strong, nav span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
nav span, time, dt { color: var(--soft); font-size: .875rem }
.empty { margin: 0; padding: 4rem 1.5rem; text-align: center; color: var(--soft); overflow-wrap: anywhere }
main { min-width: 0; overflow: auto }
article { display: flex; flex-direction: column; min-height: 100%; padding: 1.5rem 2rem }
h1 { margin: 0 0 .75rem; font: 600 1.6rem/1.25 Georgia, serif; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem 1rem; margin: 0 0 1rem }
dd { margin: 0; overflow-wrap: anywhere }
code { font-size: .875rem }
.tabs { display: flex; gap: .25rem; border-bottom: 1px solid var(--line) }
.tabs a { padding: .5rem 1rem; color: var(--soft); text-decoration: none; border-bottom: 3px solid transparent }
.tabs a[aria-current] { color: var(--brand); border-bottom-color: var(--brand); font-weight: 600 }
iframe { flex: 1; width: 100%; min-height: 32rem; margin-top: 1rem; border: 1px solid var(--line); border-radius: .75rem;
  background: #fff }
pre { margin: 1rem 0 0; padding: 1.25rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem }
.back { display: none; color: var(--brand); margin-bottom: .75rem }
:focus-visible { outline: 3px solid #ffb45e; outline-offset: -2px }
@media (max-width: 48rem) {
  .panes { grid-template-columns: 1fr }
  .reading nav, .listing main { display: none }
  nav { border-right: 0 }
  article { padding: 1rem 1.25rem }
  .back { display: inline-block }
}
`
