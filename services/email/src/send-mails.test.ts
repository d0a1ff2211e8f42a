import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, it } from 'vitest'
import { openSentMails } from './adapters/sent-mails.ts'
import { MailPutOffError, MailServerError, UndeliverableError } from './adapters/smtp.ts'
import type { Mail } from './mail.ts'
import { nothingSending, sendMails } from './send-mails.ts'

const record = (
  addresses: string[],
  headers: Record<string, string> = {},
  reference = 'order_confirm-0@1/1',
): InputRecord => ({
  topic: 'order_confirm',
  partition: 0,
  offset: '1',
  key: null,
  value: Buffer.from(
    JSON.stringify(addresses.map(email => ({ order_id: email.split('@')[0], restaurant: 'Olive', email }))),
  ),
  isTombstone: false,
  headers,
  timestamp: '0',
  rawHeaders: {},
  reference,
})

/** A mail server that does as it is told, and what it has taken. */
function mailServer(answer: (mail: Mail) => Error | undefined) {
  const taken: string[] = []
  const mailed: (string | undefined)[][] = []
  const parts = {
    send: async (mail: Mail) => {
      const error = answer(mail)
      if (error) throw error
      taken.push(mail.to)
    },
    sentMails: openSentMails(':memory:'),
    declinedTopic: 'order_declined',
    mailed: (outcome: string, placedAt: string | undefined) => {
      mailed.push([outcome, placedAt])
    },
    domain: 'kafka-restaurants.example',
    log: createContext('test', 'silent').log,
  }
  const sending = nothingSending()
  return {
    taken,
    mailed,
    sending,
    parts,
    handle: (of: InputRecord, attempt = 1) => sendMails(of, attempt, parts, sending),
  }
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
    expect(error.message).toBe('the mail can not be delivered: order gone: 550 no')
    await expect(handle(record(addresses, error.headers))).rejects.toThrow('550 no')
    expect(taken).toEqual(['a@example.com', 'b@example.com'])
  })
})

describe('that an order has its mail', () => {
  const placedAt = '2026-11-21T12:00:00.000Z'
  const outcomeOf = (topic: string, more: object = {}): InputRecord => ({
    ...record([]),
    topic,
    value: Buffer.from(
      JSON.stringify([{ order_id: 'a', restaurant: 'Olive', email: 'a@example.com', ...more }]),
    ),
  })

  it('is told once, with when it was placed', async () => {
    const { handle, mailed } = mailServer(() => undefined)
    await handle(outcomeOf('order_confirm', { placed_at: placedAt }))
    await handle(outcomeOf('order_confirm', { placed_at: placedAt }))
    await handle(outcomeOf('order_declined', { placed_at: placedAt }))
    expect(mailed).toEqual([
      ['paid', placedAt],
      ['declined', placedAt],
    ])
  })

  it.each([{}, { placed_at: null }, { placed_at: 'yesterday' }, { placed_at: 7 }])(
    'is told where nobody knows when that was, as with %j',
    async more => {
      const { handle, mailed } = mailServer(() => undefined)
      await handle(outcomeOf('order_confirm', more))
      expect(mailed).toEqual([['paid', undefined]])
    },
  )

  it('is not told while the server puts it off', async () => {
    const { handle, mailed } = mailServer(() => new MailPutOffError('450 later'))
    await expect(handle(outcomeOf('order_confirm'))).rejects.toThrow(PutOffError)
    expect(mailed).toEqual([])
  })
})

describe('a mail that the server puts off again and again', () => {
  it('becomes a dead letter when the server takes others, and never while it takes none', async () => {
    const { handle, sending } = mailServer(late)
    const stuck = record(['late@example.com'])
    for (const attempt of [1, 30, 1000]) await expect(handle(stuck, attempt)).rejects.toThrow(PutOffError)
    await handle(record(['a@example.com'], {}, 'another'))
    await expect(handle(stuck, 29)).rejects.toThrow(PutOffError)
    await expect(handle(stuck, 30)).rejects.toThrow(
      /^the mail can not be delivered: order late: 450 later, 30 times$/,
    )
    expect(sending.begun.size).toBe(0)
  })
})

