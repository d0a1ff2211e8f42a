import { openDatabase } from 'kafka-restaurants-service'

export type Database = ReturnType<typeof openKitchen>

/** Opens the kitchen's SQLite file. What was committed survives kill -9. */
export function openKitchen(file: string) {
  const db = openDatabase(file)
  // `change` only grows, whatever is removed: it is the place of those who watch.
  db.exec(`
    CREATE TABLE IF NOT EXISTS tickets (
      order_id TEXT PRIMARY KEY,
      restaurant TEXT NOT NULL,
      items TEXT NOT NULL,
      state TEXT NOT NULL,
      fence INTEGER,
      cooking_at TEXT NOT NULL,
      ready_at TEXT,
      details TEXT,
      trace TEXT,
      change INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS tickets_cooking ON tickets (cooking_at) WHERE state = 'cooking';
    CREATE INDEX IF NOT EXISTS tickets_ready ON tickets (ready_at) WHERE state = 'ready';
    CREATE INDEX IF NOT EXISTS tickets_ready_here ON tickets (restaurant, ready_at) WHERE state = 'ready';
    CREATE INDEX IF NOT EXISTS tickets_changed ON tickets (change);
    CREATE TABLE IF NOT EXISTS changes (number INTEGER NOT NULL) STRICT;
    INSERT INTO changes SELECT 0 WHERE NOT EXISTS (SELECT * FROM changes);
    CREATE TABLE IF NOT EXISTS outbox (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      order_id TEXT NOT NULL UNIQUE,
      restaurant TEXT NOT NULL,
      fence INTEGER,
      trace TEXT,
      state TEXT NOT NULL
    ) STRICT;
  `)
  takeOver(db)
  return db
}

/** Files of before did not say for whom a ticket is, and of what trace. */
function takeOver(db: ReturnType<typeof openDatabase>): void {
  for (const [table, column] of [
    ['tickets', 'details'],
    ['tickets', 'trace'],
    ['outbox', 'trace'],
  ]) {
    const columns = db.prepare(`SELECT name FROM pragma_table_info('${table}')`).all()
    if (!columns.some(({ name }) => name === column))
      db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} TEXT`)
  }
}
