import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Opens a SQLite file, and makes it and its folder where they are missing.
 * What was committed survives kill -9: with WAL and `synchronous = NORMAL` a commit has reached the operating system.
 * Only a power cut may lose the last moments, which a mock can live with.
 */
export function openDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true })
  const db = new DatabaseSync(file)
  db.exec(`
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
  `)
  return db
}
