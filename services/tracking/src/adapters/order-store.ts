import type { OrderChange, OrderStatus, TrackedOrder } from 'kafka-restaurants-contracts'
import {
  type ExternalStore,
  type Member,
  nameOfPartition,
  type OutputRecord,
  type PartitionCommit,
  type TopicPartition,
} from 'kafka-restaurants-kafka'
import { type CompiledQuery, type Kysely, sql } from 'kysely'
import { fold, type KnownOrder, type NewChange, type Told, type TrackedHistory } from '../history.ts'
import type { Database, Tables } from './database.ts'

/** Orders and their histories, and how far the topics have been read, in one database. */
export interface OrderStore extends ExternalStore {
  /** What is known of an order, and its changes as they were learnt; undefined where nothing was told of it. */
  find: (orderId: string) => Promise<TrackedHistory | undefined>
  /** The orders that wait in a restaurant's line, and in which place. */
  places: (resource: string) => Promise<Map<string, number>>
  /** What was ordered by the orders that began last and are paid. @param most so many of all are looked at, at most */
  paid: (most: number) => Promise<Pick<TrackedOrder, 'restaurant' | 'items'>[]>
  /** Removes orders that began before that, ISO 8601. @returns how many */
  removeOlder: (than: string) => Promise<number>
  close: () => Promise<void>
}

interface ToldOutput extends OutputRecord {
  told: Told
}

/** What was told of an order by a record, as an output of the worker that reads it. It never becomes a record. */
export const asOutput = (told: Told): ToldOutput => ({ topic: 'changes', key: null, value: null, told })

const traceIn = ({ traceparent, baggage }: OutputRecord['headers'] = {}): Record<string, string> => ({
  ...(traceparent && { traceparent: String(traceparent) }),
  ...(baggage && { baggage: String(baggage) }),
})

/** A change that is to be announced, with the headers of its trace where there are any. */
interface Announcement extends NewChange {
  trace?: Record<string, string>
}

const isTold = (output: OutputRecord): output is ToldOutput => 'told' in output

/**
 * So many rows go into a statement. Statements of few sizes are built and prepared once, which costs as much as to run
 * them; and SQLite takes 32,766 parameters.
 */
const rowsAtOnce = [512, 64, 8, 1]
/** So many orders are removed at once: whoever commits meanwhile waits for it. */
const removedAtOnce = 1_000
/** Two replicas may learn of a new order at the same moment: the second finds it when it looks again. */
const mostRaces = 5

export interface Listeners {
  /**
   * Told of each change, when it is durable, with the headers of its trace; and again where another process was to tell of it
   * and may not have come to it. Resolves when it has heard.
   */
  announce: (change: NewChange, trace: Record<string, string>) => Promise<void>
  /** Told of each commit. */
  committed: (changes: NewChange[]) => void
}

