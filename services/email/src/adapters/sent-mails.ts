import { openDatabase } from 'kafka-restaurants-service'

/** Which mails of which records the mail server took, by Message-ID. */
export interface SentMails {
  of: (reference: string) => string[]
  add: (reference: string, messageId: string) => void
  close: () => void
}

/** Far more than there can be of which Kafka does not know yet. */
const mostKept = 100_000
const cleanEvery = 1_000

/**
 * Opens a SQLite file of the mails that were sent last. It outlives kill -9, and a stop while Kafka is away: the offset
 * of what was sent is not committed then, and its record comes again.
 */
export function openSentMails(file: string): SentMails {
  const db = openDatabase(file)
  db.exec(`
    CREATE TABLE IF NOT EXISTS sent (
      id INTEGER PRIMARY KEY,
      reference TEXT NOT NULL,
      message_id TEXT NOT NULL,
      UNIQUE (reference, message_id)
    ) STRICT;
  `)
  const ofRecord = db.prepare('SELECT message_id FROM sent WHERE reference = ?')
  const insert = db.prepare('INSERT OR IGNORE INTO sent (reference, message_id) VALUES (?, ?)')
  const forget = db.prepare('DELETE FROM sent WHERE id <= (SELECT max(id) FROM sent) - ?')
  let added = 0
  return {
    of: reference => ofRecord.all(reference).map(({ message_id }) => String(message_id)),
    add: (reference, messageId) => {
      insert.run(reference, messageId)
      added += 1
      if (added % cleanEvery === 0) forget.run(mostKept)
    },
    close: () => db.close(),
  }
}