describe('a mail that fails as in an outage', () => {
  const away = ({ to }: Mail) => (to.startsWith('odd') ? new MailServerError('Connection closed') : undefined)
  const odd = record(['odd@example.com'], {}, 'odd')
  const good = (name: string) => record([`${name}@example.com`], {}, name)

  it('is one, until the server takes others: then it is put off by itself, and at last a dead letter', async () => {
    const { handle, sending } = mailServer(away)
    await expect(handle(odd)).rejects.toThrow(MailServerError)
    await expect(handle(odd)).rejects.toThrow(MailServerError)
    await handle(good('a'))
    await expect(handle(odd, 3)).rejects.toThrow(PutOffError)
    await expect(handle(odd, 4)).rejects.toThrow(MailServerError)
    await handle(good('b'))
    await expect(handle(odd, 30)).rejects.toThrow(UnreadableRecordError)
    expect(sending.begun.size).toBe(0)
  })

  it('is never a dead letter while the server takes none', async () => {
    const { handle } = mailServer(away)
    await handle(good('a'))
    for (const attempt of [1, 30, 1000]) await expect(handle(odd, attempt)).rejects.toThrow(MailServerError)
  })

  it('does not keep those behind it in its list', async () => {
    const { handle, taken } = mailServer(away)
    const list = record(['odd@example.com', 'a@example.com', 'odd2@example.com', 'b@example.com'])
    await expect(handle(list)).rejects.toThrow(PutOffError)
    expect(taken).toEqual(['a@example.com', 'b@example.com'])
  })

  it('is an outage where three of a list are such', async () => {
    let asked = 0
    const { handle } = mailServer(() => {
      asked += 1
      return new MailServerError('Connection closed')
    })
    await expect(handle(record(['a@e.org', 'b@e.org', 'c@e.org', 'd@e.org']))).rejects.toThrow(
      MailServerError,
    )
    expect(asked).toBe(3)
  })
})

describe('a mail that comes in two records', () => {
  it('is sent once, also where both are in hand at once', async () => {
    const { handle, taken } = mailServer(() => undefined)
    await Promise.all([1, 2, 3].map(each => handle(record(['a@example.com'], {}, `in hand ${each}`))))
    await handle(record(['a@example.com'], {}, 'later'))
    expect(taken).toEqual(['a@example.com'])
  })

  it('is sent by the second where the first could not', async () => {
    let fails = true
    const { handle, taken } = mailServer(() => {
      if (!fails) return undefined
      fails = false
      return new MailServerError('Connection closed')
    })
    const results = await Promise.allSettled(
      [1, 2].map(each => handle(record(['a@example.com'], {}, `in hand ${each}`))),
    )
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(taken).toEqual(['a@example.com'])
  })
})

describe('the list of mails that were sent', () => {
  const file = () => join(mkdtempSync(join(tmpdir(), 'sent-')), 'sent.sqlite')

  it('that was written by records is taken over', () => {
    const at = file()
    const old = new DatabaseSync(at)
    old.exec(`CREATE TABLE sent (id INTEGER PRIMARY KEY, reference TEXT NOT NULL, message_id TEXT NOT NULL,
      UNIQUE (reference, message_id)) STRICT;
      INSERT INTO sent (reference, message_id) VALUES ('r1', '<a>'), ('r2', '<a>'), ('r2', '<b>')`)
    old.close()
    for (const _ of [1, 2]) {
      const mails = openSentMails(at)
      expect(['<a>', '<b>', '<c>'].map(mails.has)).toEqual([true, true, false])
      mails.close()
    }
  })

  it('is in no file that is mapped: on a full disk that would end the process', () => {
    const at = file()
    const mails = openSentMails(at)
    mails.add('<a>')
    expect(readdirSync(dirname(at)).toSorted()).toEqual(['sent.sqlite', 'sent.sqlite-wal'])
    mails.close()
  })

  it('keeps no mail back where it can not be written', async () => {
    const { handle, taken, parts } = mailServer(() => undefined)
    parts.sentMails.add = () => {
      throw new Error('database or disk is full')
    }
    await handle(record(['a@example.com', 'b@example.com']))
    expect(taken).toEqual(['a@example.com', 'b@example.com'])
  })
})