/** @param consumers the group whose positions these are */
export function orderStore(
  { kysely: db, isShared }: Database,
  consumers: string,
  { announce, committed }: Listeners,
): OrderStore {
  const run = createStatements()
  /** By partition, what is announced and may not be heard yet. */
  const unheard = new Map<string, Set<Announcement>>()
  const unheardOf = (at: TopicPartition) => {
    const name = nameOfPartition(at)
    const changes = unheard.get(name) ?? new Set()
    unheard.set(name, changes)
    return changes
  }
  /** By partition, where it is by the last commit of this process: what is to be announced of it is known then. */
  const committedTo = new Map<string, string>()

  let announced = Promise.resolve()
  const announceAll = (changes: Announcement[]) => {
    const all = changes.map(change => {
      const ofPartition = unheardOf(change.change)
      ofPartition.add(change)
      // What can't be told now is told by who has the partition next.
      return announce(change, change.trace ?? {}).then(
        () => ofPartition.delete(change),
        () => {},
      )
    })
    // Without their results, each of which would hold that of all before it.
    announced = Promise.all([announced, ...all]).then(() => {})
  }

  const known = async (tx: Kysely<Tables>, told: Told[]): Promise<Map<string, KnownOrder>> => {
    const ids = [...new Set(told.map(({ orderId }) => orderId))].toSorted()
    const orders = new Map<string, KnownOrder>()
    for (const some of chunks(ids)) {
      const { rows } = await run(
        tx,
        'known',
        some,
        ids => selectOrders(tx, ids, isShared),
        id => [id],
      )
      for (const row of rows as Tables['orders'][]) orders.set(row.order_id, orderOf(row))
    }
    return orders
  }

  const move = async (
    tx: Kysely<Tables>,
    offsets: PartitionCommit[],
    member: Member | undefined,
    changes: Announcement[],
  ) => {
    const untold = Map.groupBy(changes, ({ change }) => nameOfPartition(change))
    const rows = offsets.map(at => {
      const mine = [...unheardOf(at), ...(untold.get(nameOfPartition(at)) ?? [])]
      return sql`(${at.topic}, ${at.partition}, ${at.offset}, ${at.metadata}, ${JSON.stringify(mine)})`
    })
    const { numAffectedRows } = await sql`
      update positions set next_offset = v.column3, metadata = v.column4, untold = v.column5
      from (values ${sql.join(rows)}) as v
      where consumers = ${consumers} and topic = v.column1 and partition = cast(v.column2 as integer)
        and owner = ${nameOf(member)}`.execute(tx)
    if (Number(numAffectedRows) !== offsets.length)
      throw new Error('another member has some of the partitions now')
  }

  const write = async (tx: Kysely<Tables>, orders: KnownOrder[], changes: NewChange[]) => {
    const sorted = orders.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1))
    for (const some of chunks(sorted.map(rowOf)))
      await run(tx, 'orders', some, rows => upsertOrders(tx, rows), Object.values)
    for (const some of chunks(changes.map(rowOfChange)))
      await run(tx, 'changes', some, rows => tx.insertInto('changes').values(rows), Object.values)
  }

  const commit = (
    told: Told[],
    offsets: PartitionCommit[],
    member: Member | undefined,
    traces: Map<OrderChange, Record<string, string>>,
  ) =>
    db.transaction().execute(async tx => {
      const { orders, changes } = fold(await known(tx, told), told)
      const announcements = changes.map((change): Announcement => {
        const trace = traces.get(change.change)
        return trace ? { ...change, trace } : change
      })
      await move(tx, offsets, member, announcements)
      await write(tx, orders, changes)
      return announcements
    })

  return {
    commit: async ({ outputs, offsets, member }) => {
      const traces = new Map<OrderChange, Record<string, string>>()
      const told = outputs.filter(isTold).map(({ told, headers }) => {
        if (headers?.traceparent) traces.set(told.change, traceIn(headers))
        return told
      })
      for (let race = 1; ; race++) {
        try {
          const changes = await commit(told, offsets, member, traces)
          for (const at of offsets) committedTo.set(nameOfPartition(at), placeOf(at))
          // One commit at most is ahead of what all have heard: otherwise a backlog would fill the spool.
          await announced
          committed(changes)
          return announceAll(changes)
        } catch (error) {
          if (race === mostRaces || !isRace(error)) throw error
        }
      }
    },
    offsets: async (partitions, member) => {
      if (partitions.length === 0) return []
      const rows = await db
        .insertInto('positions')
        .values(
          partitions
            .map(({ topic, partition }) => ({
              consumers,
              topic,
              partition,
              owner: nameOf(member),
              untold: '[]',
            }))
            .toSorted((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition),
        )
        .onConflict(conflict =>
          conflict
            .columns(['consumers', 'topic', 'partition'])
            .doUpdateSet(({ ref }) => ({ owner: ref('excluded.owner') })),
        )
        .returningAll()
        .execute()
      const found = new Map(rows.map(row => [nameOfPartition(row), row]))
      announceAll(
        rows.flatMap(row => {
          const at = commitIn(row)
          const isOurs = at && committedTo.get(nameOfPartition(row)) === placeOf(at)
          return isOurs ? [...unheardOf(row)] : JSON.parse(row.untold)
        }),
      )
      return partitions.map(at => {
        const row = found.get(nameOfPartition(at))
        return row && commitIn(row)
      })
    },
    find: async orderId => {
      const row = await selectOrder(db, orderId).executeTakeFirst()
      if (!row) return undefined
      const changes = await db
        .selectFrom('changes')
        .selectAll()
        .where('order_id', '=', orderId)
        .orderBy('number')
        .execute()
      const order = orderOf(row)
      // Of one that has just left its line, the place that it had is none.
      const place = changes.length === order.seen.length ? row.place : undefined
      return { order, changes: changes.map(changeOf), place: place ?? undefined }
    },
    places: async resource => {
      const rows = await selectPlaces(db, resource).execute()
      return new Map(rows.map(({ order_id, place }) => [order_id, place]))
    },
    paid: async most => {
      const rows = await db
        .selectFrom('orders')
        .select(['restaurant', 'items', 'status'])
        .orderBy('began_at', 'desc')
        .limit(most)
        .execute()
      return rows
        .filter(({ status }) => status !== 'placed' && status !== 'declined')
        .map(({ restaurant, items }) => ({ restaurant, items: JSON.parse(items) }))
    },
    removeOlder: async than => {
      let removed = 0
      for (;;) {
        const ids = await db.transaction().execute(async tx => {
          const old = await tx
            .selectFrom('orders')
            .select('order_id')
            .where('began_at', '<', than)
            .limit(removedAtOnce)
            .execute()
          const ids = old.map(row => row.order_id)
          if (ids.length === 0) return ids
          await tx.deleteFrom('changes').where('order_id', 'in', ids).execute()
          await tx.deleteFrom('orders').where('order_id', 'in', ids).execute()
          return ids
        })
        removed += ids.length
        if (ids.length < removedAtOnce) return removed
      }
    },
    close: () => db.destroy(),
  }
}

