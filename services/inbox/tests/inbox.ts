import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { InboxMessages } from 'kafka-restaurants-contracts'
import { createContext, readConfig, startService } from 'kafka-restaurants-service'
import { onTestFinished } from 'vitest'
import { createApp } from '../src/app.ts'
import { Config } from '../src/config.ts'

export const newFolder = () => mkdtempSync(join(tmpdir(), 'inbox-'))

/** An inbox in this process, on free ports and a file of its own. */
export async function startInbox({ folder = newFolder(), cap = 5000 } = {}) {
  const config = readConfig(Config, {
    PORT: '0',
    METRICS_PORT: '0',
    SMTP_PORT: '0',
    HOST: '127.0.0.1',
    INBOX_FILE: join(folder, 'deep/er/inbox.sqlite'),
    CAP: String(cap),
  })
  const context = createContext('inbox', 'silent')
  const app = createApp(config, context)
  const running = await startService(app, config, context)
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= running.stop()
    return stopped
  }
  onTestFinished(stop)
  return { ...callers(`http://127.0.0.1:${running.port}`, app.smtpPort()), folder, stop }
}

export function callers(url: string, smtpPort: number) {
  return {
    url,
    smtpPort,
    get: (path: string) => fetch(`${url}${path}`),
    page: async (path: string) => (await fetch(`${url}${path}`)).text(),
    list: async (query = '') =>
      InboxMessages.parse(await (await fetch(`${url}/api/messages${query}`)).json()),
    setMode: (mode: object) => fetch(`${url}/api/mode`, { method: 'PUT', body: JSON.stringify(mode) }),
    deliver: (mail: Delivery) => deliver(smtpPort, mail),
  }
}

export interface Delivery {
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
