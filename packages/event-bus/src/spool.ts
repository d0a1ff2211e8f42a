import { inTransaction, openDatabase } from 'kafka-restaurants-service'

/** An event on its way to Kafka. */
export interface Outgoing {
  /** Its place in the order in which events were published. */
  seq: number
  /** The pattern by which it goes out. */
  pattern: string
  /** Its topic in Kafka, and on the bus. */
  topic: string
  busTopic: string
  key: string | null
  /** JSON. */
  value: string
  headers: Record<string, string>
}

/** There is no room for the event. It was not kept, and will not be sent. */
export class SpoolFullError extends Error {
  override name = 'SpoolFullError'
}

/** Events that wait for Kafka, in a file: all that `add` has taken survive kill -9 and a power cut. */
export interface Spool {
  /** Keeps events, in one commit. @returns those that there is no room for */
  add: (events: readonly Outgoing[]) => Outgoing[]
  /** The oldest ones that may go, all of one topic in Kafka. */
  next: (most: number, not: { patterns: Iterable<string>; topics: Iterable<string> }) => Outgoing[]
  remove: (events: readonly Outgoing[]) => void
  /** Puts one aside that Kafka will never take: it is kept, and is not tried again. */
  refuse: (event: Outgoing, reason: string) => void
  /** Whether some of a topic wait by a pattern. */
  has: (event: Pick<Outgoing, 'pattern' | 'topic'>) => boolean
  /** The largest `seq` in it; 0 where there is none. */
  lastSeq: number
  status: () => SpoolStatus
  close: () => void
}

export interface SpoolStatus {
  events: number
  /** Of those that wait. */
  bytes: number
  maxBytes: number
  /** By pattern. */
  waiting: Record<string, number>
  /** How many were refused by Kafka, and are kept. */
  refused: number
}

/**
 * Opens a spool, and makes it where there is none. SQLite writes it to the disk with each commit, and leaves out what was
 * being written when the process was killed.
 * @throws ConfigError where the file is no database, can't be written, or is another process's
 */
export function openSpool(file: string, maxBytes: number): Spool {
  const db = openDatabase(file)
  db.exec(`
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS events (
      seq INTEGER PRIMARY KEY, pattern TEXT NOT NULL, topic TEXT NOT NULL, busTopic TEXT NOT NULL, key TEXT,
      value TEXT NOT NULL, headers TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS refused (
      seq INTEGER NOT NULL, topic TEXT NOT NULL, key TEXT, value TEXT NOT NULL, headers TEXT NOT NULL,
      reason TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    ) STRICT;
  `)
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)')
  const removeOne = db.prepare('DELETE FROM events WHERE seq = ?')
  const refuseOne = db.prepare(
    'INSERT INTO refused (seq, topic, key, value, headers, reason) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const oldest = db.prepare(`
    WITH free AS (
      SELECT * FROM events WHERE pattern NOT IN (SELECT value FROM json_each(:patterns))
        AND topic NOT IN (SELECT value FROM json_each(:topics))
    )
    SELECT * FROM free WHERE topic = (SELECT topic FROM free ORDER BY seq LIMIT 1) ORDER BY seq LIMIT :most
  `)
  const counts = new Map<string, { pattern: string; topic: string; events: number }>()
  let bytes = 0
  let refused = Number(db.prepare('SELECT count(*) AS n FROM refused').get()?.n)

  const laneOf = ({ pattern, topic }: Pick<Outgoing, 'pattern' | 'topic'>) => `${pattern}\n${topic}`
  const count = (event: Outgoing, by: 1 | -1) => {
    const lane = counts.get(laneOf(event)) ?? { pattern: event.pattern, topic: event.topic, events: 0 }
    lane.events += by
    bytes += by * sizeOf(event)
    if (lane.events === 0) counts.delete(laneOf(event))
    else counts.set(laneOf(event), lane)
  }
  let lastSeq = 0
  for (const row of db.prepare('SELECT * FROM events ORDER BY seq').iterate()) {
    const event = eventOf(row)
    count(event, 1)
    lastSeq = event.seq
  }

  return {
    lastSeq,
    add: events => {
      let room = maxBytes - bytes
      const [fitting, others]: [Outgoing[], Outgoing[]] = [[], []]
      for (const event of events) {
        const size = sizeOf(event)
        if (size <= room) {
          room -= size
          fitting.push(event)
        } else others.push(event)
      }
      inTransaction(db, () => {
        for (const { seq, pattern, topic, busTopic, key, value, headers } of fitting)
          insert.run(seq, pattern, topic, busTopic, key, value, JSON.stringify(headers))
      })
      for (const event of fitting) count(event, 1)
      return others
    },
    next: (most, { patterns, topics }) =>
      counts.size === 0
        ? []
        : oldest
            .all({
              most,
              patterns: JSON.stringify([...patterns]),
              topics: JSON.stringify([...topics]),
            })
            .map(eventOf),
    remove: events => {
      inTransaction(db, () => {
        for (const { seq } of events) removeOne.run(seq)
      })
      for (const event of events) count(event, -1)
    },
    refuse: (event, reason) => {
      const { seq, topic, key, value, headers } = event
      inTransaction(db, () => {
        refuseOne.run(seq, topic, key, value, JSON.stringify(headers), reason)
        removeOne.run(seq)
      })
      count(event, -1)
      refused += 1
    },
    has: event => counts.has(laneOf(event)),
    status: () => {
      const waiting: Record<string, number> = {}
      let events = 0
      for (const lane of counts.values()) {
        waiting[lane.pattern] = (waiting[lane.pattern] ?? 0) + lane.events
        events += lane.events
      }
      return { events, bytes, maxBytes, waiting, refused }
    },
    close: () => db.close(),
  }
}

/** What an event takes of the room, in bytes. */
export function sizeOf({ topic, busTopic, key, value, headers }: Outgoing): number {
  let bytes = topic.length + busTopic.length + Buffer.byteLength(value) + Buffer.byteLength(key ?? '')
  for (const [name, text] of Object.entries(headers)) bytes += name.length + Buffer.byteLength(text)
  return bytes
}

const eventOf = (row: Record<string, unknown>): Outgoing => ({
  ...(row as unknown as Outgoing),
  headers: JSON.parse(String(row.headers)),
})
