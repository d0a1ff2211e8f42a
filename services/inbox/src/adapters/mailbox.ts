import { type InboxMessage, type InboxMessages, mailDomain } from 'kafka-restaurants-contracts'
import { inTransaction, openDatabase } from 'kafka-restaurants-service'
import { z } from 'zod'
import { type NewMail, readMail } from '../read-mail.ts'

const Row = z.object({
  id: z.int(),
  message_id: z.string(),
  sender: z.string(),
  recipients: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  received_at: z.string(),
  source: z.instanceof(Uint8Array).nullable(),
})
const Count = z.object({ count: z.int() })
const Id = z.object({ id: z.int() })
/** An address as it is looked up: in any case, its domain as mail servers have it or as people type it. */
const lower = (address: string) => {
  const domainAt = address.lastIndexOf('@') + 1
  const domain = address.slice(domainAt)
  return (address.slice(0, domainAt) + (mailDomain(domain) ?? domain)).toLowerCase()
}

const readAtOnce = 20

interface Which {
  to?: string | undefined
  limit: number
  before?: number | undefined
}

export type Mailbox = ReturnType<typeof openMailbox>

/**
 * Opens the mails, a SQLite file. Keeps the newest `cap` mails, each as it came until somebody reads it: to take it
 * apart costs more than to keep it, and most are never read.
 */
export function openMailbox(file: string, cap: number) {
  const db = openDatabase(file)
  db.exec(`
    CREATE TABLE IF NOT EXISTS mails (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      message_id TEXT NOT NULL,
      sender TEXT NOT NULL,
      recipients TEXT NOT NULL,
      subject TEXT NOT NULL,
      text TEXT NOT NULL,
      html TEXT NOT NULL,
      received_at TEXT NOT NULL,
      source BLOB
    ) STRICT;
    CREATE TABLE IF NOT EXISTS recipients (
      mail INTEGER NOT NULL,
      address TEXT NOT NULL,
      PRIMARY KEY (mail, address)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS mails_by_recipient ON recipients (address, mail);
    CREATE TABLE IF NOT EXISTS received (count INTEGER NOT NULL) STRICT;
    INSERT INTO received SELECT 0 WHERE NOT EXISTS (SELECT * FROM received);
  `)
  takeOver(db)
  const insert = db.prepare(`
    INSERT INTO mails (message_id, sender, recipients, subject, text, html, received_at, source)
    VALUES ('', :from, :to, '', '', '', :receivedAt, :source)`)
  const keepRead = db.prepare(`
    UPDATE mails SET message_id = :messageId, sender = :from, subject = :subject, text = :text, html = :html, source = NULL
    WHERE id = :id`)
  const insertRecipient = db.prepare('INSERT OR IGNORE INTO recipients VALUES (?, ?)')
  const countUp = db.prepare('UPDATE received SET count = count + 1')
  const dropMails = db.prepare('DELETE FROM mails WHERE id <= ?')
  const dropRecipients = db.prepare('DELETE FROM recipients WHERE mail <= ?')
  const newest = db.prepare('SELECT * FROM mails WHERE id < :before ORDER BY id DESC LIMIT :limit')
  const newestTo = db.prepare(`
    SELECT mails.* FROM recipients JOIN mails ON mails.id = recipients.mail
    WHERE recipients.address = :address AND recipients.mail < :before
    ORDER BY recipients.mail DESC LIMIT :limit`)
  const received = db.prepare('SELECT count FROM received')
  const keptFor = db.prepare('SELECT count(*) AS count FROM recipients WHERE address = ?')
  const lastId = db.prepare("SELECT coalesce(max(seq), 0) AS id FROM sqlite_sequence WHERE name = 'mails'")
  const byId = db.prepare('SELECT * FROM mails WHERE id = ?')

  /** Reads a mail for the first time, or finds it read. */
  const asMessage = async (value: unknown): Promise<InboxMessage> => {
    const row = Row.parse(value)
    const { id, source } = row
    const kept = {
      messageId: row.message_id,
      from: row.sender,
      subject: row.subject,
      text: row.text,
      html: row.html,
    }
    const content = source ? await readMail({ source, from: row.sender }) : kept
    if (source && db.isOpen) {
      try {
        keepRead.run({ id, ...content })
      } catch {
        // The disk is full, say: it is read again the next time.
      }
    }
    const to = z.array(z.string()).parse(JSON.parse(row.recipients))
    return { id: String(id), to, receivedAt: row.received_at, ...content }
  }

  /** How many there were since the last `clear`, or with `to` how many are kept. */
  const total = (to: string | undefined): number =>
    Count.parse(to ? keptFor.get(lower(to)) : received.get()).count

  /**
   * The newest mails, the newest first; with `to`, those to that address alone, in any case; with `before`, those that came
   * before the mail of that id. They are read a few at a time: there may be many, and each of a megabyte.
   */
  async function* each({ to, limit, before = Number.MAX_SAFE_INTEGER }: Which): AsyncGenerator<InboxMessage> {
    for (let left = limit; left > 0; ) {
      const page = { before, limit: Math.min(left, readAtOnce) }
      const rows = to ? newestTo.all({ address: lower(to), ...page }) : newest.all(page)
      for (const row of rows) yield await asMessage(row)
      if (rows.length < page.limit) return
      left -= rows.length
      before = Id.parse(rows.at(-1)).id
    }
  }

  return {
    /** Keeps a mail. Once this returns, kill -9 does not lose it. */
    add({ source, from, to, receivedAt }: NewMail): void {
      inTransaction(db, () => {
        const kept = { source, from, to: JSON.stringify(to), receivedAt: receivedAt.toISOString() }
        const id = Number(insert.run(kept).lastInsertRowid)
        for (const address of to) insertRecipient.run(id, lower(address))
        countUp.run()
        // Ids follow each other without gaps, so this is at most one mail, or the surplus after CAP was lowered.
        dropMails.run(id - cap)
        dropRecipients.run(id - cap)
      })
    },
    total,
    each,
    /** The same with their number, all of them at once: for a few. */
    async list(which: Which): Promise<InboxMessages> {
      const messages: InboxMessage[] = []
      for await (const message of each(which)) messages.push(message)
      return { total: total(which.to), messages }
    },
    async find(id: number): Promise<InboxMessage | undefined> {
      const row = byId.get(id)
      return row && asMessage(row)
    },
    /** The id of the mail that came last, whether it is still kept or not; 0 before the first. */
    newestId: (): number => Id.parse(lastId.get()).id,
    clear(): void {
      inTransaction(db, () =>
        db.exec('DELETE FROM mails; DELETE FROM recipients; UPDATE received SET count = 0'),
      )
    },
    close: () => db.close(),
  }
}

/** Files of before had no mail as it came. */
function takeOver(db: ReturnType<typeof openDatabase>): void {
  if (db.prepare("SELECT 1 FROM pragma_table_info('mails') WHERE name = 'source'").get()) return
  db.exec('ALTER TABLE mails ADD COLUMN source BLOB')
}
