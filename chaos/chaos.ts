import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Platform, startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { startPostgres } from 'kafka-restaurants-dev-env/testing/postgres'
import type { TestServer } from 'kafka-restaurants-dev-env/testing/server'
import { findTool } from 'kafka-restaurants-dev-env/tools/find'
import { check, type Evidence, type Violation } from './check.ts'
import { drain } from './drain.ts'
import { gather } from './evidence.ts'
import { longestGapMs } from './gap.ts'
import { bringAbout } from './inject.ts'
import { longestLine } from './line.ts'
import { createLoad, type Load, type Mix, refusedEmail, usualMix } from './load.ts'
import { type FaultName, faultNames, makePlan, type PlannedFault } from './plan.ts'
import { createQuotes } from './quotes.ts'

export interface ChaosOptions {
  seed: number
  minutes: number
  /** Orders a second. */
  rate: number
  /** 1 unless given. Of three, any one may be away. */
  brokers?: 1 | 3
  /** The faults to choose from; all that so many brokers can have unless given. */
  only?: readonly FaultName[] | undefined
  /** What is to happen; made of seed, minutes and `only` unless given. */
  plan?: PlannedFault[]
  /** What is sent; everything unless given. */
  mix?: Mix
  /** A main file that runs in place of transaction's own. */
  transactionMain?: string
  /** Told what happens, with the seconds since the first order. */
  say?: (line: string) => void
  /** Ends the run at once: all processes are killed, the data removed, and the promise is rejected. */
  signal?: AbortSignal
}

/** What came of a run. */
export interface Report {
  faults: Map<FaultName, number>
  orders: {
    sent: number
    /** Answers, repeats included. */
    answered2xx: number
    answered4xx: number
    answered5xx: number
    unanswered: number
    /** Records written straight into topic `order`. */
    written: number
    accepted: number
    confirmed: number
    declined: number
    /** Tickets of the kitchen's that are ready. */
    cooked: number
    deadLetters: number
    mails: number
    repeatedMails: number
    quotes: number
    quotesAnswered: number
  }
  /** From the last answer and the last healed fault until everything was drained, or was given up. */
  drainedMs: number
  /** The longest time without a confirmation while orders were sent. */
  longestGapMs: number
  /** The longest time without a ticket that became ready, meanwhile. */
  longestUncookedMs: number
  /** The most orders that waited for one kitchen at a time. */
  longestLine: number
  violations: Violation[]
  /** Where data and logs are; they are kept only if there are violations. */
  dataDir: string | undefined
}

/** So long nothing may move while all drains. */
const standstillMs = 120_000
const progressEveryMs = 10_000

/**
 * Of 18 restaurants each has two orders a second of 50 that are sent. Where all goes well it could cook ten, and on a
 * slow machine with three brokers still three: there is a line behind each fault, and it gets shorter.
 */
const semaphoreLimit = 3
const cookingSeconds = 0.2
/** What was paid is never rejected. */
const limits = `semaphoreLimit: ${semaphoreLimit}\nqueueLimit: null\n`

/**
 * Starts a platform of its own, sends orders while faults come and go, heals everything, and checks what the parts
 * have on record against what the platform promises.
 * @throws Trouble when the platform does not start
 */
