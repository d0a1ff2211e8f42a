import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { deadLetterTopic, InboxMessages } from 'kafka-restaurants-contracts'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { type SpawnedService, spawnService } from 'kafka-restaurants-service/testing'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  onTestFinished,
  vi,
} from 'vitest'

const brokers = inject('bootstrap')
const kafka = testKafka(brokers, createContext('test', 'silent').log)

let inbox: SpawnedService
let smtpPort: number
let folder: string
let topics: { confirm: string; declined: string }
let group: string
const workers = new Set<SpawnedService>()

beforeAll(async () => {
  smtpPort = await freePort()
  folder = mkdtempSync(join(tmpdir(), 'email-'))
  inbox = await spawnService('inbox', {
    SMTP_PORT: String(smtpPort),
    INBOX_FILE: join(folder, 'inbox.sqlite'),
  })
})
afterAll(async () => {
  await inbox.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  group = randomUUID()
  topics = { confirm: await kafka.topic('confirm', 2), declined: await kafka.topic('declined', 2) }
})
afterEach(async () => {
  await setInbox({ mode: 'normal' })
  await Promise.all([...workers].map(worker => worker.kill('SIGKILL')))
  workers.clear()
})

async function startEmail(env: Record<string, string> = {}) {
  const worker = await spawnService('email', {
    BOOTSTRAP_SVR: brokers,
    GROUP_ID: group,
    CONFIRM_TOPIC: topics.confirm,
    DECLINED_TOPIC: topics.declined,
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    SENT_FILE: join(folder, `${group}.sqlite`),
    ...env,
  })
  workers.add(worker)
  return worker
}
/** A mail server that answers each recipient as it is told to, and notes those whose mails it has taken. */
async function mailServerThat(
  onRecipient: (to: string, answer: (line: string) => void, socket: Socket) => void,
  taken: string[],
): Promise<number> {
  const server = createServer(socket => {
    const answer = (line: string) => void socket.write(`${line}\r\n`)
    let [to, isData] = ['', false]
    socket.on('error', () => {})
    answer('220 hello')
    const lines = createInterface(socket).on('error', () => {})
    lines.on('line', line => {
      if (isData) {
        if (line !== '.') return
        isData = false
        taken.push(to)
        answer('250 ok')
      } else if (line.startsWith('RCPT TO:')) {
        to = line.slice(line.indexOf('<') + 1, line.indexOf('>'))
        onRecipient(to, answer, socket)
      } else if (line === 'DATA') {
        isData = true
        answer('354 go on')
      } else answer('250 ok')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}
const setInbox = async (mode: object) => {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(`${inbox.url}/api/mode`, {
    method: 'PUT',
    headers,
    body: JSON.stringify(mode),
  })
  expect(response.ok).toBe(true)
}
const mailsTo = async (email: string) => {
  const response = await fetch(`${inbox.url}/api/messages?to=${encodeURIComponent(email)}&limit=1000`)
  return InboxMessages.parse(await response.json()).messages
}
const outcome = (email: string) => ({
  order_id: randomUUID(),
  restaurant: 'Olive & Thyme',
  email,
  card_last4: '4242',
  items: [{ id: 'soup', name: 'Soup', quantity: 2, price_cents: 500 }],
  amount_cents: 1000,
  currency: 'EUR',
})
const confirmed = (email: string) => ({
  ...outcome(email),
  payment_id: 'pay_7',
  confirmed_at: new Date().toISOString(),
})
const publish = (topic: string, ...lists: unknown[]) =>
  kafka.write(...lists.map(list => ({ topic, key: randomUUID(), value: JSON.stringify(list) })))
const newEmail = () => `${randomUUID()}@example.com`
const drained = (topic: string) =>
  vi.waitFor(async () => expect(await kafka.lag(group, topic)).toBe(0), { timeout: 15_000, interval: 200 })

describe('email', () => {
  it('mails every confirmed and every declined order, once', async () => {
    const [paid, poor] = [newEmail(), newEmail()]
    await publish(topics.confirm, [confirmed(paid)])
    await publish(topics.declined, [
      { ...outcome(poor), reason: 'expired_card', declined_at: new Date().toISOString() },
    ])
    const worker = await startEmail()
    await Promise.all([drained(topics.confirm), drained(topics.declined)])
    expect(await mailsTo(paid)).toMatchObject([{ subject: expect.stringMatching(/confirmed/) }])
    expect((await mailsTo(paid))[0]?.text).toMatch(/2 × Soup.*€10\.00.*4242.*pay_7/s)
    expect(await mailsTo(poor)).toMatchObject([
      { text: expect.stringMatching(/expired.*Nothing was charged/s) },
    ])
    expect(worker.printed()).not.toContain('@example.com')
  })

  it('writes in the language of the order, with its details and a link to its page, and logs none of them', async () => {
    const email = newEmail()
    const order = {
      ...confirmed(email),
      restaurant: 'תמר ורימון',
      locale: 'he',
      name: 'דנה לוי',
      phone: '+49 30 1234567',
      fulfilment: 'delivery',
      address: { street: 'Olive Street 5', city: 'Berlin' },
      note: 'בלי בצל',
    }
    const worker = await startEmail({ SITE_URL: 'https://eat.example', LOG_LEVEL: 'trace' })
    await publish(topics.confirm, [order])
    await drained(topics.confirm)
    const [mail] = await mailsTo(email)
    expect(mail?.subject).toBe('ההזמנה אושרה: תמר ורימון')
    expect(mail?.html).toContain('<html dir="rtl" lang="he">')
    const personal = ['דנה לוי', '+49 30 1234567', 'Olive Street 5', 'בלי בצל']
    for (const said of [...personal, `https://eat.example/orders/${order.order_id}`]) {
      expect(mail?.text).toContain(said)
      expect(mail?.html).toContain(said)
    }
    expect(worker.printed()).toContain(order.order_id)
    for (const said of [email, ...personal]) expect(worker.printed()).not.toContain(said)
  })

  it('mails every order of a list, also of one that the first generation wrote', async () => {
    const emails = [newEmail(), newEmail(), newEmail()]
    await publish(
      topics.confirm,
      emails.map(email => ({ email, restaurant: 'Olive & Thyme' })),
    )
    await startEmail()
    await drained(topics.confirm)
    for (const email of emails) expect(await mailsTo(email)).toHaveLength(1)
  })

  it('mails an order once, whichever records bring it, and has a Message-ID for each', async () => {
    const [email, other] = [newEmail(), newEmail()]
    const order = confirmed(email)
    await publish(topics.confirm, [order], [order], [confirmed(other), order])
    const worker = await startEmail()
    await drained(topics.confirm)
    await worker.kill('SIGTERM')
    await publish(topics.confirm, [order])
    await startEmail()
    await drained(topics.confirm)
    expect(await mailsTo(email)).toHaveLength(1)
    expect(await mailsTo(other)).toHaveLength(1)
  })

  it.each([
    ['541', (answer: (line: string) => void) => answer('541 no such scheme')],
    ['421', (answer: (line: string) => void) => answer('421 not now')],
    ['a closed connection', (_answer: unknown, socket: Socket) => socket.destroy()],
  ])(
    'sends the mails behind sixty to a domain whose recipients are answered by %s',
    async (_what, refuse) => {
      const taken: string[] = []
      const port = await mailServerThat((to, answer, socket) => {
        if (to.endsWith('@odd.example')) refuse(answer, socket)
        else answer('250 ok')
      }, taken)
      const odd = Array.from({ length: 60 }, () => [confirmed(`${randomUUID()}@odd.example`)])
      await publish(topics.confirm, ...odd)
      await startEmail({ SMTP_URL: `smtp://127.0.0.1:${port}` })
      const good = Array.from({ length: 8 }, newEmail)
      for (const email of good) {
        await publish(topics.confirm, [confirmed(email)])
        await publish(topics.declined, [confirmed(email)])
      }
      await vi.waitFor(() => expect(taken.toSorted()).toEqual([...good, ...good].toSorted()), 40_000)
    },
  )

  it('sets a bad address aside with the reason, and mails the others of its batch', async () => {
    const [refused, fine] = [newEmail(), newEmail()]
    await setInbox({ mode: 'refuse', address: refused })
    await publish(topics.confirm, [confirmed(refused)], [confirmed('no address')], [confirmed(fine)])
    await publish(topics.confirm, { no: 'list' })
    await startEmail()
    await Promise.all([drained(topics.confirm)])
    expect(await mailsTo(fine)).toHaveLength(1)
    const dead = await kafka.read(deadLetterTopic(topics.confirm), 3)
    const reasons = dead.map(({ headers }) => headers.dead_letter_reason ?? '')
    for (const reason of [
      /^the mail can not be delivered: order .*no usable mail address/,
      /^the mail can not be delivered: order .*550/,
      /^the value is no list of outcomes/,
    ]) {
      expect(reasons.filter(each => reason.test(each))).toHaveLength(1)
    }
    expect(reasons.join()).not.toContain(refused)
  })

  it('waits while the mail server is away, makes no dead letter of it, and mails once when it is back', async () => {
    const emails = Array.from({ length: 20 }, newEmail)
    await setInbox({ mode: 'away' })
    await publish(topics.confirm, ...emails.map(email => [confirmed(email)]))
    const worker = await startEmail()
    const readiness = async () => (await fetch(`${worker.url}/health/ready`)).text()
    await vi.waitFor(async () => expect(await readiness()).toMatch(/waits after try/), 15_000)
    await setInbox({ mode: 'normal' })
    await drained(topics.confirm)
    for (const email of emails) expect(await mailsTo(email)).toHaveLength(1)
    expect(await kafka.readAll(deadLetterTopic(topics.confirm))).toEqual([])
  })

  it('finishes on SIGTERM what it has in hand, exits 0, and repeats no mail after', async () => {
    const email = newEmail()
    await publish(topics.confirm, ...Array.from({ length: 400 }, () => [confirmed(email)]))
    const worker = await startEmail()
    await vi.waitFor(async () => expect((await mailsTo(email)).length).toBeGreaterThan(0), {
      timeout: 15_000,
      interval: 10,
    })
    workers.delete(worker)
    expect(await worker.kill('SIGTERM')).toBe(0)
    await startEmail()
    await drained(topics.confirm)
    expect(await mailsTo(email)).toHaveLength(400)
  })

  it('does not repeat what it sent before a kill -9, though the offset was not committed', async () => {
    const topic = await kafka.topic('confirm')
    const emails = Array.from({ length: 20 }, newEmail)
    await publish(topic, ...emails.map(email => [confirmed(email)]))
    await setInbox({ mode: 'slow' })
    const worker = await startEmail({ CONFIRM_TOPIC: topic, CONCURRENCY: '1' })
    const sent = () => worker.printed().split('mail sent').length - 1
    await vi.waitFor(() => expect(sent()).toBeGreaterThanOrEqual(3), { timeout: 20_000, interval: 10 })
    await worker.kill('SIGKILL')
    await kafka.forget(group)
    expect(await kafka.lag(group, topic)).toBe(20)
    const before = sent()
    await setInbox({ mode: 'normal' })
    await startEmail({ CONFIRM_TOPIC: topic })
    await drained(topic)
    const counts = await Promise.all(emails.map(async email => (await mailsTo(email)).length))
    // The one that was in flight may have come twice.
    expect(counts.filter((_, index) => index !== before)).toEqual(Array(19).fill(1))
  })
})
