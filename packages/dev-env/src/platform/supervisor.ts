import { Trouble } from 'kafka-restaurants-service/command'
import type { LoggedChild } from '../child.ts'
import { waitUntil } from '../wait-until.ts'

/** One process of the platform: how to start it, and how to know that it works. */
export interface ProcessSpec {
  name: string
  logFile: string
  /** @throws in words where it can't be started now, such as for a port that is taken */
  spawn: () => Promise<LoggedChild> | LoggedChild
  /** What it waits for, in words; nothing when it is ready, undefined while it does not answer. */
  waitsFor: () => Promise<string[] | undefined>
  /** The longest wait before it is started again, in ms; 5000 unless given. */
  longestDelayMs?: number | undefined
  /** How long one that answers is waited for, in ms; 30000 unless given. */
  waitingDeadlineMs?: number
}

/** A process that is started again when it dies. `pid` and `restarted` change as that happens. */
export interface Supervised {
  readonly name: string
  readonly logFile: string
  readonly pid: number
  readonly restarted: number
  /** Sends a signal as if from outside: what it ends is started again. */
  kill: (signal: NodeJS.Signals) => void
  /** Ends it for good: SIGTERM, and SIGKILL after `limitMs`. */
  stop: (limitMs: number) => Promise<void>
}

const readyDeadlineMs = 60_000
/** Who lives and says what it waits for is given less: others can work without it. */
const waitingDeadlineMs = 30_000
const firstDelayMs = 200
const longestDelayMs = 5_000
/** Who lived this long has recovered: the next death waits the first delay again. */
const recoveredAfterMs = 30_000

/**
 * Starts a process, waits until it is ready, and from then on starts it again whenever it dies, telling `say`. One that
 * lives and says what it waits for is no reason to end everything: that is told, and told again when it is ready.
 * @throws Trouble with the end of its log, when it dies before it is ready, or does not answer in time
 */
export async function supervise(
  spec: ProcessSpec,
  say: (line: string) => void,
  register: (process: Supervised) => void,
): Promise<Supervised> {
  let child = await spec.spawn()
  let stopping = false
  let cancelRestart = () => {}
  let restarted = 0
  let delayMs = firstDelayMs

  const supervised: Supervised = {
    name: spec.name,
    logFile: spec.logFile,
    get pid() {
      return child.pid
    },
    get restarted() {
      return restarted
    },
    kill: signal => child.signal(signal),
    stop: async limitMs => {
      stopping = true
      cancelRestart()
      await child.stop(limitMs)
    },
  }
  register(supervised)
  const waitsFor = await waitUntilReady(spec, child)
  if (waitsFor.length > 0) {
    say(`${spec.name} is not ready yet, and waits on: ${waitsFor.join('; ')}`)
    void tellWhenReady(child, 'is ready now')
  }
  void keepAlive()
  return supervised

  async function keepAlive(): Promise<void> {
    while (!stopping) {
      const startedAt = Date.now()
      const { reason } = await child.exited
      if (stopping) return
      if (Date.now() - startedAt > recoveredAfterMs) delayMs = firstDelayMs
      say(`${spec.name} died (${reason}); starting it again in ${delayMs / 1000} s. Its log: ${spec.logFile}`)
      await startAgain()
    }
  }

  /** Tries until it is started. A reason that stays is told once. */
  async function startAgain(): Promise<void> {
    for (let told = ''; ; ) {
      await pause()
      if (stopping) return
      try {
        const next = await spec.spawn()
        child = next
        restarted++
        if (stopping) await next.stop(0)
        else void tellWhenReady(next, `is back (process ${next.pid})`)
        return
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        if (why !== told) say(`${spec.name} can't be started, and is tried again: ${why}`)
        told = why
      }
    }
  }

  async function pause(): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, delayMs)
      cancelRestart = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    delayMs = Math.min(delayMs * 2, spec.longestDelayMs ?? longestDelayMs)
  }

  async function tellWhenReady(of: LoggedChild, what: string): Promise<void> {
    const ended = () => of.exit !== undefined || stopping
    while (!ended() && (await spec.waitsFor())?.length !== 0) await new Promise(go => setTimeout(go, 100))
    if (!ended()) say(`${spec.name} ${what}`)
  }
}

/** @returns what it waits for, if it lives and says so */
async function waitUntilReady(spec: ProcessSpec, child: LoggedChild): Promise<string[]> {
  const startedAt = Date.now()
  let waitsFor: string[] | undefined
  const settled = async () => {
    if (child.exit) return true
    waitsFor = await spec.waitsFor()
    return (
      waitsFor &&
      (waitsFor.length === 0 || Date.now() - startedAt > (spec.waitingDeadlineMs ?? waitingDeadlineMs))
    )
  }
  const inTime = await waitUntil(spec.name, readyDeadlineMs, settled).catch(() => false)
  if (inTime && !child.exit) return waitsFor ?? []
  const seconds = readyDeadlineMs / 1000
  const what = child.exit
    ? `ended (${child.exit.reason}) before it was ready`
    : `was not ready within ${seconds} s`
  throw new Trouble(`${spec.name} ${what}. Its log is ${spec.logFile} and ends with:\n${child.lastLines()}`)
}
