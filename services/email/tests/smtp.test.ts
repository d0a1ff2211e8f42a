import { mkdtempSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InboxMessages } from 'kafka-restaurants-contracts'
import { spawnService } from 'kafka-restaurants-service/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MailPutOffError, MailServerError, smtpMailer, UndeliverableError } from '../src/adapters/smtp.ts'
import { confirmationMail } from '../src/mail.ts'

const from = {
  name: 'Kafka Restaurants: Orders, "quick"',
  address: 'orders@kafka-restaurants.example',
  domain: 'kafka-restaurants.example',
}

const mailTo = (email: string, orderId = 'order-1', name?: string) =>
  confirmationMail(
    {
      order_id: orderId,
      restaurant: name ?? 'Olive & Thyme – Café',
      email,
      card_last4: '4242',
      items: [{ id: 'tea', name: name ?? 'Mint tea', quantity: 1, price_cents: 300 }],
      amount_cents: 300,
      currency: 'EUR',
      payment_id: 'pay_1',
    },
    { domain: 'kafka-restaurants.example' },
  )

function senderTo(url: string) {
  const sender = smtpMailer({ url, from, connections: 3 })
  onTestFinished(sender.close)
  return sender
}

async function startInbox() {
  const folder = mkdtempSync(join(tmpdir(), 'email-'))
  const inbox = await spawnService('inbox', { INBOX_FILE: join(folder, 'inbox.sqlite') })
  onTestFinished(() => void inbox.kill('SIGKILL'))
  const port = Number(/"port":(\d+),"msg":"smtp listening"/.exec(inbox.printed())?.[1])
  const setMode = (mode: object) =>
    fetch(`${inbox.url}/api/mode`, { method: 'PUT', body: JSON.stringify(mode) })
  const messages = async (query = '') =>
    InboxMessages.parse(await (await fetch(`${inbox.url}/api/messages${query}`)).json())
  return { ...senderTo(`smtp://127.0.0.1:${port}`), smtpUrl: `smtp://127.0.0.1:${port}`, setMode, messages }
}

