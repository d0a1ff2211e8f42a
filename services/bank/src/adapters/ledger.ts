import { DeclineReason } from 'kafka-restaurants-contracts'
import { openDatabase } from 'kafka-restaurants-service'
import { z } from 'zod'

const entry = {
  idempotency_key: z.string(),
  reference: z.string(),
  amount_cents: z.int(),
  currency: z.string(),
  card_last4: z.string(),
  charged_at: z.string(),
}

/** A line of the ledger. Of the card it knows the last four digits, never the number. */
export const Charge = z.discriminatedUnion('outcome', [
  z.object({ ...entry, outcome: z.literal('accepted'), payment_id: z.string(), reason: z.null() }),
  z.object({ ...entry, outcome: z.literal('declined'), payment_id: z.null(), reason: DeclineReason }),
])
export type Charge = z.infer<typeof Charge>

const Summary = z.object({ accepted: z.int(), declined: z.int(), accepted_amount_cents: z.int() })
export type Summary = z.infer<typeof Summary>

export type Ledger = ReturnType<typeof openLedger>

/** Opens the ledger, a SQLite file. What was recorded survives kill -9. Others may read it, to back it up. */
export function openLedger(file: string) {
  const db = openDatabase(file, { shared: true })
  db.exec(`
    CREATE TABLE IF NOT EXISTS charges (
      idempotency_key TEXT PRIMARY KEY,
      reference TEXT NOT NULL,
      amount_cents INTEGER NOT NULL,
      currency TEXT NOT NULL,
      card_last4 TEXT NOT NULL,
      outcome TEXT NOT NULL,
      reason TEXT,
      payment_id TEXT UNIQUE,
      charged_at TEXT NOT NULL
    ) STRICT;
  `)
  const byKey = db.prepare('SELECT * FROM charges WHERE idempotency_key = ?')
  const newest = db.prepare('SELECT * FROM charges ORDER BY rowid DESC LIMIT ?')
  const insert = db.prepare(`
    INSERT INTO charges VALUES (:idempotency_key, :reference, :amount_cents, :currency, :card_last4, :outcome,
      :reason, :payment_id, :charged_at)
    ON CONFLICT (idempotency_key) DO NOTHING`)
  const totals = db.prepare(`
    SELECT count(*) FILTER (WHERE outcome = 'accepted') AS accepted,
      count(*) FILTER (WHERE outcome = 'declined') AS declined,
      coalesce(sum(amount_cents) FILTER (WHERE outcome = 'accepted'), 0) AS accepted_amount_cents
    FROM charges`)

  const find = (idempotencyKey: string): Charge | undefined =>
    Charge.optional().parse(byKey.get(idempotencyKey))
  return {
    find,
    /** Records a charge unless its key has one: then that one is returned, and nothing is written. */
    recordOnce(charge: Charge): { charge: Charge; replayed: boolean } {
      const replayed = insert.run(charge).changes === 0
      return { charge: replayed ? (find(charge.idempotency_key) ?? charge) : charge, replayed }
    },
    /** The newest charges, the newest first. */
    newest: (limit: number): Charge[] => z.array(Charge).parse(newest.all(limit)),
    summary: (): Summary => Summary.parse(totals.get()),
    close: () => db.close(),
  }
}
