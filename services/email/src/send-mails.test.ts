import { type InputRecord, PutOffError, UnreadableRecordError } from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, it } from 'vitest'
import { openSentMails } from './adapters/sent-mails.ts'
import { MailPutOffError, UndeliverableError } from './adapters/smtp.ts'
import type { Mail } from './mail.ts'
import { type Sending, sendMails } from './send-mails.ts'

const record = (addresses: string[], headers: Record<string, string> = {}): InputRecord => ({
  topic: 'order_confirm',
  partition: 0,
  offset: '1',
  key: null,
  value: Buffer.from(
    JSON.stringify(addresses.map((email, index) => ({ order_id: `o-${index}`, restaurant: 'Olive', email }))),
  ),
  isTombstone: false,
  headers,
  rawHeaders: {},
  reference: 'order_confirm-0@1/1',
})

/** A mail server that does as it is told, and what it has taken. */
function mailServer(answer: (mail: Mail) => Error | undefined) {
  const taken: string[] = []
  const parts = {
    send: async (mail: Mail) => {
      const error = answer(mail)
      if (error) throw error
      taken.push(mail.to)
    },
    sentMails: openSentMails(':memory:'),
    declinedTopic: 'order_declined',
    domain: 'kafka-restaurants.example',
    log: createContext('test', 'silent').log,
  }
  const sending: Sending = { taken: 0, begun: new Map() }
  return { taken, sending, handle: (of: InputRecord, attempt = 1) => sendMails(of, attempt, parts, sending) }
}
const late = ({ to }: Mail) => (to.startsWith('late') ? new MailPutOffError('450 later') : undefined)

describe('a list of mails', () => {
  it('is sent but for the one that is put off, and that one alone is sent again', async () => {
    let open = false
    const { handle, taken } = mailServer(mail => (open ? undefined : late(mail)))
    const list = record(['a@example.com', 'late@example.com', 'b@example.com'])
    await expect(handle(list)).rejects.toThrow(PutOffError)
    open = true
    await handle(list, 2)
    expect(taken).toEqual(['a@example.com', 'b@example.com', 'late@example.com'])
  })

  it('that comes back from the dead letters is not sent again to those who have it', async () => {
    const { handle, taken } = mailServer(({ to }) =>
      to.startsWith('gone') ? new UndeliverableError('550 no') : undefined,
    )
    const addresses = ['a@example.com', 'gone@example.com', 'b@example.com']
    const error = await handle(record(addresses)).catch(error => error)
    expect(error).toBeInstanceOf(UnreadableRecordError)
    expect(error.message).toBe('the mail can not be delivered: order o-1: 550 no')
    await expect(handle(record(addresses, error.headers))).rejects.toThrow('550 no')
    expect(taken).toEqual(['a@example.com', 'b@example.com'])
  })
})

describe('a mail that the server puts off again and again', () => {
  it('becomes a dead letter when the server takes others, and never while it takes none', async () => {
    const { handle, sending } = mailServer(late)
    const stuck = record(['late@example.com'])
    for (const attempt of [1, 30, 1000]) await expect(handle(stuck, attempt)).rejects.toThrow(PutOffError)
    await handle({ ...record(['a@example.com']), reference: 'another' })
    await expect(handle(stuck, 29)).rejects.toThrow(PutOffError)
    await expect(handle(stuck, 30)).rejects.toThrow(
      /^the mail can not be delivered: order o-0: 450 later, 30 times$/,
    )
    expect(sending.begun.size).toBe(0)
  })
})
