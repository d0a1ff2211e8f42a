import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { openMailbox } from './mailbox.ts'

function newFile() {
  const folder = mkdtempSync(join(tmpdir(), 'mailbox-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'inbox.sqlite')
}
const said = 'What the mail says, in words'
const mail = {
  source: Buffer.from(
    [
      'From: Fig <fig@example.com>',
      'Subject: Hi',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(said).toString('base64'),
    ].join('\r\n'),
  ),
  from: 'bounces@example.com',
  to: ['a@example.com'],
  receivedAt: new Date('2026-11-26T06:00:00.000Z'),
}

it('a mail says the same at each reading, and is in the file in plain words once it was read', async () => {
  const file = newFile()
  const mailbox = openMailbox(file, 10)
  mailbox.add(mail)
  const first = await mailbox.list({ limit: 10 })
  expect(first.messages).toEqual([
    {
      id: '1',
      messageId: '',
      from: 'Fig <fig@example.com>',
      to: ['a@example.com'],
      subject: 'Hi',
      text: said,
      html: '',
      receivedAt: '2026-11-26T06:00:00.000Z',
    },
  ])
  expect(await mailbox.list({ limit: 10 })).toEqual(first)
  expect(await mailbox.find(1)).toEqual(first.messages[0])
  mailbox.close()
  expect(readFileSync(file).includes(said)).toBe(true)
})

it('many are listed in order, though they are read a few at a time, and so is what came before one of them', async () => {
  const mailbox = openMailbox(newFile(), 1_000)
  for (let index = 1; index <= 95; index++) mailbox.add({ ...mail, to: [`${index % 2}@example.com`] })
  const ids = async (which: Parameters<typeof mailbox.list>[0]) =>
    (await mailbox.list(which)).messages.map(({ id }) => Number(id))
  const down = (from: number, count: number, by = 1) =>
    Array.from({ length: count }, (_, index) => from - by * index)
  expect(await ids({ limit: 1_000 })).toEqual(down(95, 95))
  expect(await ids({ limit: 40 })).toEqual(down(95, 40))
  expect(await ids({ limit: 41, before: 50 })).toEqual(down(49, 41))
  expect(await ids({ limit: 1_000, to: '1@example.com' })).toEqual(down(95, 48, 2))
  mailbox.close()
})

it('a file of before, which had no mails as they came, is read and added to', async () => {
  const file = newFile()
  const before = new DatabaseSync(file)
  before.exec(`
    CREATE TABLE mails (id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, sender TEXT NOT NULL,
      recipients TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL,
      received_at TEXT NOT NULL) STRICT;
    INSERT INTO mails VALUES (7, '<7@x>', 's@x', '["a@example.com"]', 'Old', 'text', '', '2026-11-25T06:00:00.000Z');
  `)
  before.close()
  const mailbox = openMailbox(file, 10)
  onTestFinished(() => mailbox.close())
  mailbox.add(mail)
  const { messages } = await mailbox.list({ limit: 10 })
  expect(messages.map(({ id, subject }) => [id, subject])).toEqual([
    ['8', 'Hi'],
    ['7', 'Old'],
  ])
})
