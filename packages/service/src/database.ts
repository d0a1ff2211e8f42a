import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError } from './config.ts'
import { makeFolder } from './folder.ts'

/**
 * Opens a SQLite file, and makes it and its folder where they are missing.
 * What was committed survives kill -9: with WAL and `synchronous = NORMAL` a commit has reached the operating system.
 * Only a power cut may lose the last moments, which a mock can live with.
 *
 * One process has it at a time, unless it is shared. WAL's index is in that one's memory then, and in no file that is
 * mapped: where the disk is full, to touch a new page of such a file is SIGBUS, which no process survives.
 * @throws ConfigError when the file can't be made, read or written, or is no database
 */
export function openDatabase(file: string, { shared = false } = {}): DatabaseSync {
  try {
    return opened(file, shared)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : cause
    const why = said === 'database is locked' ? 'another process has it open' : said
    throw new ConfigError(`${file} can't be opened as a database (${why})`, { cause })
  }
}

/** Does all of some work in a database, or nothing. @throws what the work does */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk has ended it already.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function opened(file: string, shared: boolean): DatabaseSync {
  makeFolder(dirname(file))
  const db = new DatabaseSync(file)
  db.exec(`
    PRAGMA busy_timeout = 5000;
    PRAGMA locking_mode = ${shared ? 'NORMAL' : 'EXCLUSIVE'};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
  `)
  return db
}
