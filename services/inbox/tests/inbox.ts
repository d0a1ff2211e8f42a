import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { InboxMessages } from 'kafka-restaurants-contracts'
import { spawnService } from 'kafka-restaurants-service/testing'
import { onTestFinished } from 'vitest'

/** An inbox on a file of its own; both are gone after the test. */
export async function startInbox({ folder = newFolder(), cap = 5000, siteUrl = '', heapMiB = 256 } = {}) {
  const INBOX_FILE = join(folder, 'deep/er/inbox.sqlite')
  const NODE_OPTIONS = `--max-old-space-size=${heapMiB}`
  const env = { INBOX_FILE, CAP: String(cap), SITE_URL: siteUrl, NODE_OPTIONS }
  const inbox = await spawnService('inbox', env)
  onTestFinished(async () => {
    await inbox.kill('SIGKILL')
  })
  return { ...inbox, ...callers(inbox.url, inbox.smtpPort), folder }
}

function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'inbox-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const callers = (url: string, smtpPort: number) => ({
  get: (path: string) => fetch(`${url}${path}`),
  page: async (path: string) => (await fetch(`${url}${path}`)).text(),
  list: async (query = '') => InboxMessages.parse(await (await fetch(`${url}/api/messages${query}`)).json()),
  setMode: (mode: object) => fetch(`${url}/api/mode`, { method: 'PUT', body: JSON.stringify(mode) }),
  deliver: (mail: Delivery) => deliver(smtpPort, mail),
})

interface Delivery {
  to: string | string[]
  subject?: string
  body?: string
  headers?: string[]
}

/** Delivers a mail over SMTP, a command at a time. Returns the last reply: to what was refused, or to the mail. */
async function deliver(port: number, { to, subject = 'Hello', body = 'Hi', headers = [] }: Delivery) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const lines = createInterface(socket)[Symbol.asyncIterator]()
  const reply = async () => {
    let line: string
    do line = (await lines.next()).value ?? 'closed'
    while (line[3] === '-')
    return line
  }
  const content = ['From: Sender <sender@example.com>', `Subject: ${subject}`, ...headers, '', body, '.']
  const commands = [
    'EHLO test',
    'MAIL FROM:<sender@example.com>',
    ...[to].flat().map(address => `RCPT TO:<${address}>`),
    'DATA',
    content.join('\r\n'),
  ]
  try {
    let last = await reply()
    for (const command of commands) {
      if (!/^[23]/.test(last)) break
      socket.write(`${command}\r\n`)
      last = await reply()
    }
    return last
  } finally {
    socket.destroy()
  }
}