/** A mail server that answers each command as it is told to. */
async function scriptedServer(answer: (command: string) => string, greeting = '220 hello') {
  const server = createServer(socket => {
    socket.write(`${greeting}\r\n`)
    let isData = false
    socket.on('error', () => {})
    socket.on('data', chunk => {
      for (const line of String(chunk).split('\r\n').filter(Boolean)) {
        if (isData && line !== '.') continue
        const reply = answer(line)
        isData = reply.startsWith('354')
        socket.write(`${reply}\r\n`)
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return `smtp://127.0.0.1:${typeof address === 'object' && address?.port}`
}

/** Why sending failed. */
const failure = (sending: Promise<void>): Promise<Error> =>
  sending.then(
    () => new Error('it was sent'),
    error => error,
  )

describe('a mail', () => {
  it('arrives as it was written', async () => {
    const inbox = await startInbox()
    const mail = mailTo('Diner+tag@example.com')
    await inbox.send(mail)
    const [message] = (await inbox.messages()).messages
    expect(message).toMatchObject({ to: [mail.to], subject: mail.subject, messageId: mail.messageId })
    expect(message?.from).toBe(`${from.name} <${from.address}>`)
    expect(message?.text.trim().replaceAll('\r\n', '\n')).toBe(mail.text.trim())
    expect(message?.html.trim().replaceAll('\r\n', '\n')).toBe(mail.html.trim())
  })

  it.each([
    'Olive & Thyme: "the" (only) one, ltd.; <b>',
    'Zur alten Mühle',
    '日本料理 寿司屋 とても長い名前のレストラン',
    'مطعم الزيتون',
    '👩‍🍳🍕 Größe',
    'half \ud83c a pair',
    '=?utf-8?Q?Not_encoded?=',
    `${'x'.repeat(1_100)} and ${'ü'.repeat(1_100)}`,
    `.${'y'.repeat(75)}\n.\n..\n. two \t tabs`,
  ])('arrives as it was written, with a restaurant and a dish named %j', async name => {
    const inbox = await startInbox()
    const mail = mailTo('diner@example.com', 'order-1', name)
    await inbox.send(mail)
    const [message] = (await inbox.messages()).messages
    const written = (text = '') => text.toWellFormed().replaceAll('\r\n', '\n').trim()
    expect(message?.subject).toBe(written(mail.subject))
    expect(written(message?.text)).toBe(written(mail.text))
    expect(written(message?.html)).toBe(written(mail.html))
  })

  it.each([
    'some=thing/a~b@example.com',
    'user@münchen.example',
    'grüße@日本.example',
    'דנה@דוגמה.קום',
    'user@xn--mnchen-3ya.example',
  ])('to %s arrives', async email => {
    const inbox = await startInbox()
    await inbox.send(mailTo(email))
    expect((await inbox.messages(`?to=${encodeURIComponent(email)}`)).messages).toHaveLength(1)
  })

  it('to a mailbox with letters of another alphabet says so to the server (RFC 6531)', async () => {
    const said: string[] = []
    const url = await scriptedServer(command => {
      said.push(command)
      if (command.startsWith('EHLO')) return '250-hello\r\n250 SMTPUTF8'
      return command === 'DATA' ? '354 go on' : '250 fine'
    })
    await senderTo(url).send(mailTo('דנה@דוגמה.קום'))
    expect(said).toEqual(
      expect.arrayContaining([expect.stringMatching(/^MAIL FROM:.* SMTPUTF8$/), 'RCPT TO:<דנה@דוגמה.קום>']),
    )
  })

  it('goes through the proxy that the URL names', async () => {
    const inbox = await startInbox()
    const asked: string[] = []
    const proxy = createServer(client => {
      client.on('error', () => {})
      client.once('data', request => {
        const [, host = '', port = ''] = /^CONNECT ([^:]+):(\d+) /.exec(String(request)) ?? []
        asked.push(`${host}:${port}`)
        const server = connect(Number(port), host, () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
        server
          .on('error', () => {})
          .pipe(client)
          .pipe(server)
      })
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const address = proxy.address()
    const proxyUrl = `http://127.0.0.1:${typeof address === 'object' && address?.port}`
    await senderTo(`${inbox.smtpUrl}?proxy=${encodeURIComponent(proxyUrl)}`).send(mailTo('diner@example.com'))
    expect(asked).toEqual([new URL(inbox.smtpUrl).host])
    expect((await inbox.messages()).total).toBe(1)
  })

  it('is one of many sent at the same time, and none is lost', async () => {
    const inbox = await startInbox()
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => inbox.send(mailTo('diner@example.com', `order-${n}`))),
    )
    const { messages } = await inbox.messages()
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(100)
  })
})

describe('an address', () => {
  it('that the server refuses is undeliverable, in the words of the server; the next mail goes out', async () => {
    const inbox = await startInbox()
    await inbox.setMode({ mode: 'refuse', address: 'gone@example.com' })
    const error = await failure(inbox.send(mailTo('gone@example.com')))
    expect(error).toBeInstanceOf(UndeliverableError)
    expect(error.message).toMatch(/^550 .*No such mailbox/)
    await inbox.send(mailTo('diner@example.com'))
    expect((await inbox.messages()).total).toBe(1)
  })

  it.each([
    'nobody',
    'a@b.example, c@d.example',
    'a@b.example> SIZE=1',
    '<a@b.example>',
    'a b@c.example',
    'a@b-.example',
    `${'x'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.example`,
    '',
  ])('such as "%s" is undeliverable, and nobody gets a mail', async email => {
    const sender = senderTo(await scriptedServer(() => '250 ok'))
    expect(await failure(sender.send(mailTo(email)))).toBeInstanceOf(UndeliverableError)
  })

  it('is not in the words of any failure', async () => {
    for (const code of ['550', '450']) {
      const url = await scriptedServer(command =>
        command.startsWith('RCPT') ? `${code} <diner@example.com> is unknown to host@mx.example` : '250 ok',
      )
      const error = await failure(senderTo(url).send(mailTo('diner@example.com')))
      expect(error.message).toBe(`${code} <<address>> is unknown to <address>`)
      expect(JSON.stringify({ ...error, stack: error.stack, cause: error.cause })).not.toContain('diner@')
    }
  })
})

describe('an outage', () => {
  it('is a server that is away, until it is back', async () => {
    const inbox = await startInbox()
    await inbox.send(mailTo('diner@example.com', 'before'))
    await inbox.setMode({ mode: 'away' })
    expect(await failure(inbox.send(mailTo('diner@example.com')))).toBeInstanceOf(MailServerError)
    expect(await failure(senderTo(inbox.smtpUrl).send(mailTo('diner@example.com')))).toBeInstanceOf(
      MailServerError,
    )
    await inbox.setMode({ mode: 'normal' })
    await inbox.send(mailTo('diner@example.com', 'after'))
    expect((await inbox.messages()).total).toBe(2)
  })

  it('is a server that nobody runs', async () => {
    const error = await failure(senderTo('smtp://127.0.0.1:1').send(mailTo('diner@example.com')))
    expect(error).toBeInstanceOf(MailServerError)
    expect(error.message).toContain('ECONNREFUSED')
  })

  it.each([
    ['the greeting', '554 go away', ''],
    ['the sender', '220 hello', 'MAIL'],
    ['the recipient, and goes away', '220 hello', 'RCPT 421'],
    ['the recipient before login', '220 hello', 'RCPT 530'],
    ['the sender for now', '220 hello', 'MAIL 451'],
    ['us, in any greeting', '220 hello', '(EHLO|HELO) 541'],
  ])('is a server that refuses %s', async (_what, greeting, refused) => {
    const [verb, code = '550'] = refused.split(' ')
    const url = await scriptedServer(
      command => (verb && new RegExp(`^${verb}`).test(command) ? `${code} no` : '250 ok'),
      greeting,
    )
    expect(await failure(senderTo(url).send(mailTo('diner@example.com')))).toBeInstanceOf(MailServerError)
  })
})

it.each(['400', '441', '450', '451', '452', '471', '499'])(
  'a mail whose recipient is answered %s is put off',
  async code => {
    const url = await scriptedServer(command => (command.startsWith('RCPT') ? `${code} later` : '250 ok'))
    const error = await failure(senderTo(url).send(mailTo('diner@example.com')))
    expect(error).toBeInstanceOf(MailPutOffError)
    expect(error.message).toBe(`${code} later`)
  },
)

it.each(['500', '501', '503', '511', '521', '541', '550', '571', '599'])(
  'a mail whose recipient is answered %s is undeliverable, and so is one whose content is',
  async code => {
    const atRcpt = await scriptedServer(command => (command.startsWith('RCPT') ? `${code} no` : '250 ok'))
    const atData = await scriptedServer(command => (command === 'DATA' ? `${code} no` : '250 ok'))
    const atEnd = await scriptedServer(command =>
      command === 'DATA' ? '354 go on' : command === '.' ? `${code} no` : '250 ok',
    )
    for (const url of [atRcpt, atData, atEnd]) {
      const error = await failure(senderTo(url).send(mailTo('diner@example.com')))
      expect([error.name, error.message]).toEqual(['UndeliverableError', `${code} no`])
    }
  },
)

it('a mail that is larger than the server takes is undeliverable, as soon as that is known', async () => {
  const url = await scriptedServer(command => (command.startsWith('MAIL') ? '552 too large' : '250 ok'))
  expect(await failure(senderTo(url).send(mailTo('diner@example.com')))).toBeInstanceOf(UndeliverableError)
})

it('a mail whose content the server refuses for good is undeliverable', async () => {
  const url = await scriptedServer(command =>
    command === 'DATA' ? '354 go on' : command === '.' ? '554 looks like spam' : '250 ok',
  )
  const error = await failure(senderTo(url).send(mailTo('diner@example.com')))
  expect([error.name, error.message]).toEqual(['UndeliverableError', '554 looks like spam'])
})

it.each([
  ['sent', () => '250 ok'],
  ['refused', (command: string) => (command.startsWith('RCPT') ? '550 no' : '250 ok')],
  ['put-off', (command: string) => (command.startsWith('RCPT') ? '450 later' : '250 ok')],
  ['failed', (command: string) => (command.startsWith('MAIL') ? '451 not now' : '250 ok')],
])('a mail that is %s is told of as that, once, with how long it took', async (outcome, answer) => {
  const url = await scriptedServer(command => (command === 'DATA' ? '354 go on' : answer(command)))
  const told: string[] = []
  const sender = smtpMailer({
    ...{ url, from, connections: 1 },
    told: (what, seconds) => {
      expect(seconds).toBeGreaterThan(0)
      told.push(what)
    },
  })
  onTestFinished(sender.close)
  await sender.send(mailTo('diner@example.com')).catch(() => {})
  expect(told).toEqual([outcome])
})
