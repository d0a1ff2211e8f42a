import { openDatabase } from 'kafka-restaurants-service'

/** Which mails the mail server took, by Message-ID: the same mail may come again in another record. */
export interface SentMails {
  has: (messageId: string) => boolean
  /** @throws Error where it can't be written: the disk is full, above all */
  add: (messageId: string) => void
  close: () => void
}

/** Far more than there can be of which Kafka does not know yet. */
const mostKept = 100_000
const cleanEvery = 1_000

/**
 * Opens a SQLite file of the mails that were sent last. It outlives kill -9, and a stop while Kafka is away: the offset
 * of what was sent is not committed then, and its record comes again. So it does when a group is set back.
 */
export function openSentMails(file: string): SentMails {
  const db = openDatabase(file)
  db.exec('CREATE TABLE IF NOT EXISTS mails (id INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE) STRICT')
  takeOver(db)
  const find = db.prepare('SELECT 1 FROM mails WHERE message_id = ?')
  const insert = db.prepare('INSERT OR IGNORE INTO mails (message_id) VALUES (?)')
  const forget = db.prepare('DELETE FROM mails WHERE id <= (SELECT max(id) FROM mails) - ?')
  let added = 0
  return {
    has: messageId => find.get(messageId) !== undefined,
    add: messageId => {
      insert.run(messageId)
      added += 1
      if (added % cleanEvery === 0) forget.run(mostKept)
    },
    close: () => db.close(),
  }
}

/** Files of before had each mail with the record that brought it. */
function takeOver(db: ReturnType<typeof openDatabase>): void {
  if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sent'").get()) return
  db.exec(`
    BEGIN;
    INSERT OR IGNORE INTO mails (message_id) SELECT message_id FROM sent ORDER BY id;
    DROP TABLE sent;
    COMMIT;
  `)
}
