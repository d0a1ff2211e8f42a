import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { expect, onTestFinished, test } from 'vitest'
import { type ChaosOptions, hasPostgres, type Report, runChaos } from '../chaos.ts'
import { faultNames, makePlan, type PlannedFault } from '../plan.ts'
import { reportLines } from '../report.ts'

const seed = Number(process.env.CHAOS_SEED || Math.floor(Math.random() * 1_000_000))
const timeout = 600_000

/** Runs it; what happened is printed at its end, and CHAOS_SEED replays it. */
async function chaos(options: Omit<ChaosOptions, 'seed'>): Promise<Report> {
  const lines = [`CHAOS_SEED=${seed}`]
  try {
    const report = await runChaos({ seed, say: line => lines.push(line), ...options })
    lines.push(...reportLines(report))
    return report
  } finally {
    console.log(lines.join('\n'))
  }
}

const transactionKilled = (atMs: number): PlannedFault => ({
  fault: 'transaction-kill',
  atMs,
  lastsMs: 0,
  which: 0,
})

test('two minutes of every fault on three brokers, then transaction killed every 3 s, break no promise', {
  timeout,
}, async () => {
  const kills = Array.from({ length: 13 }, (_, index) => transactionKilled(121_000 + index * 3_000))
  const plan = [...makePlan(seed, 2, faultNames(3, hasPostgres())), ...kills]
  const { faults, orders, violations } = await chaos({ minutes: 2 + 40 / 60, rate: 25, brokers: 3, plan })
  expect(violations).toEqual([])
  expect(new Set(faults.keys())).toEqual(new Set(faultNames(3, hasPostgres())))
  expect(orders.confirmed).toBeGreaterThan(0)
  expect(orders.cooked).toBe(orders.confirmed)
  expect(orders.declined).toBeGreaterThan(0)
  expect(orders.deadLetters).toBeGreaterThan(0)
})

test('a transaction that commits before it has done its work is found out', { timeout }, async () => {
  const plan: PlannedFault[] = [3_000, 18_000].flatMap(atMs => [
    { fault: 'bank-slow', atMs, lastsMs: 8_000, which: 0 },
    transactionKilled(atMs + 4_000),
  ])
  const { violations, dataDir } = await chaos({
    minutes: 0.5,
    rate: 20,
    plan,
    mix: { good: 85, declined: 15 },
    transactionMain: join(root, 'services/transaction/tests/commits-first/main.ts'),
  })
  onTestFinished(() => {
    if (dataDir) rmSync(dataDir, { recursive: true, force: true })
  })
  expect(violations.map(({ rule }) => rule)).toContain('lost order')
})