const selectOrders = (tx: Kysely<Tables>, ids: string[], forUpdate: boolean) =>
  tx
    .selectFrom('orders')
    .selectAll()
    .where('order_id', 'in', ids)
    .orderBy('order_id')
    .$if(forUpdate, query => query.forUpdate())

/** As the index of the lines has it: a parameter would not be known to be it. */
const queued = sql.lit('queued')

/** An order, and in `place` how many are to start until it does, where it waits in a line. */
export const selectOrder = (db: Kysely<Tables>, orderId: string) =>
  db
    .selectFrom('orders')
    .selectAll()
    .select(({ case: when, selectFrom }) =>
      when()
        .when(sql<boolean>`orders.status = ${queued} and orders.line is not null`)
        .then(
          selectFrom('orders as ahead')
            .select(({ fn }) => sql<number>`${fn.countAll()} + 1`.as('place'))
            .where('ahead.status', '=', queued)
            .whereRef('ahead.line', '=', 'orders.line')
            .whereRef('ahead.line_partition', '=', 'orders.line_partition')
            .whereRef('ahead.line_offset', '<', 'orders.line_offset'),
        )
        .end()
        .as('place'),
    )
    .where('order_id', '=', orderId)

export const selectPlaces = (db: Kysely<Tables>, resource: string) =>
  db
    .selectFrom('orders')
    .select(({ fn }) => [
      'order_id',
      fn
        .agg<number>('row_number')
        .over(over => over.partitionBy('line_partition').orderBy('line_offset'))
        .as('place'),
    ])
    .where('status', '=', queued)
    .where('line', '=', resource)

