import { inTransaction, openDatabase } from 'kafka-restaurants-service'
import type { ExternalStore, InputRecord, Member, OutputRecord } from '../src/index.ts'

interface Row {
  topic: string
  key: Uint8Array | null
  value: Uint8Array | null
  headers: string
}

/** Outputs and offsets of groups in one database, as a service would keep them that has its results there. */
export function outputsInSqlite(file: string) {
  const db = openDatabase(file)
  db.exec(`
    CREATE TABLE outputs (id INTEGER PRIMARY KEY, topic TEXT, key BLOB, value BLOB, headers TEXT);
    CREATE TABLE positions (
      consumers TEXT, topic TEXT, partition INTEGER, owner TEXT, next TEXT, metadata TEXT,
      PRIMARY KEY (consumers, topic, partition)
    );
  `)
  const write = db.prepare('INSERT INTO outputs (topic, key, value, headers) VALUES (?, ?, ?, ?)')
  const claim = db.prepare(`
    INSERT INTO positions VALUES (?, ?, ?, ?, NULL, NULL)
    ON CONFLICT DO UPDATE SET owner = excluded.owner
    RETURNING next, metadata`)
  const move = db.prepare(
    'UPDATE positions SET next = ?, metadata = ? WHERE consumers = ? AND topic = ? AND partition = ? AND owner = ?',
  )
  const written = db.prepare('SELECT topic, key, value, headers FROM outputs WHERE topic = ? ORDER BY id')

  const of = (group: string): ExternalStore => {
    return {
      commit: async ({ outputs, offsets, member }) =>
        inTransaction(db, () => {
          for (const { topic, partition, offset, metadata } of offsets) {
            const { changes } = move.run(offset, metadata, group, topic, partition, nameOf(member))
            if (changes === 0) throw new Error(`somebody else has ${topic}[${partition}] now`)
          }
          for (const { topic, key, value, headers } of outputs)
            write.run(topic, bytesOf(key), bytesOf(value), JSON.stringify(textHeaders(headers)))
        }),
      offsets: async (partitions, member) =>
        inTransaction(db, () =>
          partitions.map(({ topic, partition }) => {
            const claimed = claim.get(group, topic, partition, nameOf(member))
            const { next, metadata } = claimed as { next: string | null; metadata: string }
            return next === null ? undefined : { offset: next, metadata }
          }),
        ),
    }
  }

  /** All outputs to a topic, as if they were read from there. */
  const all = (topic: string): InputRecord[] =>
    (written.all(topic) as unknown as Row[]).map(({ key, value, headers }, index) => ({
      topic,
      partition: 0,
      offset: String(index),
      key: key && Buffer.from(key),
      value: Buffer.from(value ?? []),
      isTombstone: value === null,
      headers: JSON.parse(headers),
      timestamp: '0',
      rawHeaders: {},
      reference: `${topic}@${index}`,
    }))

  return { of, all, close: () => db.close() }
}

const nameOf = (member: Member | undefined) => JSON.stringify(member)
const bytesOf = (data: OutputRecord['key']) => (data === null ? null : Buffer.from(data))
const textHeaders = (headers: OutputRecord['headers'] = {}) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, String([values].flat().at(-1) ?? '')]),
  )
