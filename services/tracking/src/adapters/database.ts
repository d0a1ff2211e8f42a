import { type Logger, openDatabase } from 'kafka-restaurants-service'
import { Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { Pool, types } from 'pg'

/** The tables. Both databases have the same, and text that is JSON is text in both. */
export interface Tables {
  orders: {
    order_id: string
    status: string
    restaurant: string
    /** masked */
    email: string
    card_last4: string
    /** JSON */
    items: string
    amount_cents: number | null
    currency: string | null
    reason: string | null
    /** ISO 8601 */
    began_at: string
    /** The statuses in the sequence in which they were learnt, joined by blanks. */
    seen: string
    /** The restaurant in whose line it was put, as the command queue knows it; null before that. */
    line: string | null
    line_partition: number | null
    line_offset: number | null
  }
  changes: {
    order_id: string
    /** Which of its order's it is, from 1, as they were learnt. */
    number: number
    status: string
    /** ISO 8601 */
    at: string
    topic: string
    partition: number
    record_offset: string
  }
  positions: {
    consumers: string
    topic: string
    partition: number
    /** The member of the group that asked for it last. */
    owner: string
    /** Null where nothing was committed. */
    next_offset: string | null
    metadata: string | null
    /** JSON: the changes of which nobody knows yet whether the bus was told of them. */
    untold: string
  }
}

export interface Database {
  kysely: Kysely<Tables>
  /** Whether others change it, too: what is read to be changed is locked. */
  isShared: boolean
}

const migrations: Record<string, Migration> = {
  '2026-11-orders': {
    up: async db => {
      await db.schema
        .createTable('orders')
        .addColumn('order_id', 'text', column => column.primaryKey())
        .addColumn('status', 'text', column => column.notNull())
        .addColumn('restaurant', 'text', column => column.notNull())
        .addColumn('email', 'text', column => column.notNull())
        .addColumn('card_last4', 'text', column => column.notNull())
        .addColumn('items', 'text', column => column.notNull())
        .addColumn('amount_cents', 'bigint')
        .addColumn('currency', 'text')
        .addColumn('reason', 'text')
        .addColumn('began_at', 'text', column => column.notNull())
        .addColumn('seen', 'text', column => column.notNull())
        .execute()
      await db.schema.createIndex('orders_began_at').on('orders').column('began_at').execute()
      await db.schema
        .createTable('changes')
        .addColumn('order_id', 'text', column => column.notNull())
        .addColumn('number', 'integer', column => column.notNull())
        .addColumn('status', 'text', column => column.notNull())
        .addColumn('at', 'text', column => column.notNull())
        .addColumn('topic', 'text', column => column.notNull())
        .addColumn('partition', 'integer', column => column.notNull())
        .addColumn('record_offset', 'text', column => column.notNull())
        .addPrimaryKeyConstraint('changes_of_order', ['order_id', 'number'])
        .execute()
      await db.schema
        .createTable('positions')
        .addColumn('consumers', 'text', column => column.notNull())
        .addColumn('topic', 'text', column => column.notNull())
        .addColumn('partition', 'integer', column => column.notNull())
        .addColumn('owner', 'text', column => column.notNull())
        .addColumn('next_offset', 'text')
        .addColumn('metadata', 'text')
        .addColumn('untold', 'text', column => column.notNull())
        .addPrimaryKeyConstraint('position_of_partition', ['consumers', 'topic', 'partition'])
        .execute()
    },
  },
  '2026-12-line': {
    up: async db => {
      // SQLite adds one column at a time.
      await db.schema.alterTable('orders').addColumn('line', 'text').execute()
      await db.schema.alterTable('orders').addColumn('line_partition', 'integer').execute()
      await db.schema.alterTable('orders').addColumn('line_offset', 'bigint').execute()
      await db.schema
        .createIndex('orders_in_line')
        .on('orders')
        .columns(['line', 'line_partition', 'line_offset', 'order_id'])
        // So few wait, of all orders, that the index is as small as the lines are.
        .where(sql.ref('status'), '=', 'queued')
        .execute()
    },
  },
}

/** The statements that are run again and again are fewer. */
const mostPrepared = 100

/** Opens the embedded database, a file of SQLite's, which one process has at a time. @throws ConfigError where it can't */
export function embeddedDatabase(file: string): Database {
  const db = openDatabase(file)
  const prepared = new Map<string, ReturnType<typeof prepareAnew>>()
  const prepare = (text: string) => {
    const statement = prepared.get(text) ?? prepareAnew(text)
    if (prepared.size >= mostPrepared) prepared.clear()
    prepared.set(text, statement)
    return statement
  }
  const prepareAnew = (text: string) => {
    const statement = db.prepare(text)
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]) => statement.all(...(parameters as never[])),
      run: (parameters: readonly unknown[]) => statement.run(...(parameters as never[])),
      iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as never[])),
    }
  }
  const dialect = new SqliteDialect({ database: { close: () => db.close(), prepare } })
  return { kysely: new Kysely<Tables>({ dialect }), isShared: false }
}

/** A database of PostgreSQL's. It is not connected to until it is asked. */
export function postgresDatabase(url: string, log: Logger): Database {
  const pool = new Pool({
    connectionString: url,
    application_name: 'tracking',
    max: 10,
    connectionTimeoutMillis: 5_000,
    // What a frozen network keeps from ending ends all the same.
    query_timeout: 10_000,
    statement_timeout: 10_000,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    // It gives what may be more than a number as text; amounts are not.
    types: {
      getTypeParser: (type, format) =>
        type === types.builtins.INT8 ? Number : types.getTypeParser(type, format),
    },
  })
  // One that waits in the pool: the next question gets another.
  pool.on('error', err => log.debug({ err }, 'a connection to the database was lost'))
  return { kysely: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), isShared: true }
}

/** Brings the schema up to date. Of several replicas that start at once, one does. */
export async function migrate({ kysely }: Database): Promise<void> {
  const migrator = new Migrator({ db: kysely, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