const upsertOrders = (tx: Kysely<Tables>, rows: Tables['orders'][]) =>
  tx
    .insertInto('orders')
    .values(rows)
    .onConflict(conflict =>
      conflict.column('order_id').doUpdateSet(({ ref }) => ({
        status: ref('excluded.status'),
        restaurant: ref('excluded.restaurant'),
        email: ref('excluded.email'),
        card_last4: ref('excluded.card_last4'),
        items: ref('excluded.items'),
        amount_cents: ref('excluded.amount_cents'),
        currency: ref('excluded.currency'),
        reason: ref('excluded.reason'),
        began_at: ref('excluded.began_at'),
        seen: ref('excluded.seen'),
        line: ref('excluded.line'),
        line_partition: ref('excluded.line_partition'),
        line_offset: ref('excluded.line_offset'),
      })),
    )

type Commit = Pick<PartitionCommit, 'offset' | 'metadata'>
const commitIn = ({ next_offset: offset, metadata }: Tables['positions']): Commit | undefined =>
  offset ? { offset, metadata: metadata ?? '' } : undefined
const placeOf = ({ offset, metadata }: Commit) => `${offset} ${metadata}`
const nameOf = (member: Member | undefined) => (member ? `${member.memberId} ${member.generationId}` : '')

/** PostgreSQL's unique_violation, serialization_failure and deadlock_detected. */
const isRace = (error: unknown) =>
  error instanceof Error && 'code' in error && ['23505', '40001', '40P01'].includes(String(error.code))

function chunks<T>(all: T[]): T[][] {
  const parts: T[][] = []
  for (let from = 0; from < all.length; from += parts.at(-1)?.length ?? 1) {
    const size = rowsAtOnce.find(each => each <= all.length - from) ?? 1
    parts.push(all.slice(from, from + size))
  }
  return parts
}

/**
 * Runs a statement for some rows, built for the first so many of them.
 * @param values all parameters, in the statement's own order
 */
function createStatements() {
  const built = new Map<string, CompiledQuery>()
  return async <Row>(
    tx: Kysely<Tables>,
    name: string,
    some: Row[],
    build: (some: Row[]) => { compile: () => CompiledQuery },
    values: (row: Row) => unknown[],
  ) => {
    const nameOfSize = `${name} ${some.length}`
    const statement = built.get(nameOfSize) ?? build(some).compile()
    built.set(nameOfSize, statement)
    return tx.executeQuery({ ...statement, parameters: some.flatMap(values) })
  }
}

const rowOf = (order: KnownOrder): Tables['orders'] => ({
  order_id: order.orderId,
  status: order.status,
  restaurant: order.restaurant,
  email: order.email,
  card_last4: order.cardLast4,
  items: JSON.stringify(order.items),
  amount_cents: order.amountCents ?? null,
  currency: order.currency ?? null,
  reason: order.reason ?? null,
  began_at: order.beganAt,
  seen: order.seen.join(' '),
  line: order.line?.resource ?? null,
  line_partition: order.line?.partition ?? null,
  line_offset: order.line?.offset ?? null,
})

const orderOf = (row: Tables['orders']): KnownOrder => ({
  orderId: row.order_id,
  status: row.status as OrderStatus,
  restaurant: row.restaurant,
  email: row.email,
  cardLast4: row.card_last4,
  items: JSON.parse(row.items),
  amountCents: row.amount_cents ?? undefined,
  currency: row.currency ?? undefined,
  reason: row.reason ?? undefined,
  beganAt: row.began_at,
  seen: row.seen.split(' ') as OrderStatus[],
  line: lineOf(row),
})

const lineOf = ({ line, line_partition, line_offset }: Tables['orders']) =>
  line === null || line_partition === null || line_offset === null
    ? undefined
    : { resource: line, partition: line_partition, offset: line_offset }

const rowOfChange = ({ orderId, number, change }: NewChange): Tables['changes'] => ({
  order_id: orderId,
  number,
  status: change.status,
  at: change.at,
  topic: change.topic,
  partition: change.partition,
  record_offset: change.offset,
})

const changeOf = (row: Tables['changes']): NewChange => ({
  orderId: row.order_id,
  number: row.number,
  change: {
    status: row.status as OrderStatus,
    at: row.at,
    topic: row.topic,
    partition: row.partition,
    offset: row.record_offset,
  },
})