export async function runChaos(options: ChaosOptions): Promise<Report> {
  const { seed, minutes, brokers = 1, say = () => {} } = options
  const plan = options.plan ?? makePlan(seed, minutes, options.only ?? faultNames(brokers, hasPostgres()))
  const aborting = new AbortController()
  const signal = AbortSignal.any([aborting.signal, ...(options.signal ? [options.signal] : [])])
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-chaos-'))
  let keep = false
  let platform: Platform | undefined
  let database: TestServer | undefined
  const limitsFile = join(dataDir, 'limits.yaml')
  writeFileSync(limitsFile, limits)
  try {
    database = hasPostgres() ? await startPostgres() : undefined
    platform = await startPlatform({
      dataDir,
      portOffset: await freeOffset(),
      brokers,
      site: false,
      env: {
        CAP: '1000000', // the inbox keeps every mail
        LIMITS_FILE: limitsFile,
        KITCHEN_AUTOPILOT: String(cookingSeconds),
        ...(database && { DATABASE_URL: database.url }),
      },
      longestDelayMs: 500,
      ...(options.transactionMain && { mains: { transaction: options.transactionMain } }),
      say,
      signal,
    })
    const report = await Promise.race([
      unlessAborted(signal),
      experience({ platform, database }, plan, options, signal),
    ])
    keep = report.violations.length > 0
    return { ...report, dataDir: keep ? dataDir : undefined }
  } catch (error) {
    keep = !signal.aborted // the error may name a log
    throw error
  } finally {
    aborting.abort()
    await platform?.kill()
    await database?.remove()
    if (!keep) rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Without it tracking has its embedded database, which can't be away. */
export const hasPostgres = () => findTool('initdb') !== undefined

const unlessAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

async function experience(
  { platform, database }: { platform: Platform; database: TestServer | undefined },
  plan: PlannedFault[],
  { seed, minutes, rate, mix = usualMix, say: tell = () => {} }: ChaosOptions,
  signal: AbortSignal,
): Promise<Omit<Report, 'dataDir'>> {
  const startedAt = Date.now()
  const say = (line: string) => tell(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`)
  const begun: { fault: FaultName; at: number }[] = []
  const load = await createLoad(platform, { seed, mix, signal })
  const quotes = createQuotes(platform, signal)
  const progress = setInterval(() => say(progressOf(load)), progressEveryMs)
  signal.addEventListener('abort', () => clearInterval(progress))
  const sendingAt = Date.now()
  await Promise.all([
    load.run(minutes * 60, rate),
    quotes.run(minutes * 60),
    bringAbout(plan, { platform, database, foreign: load.foreign, refusedEmail, say, signal }, fault =>
      begun.push({ fault, at: Date.now() }),
    ),
  ])
  clearInterval(progress)
  await load.stop()
  say(`${progressOf(load)}; all faults are healed, and what is under way drains`)
  const drainingAt = Date.now()
  const { lags, drained } = await drain(platform, standstillMs, say)
  const drainedMs = Date.now() - drainingAt
  const quotesWaiting = await quotes.last()
  say(
    `${drained ? 'drained in' : 'not drained within'} ${(drainedMs / 1000).toFixed(1)} s; reading what the parts have on record`,
  )
  const { confirmedAt, ...gathered } = await gather(platform, lags, database?.url)
  const evidence: Evidence = {
    ...gathered,
    orders: load.orders,
    quotes: quotes.asked,
    quotesWaiting,
    semaphoreLimit,
    refusedEmail,
    emailKills: begun.flatMap(({ fault, at }) => (fault === 'email-kill' ? [at] : [])),
  }
  const sending = [sendingAt, sendingAt + minutes * 60_000] as const
  const byName = Map.groupBy(begun, ({ fault }) => fault)
  const faults = new Map([...byName].map(([name, times]) => [name, times.length]))
  return {
    faults,
    drainedMs,
    longestGapMs: longestGapMs(confirmedAt, sending),
    longestUncookedMs: longestGapMs(
      evidence.tickets.flatMap(({ readyAt }) => readyAt ?? []),
      sending,
    ),
    longestLine: longestLine(evidence.commands, evidence.starts),
    orders: count(evidence, load),
    violations: check(evidence),
  }
}

function progressOf({ orders, underWay, records }: Load): string {
  const answers = orders.flatMap(order => order.answers)
  const taken = answers.filter(({ status }) => isIn(200, status)).length
  return `${orders.length} orders sent and ${records()} records written; ${taken} answers of ${answers.length} are 2xx; ${underWay()} under way`
}

function count(
  { orders, quotes, charges, outcomes, tickets, deadLetters, mails }: Evidence,
  load: Load,
): Report['orders'] {
  const statuses = orders.flatMap(({ answers }) => answers.map(({ status }) => status))
  const answered = (hundred: number) => statuses.filter(status => isIn(hundred, status)).length
  const outcome = (wanted: string) => outcomes.filter(({ kind }) => kind === wanted).length
  return {
    sent: orders.length,
    answered2xx: answered(200),
    answered4xx: answered(400),
    answered5xx: answered(500),
    unanswered: statuses.filter(status => status === 0).length,
    written: load.records(),
    accepted: charges.filter(charge => charge.outcome === 'accepted').length,
    confirmed: outcome('confirmed'),
    declined: outcome('declined'),
    cooked: tickets.filter(({ state }) => state === 'ready').length,
    deadLetters: deadLetters.length,
    mails: mails.length,
    repeatedMails: mails.length - new Set(mails.map(({ orderId }) => orderId)).size,
    quotes: quotes.length,
    quotesAnswered: quotes.filter(({ status }) => status === 200).length,
  }
}

const isIn = (hundred: number, status: number) => status >= hundred && status < hundred + 100
