import type { Child } from '../child.ts'
import { lastLines } from '../child.ts'
import { Trouble } from '../trouble.ts'
import { waitUntil } from '../wait-until.ts'

/** One process of the platform: how to start it, and how to know that it works. */
export interface ProcessSpec {
  name: string
  logFile: string
  spawn: () => Promise<Child> | Child
  ready: () => Promise<boolean>
  /** The longest wait before it is started again, in ms; 5000 unless given. */
  longestDelayMs?: number | undefined
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
const firstDelayMs = 200
const longestDelayMs = 5_000
/** Who lived this long has recovered: the next death waits the first delay again. */
const recoveredAfterMs = 30_000

/**
 * Starts a process, waits until it is ready, and from then on starts it again whenever it dies, telling `say`.
 * @throws Trouble with the end of its log, when it dies before it is ready or is not ready in time
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
  await waitUntilReady(spec, child)
  void keepAlive()
  return supervised

  async function keepAlive(): Promise<void> {
    while (!stopping) {
      const startedAt = Date.now()
      const { reason } = await child.exited
      if (stopping) return
      if (Date.now() - startedAt > recoveredAfterMs) delayMs = firstDelayMs
      say(`${spec.name} died (${reason}); starting it again in ${delayMs / 1000} s. Its log: ${spec.logFile}`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, delayMs)
        cancelRestart = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      delayMs = Math.min(delayMs * 2, spec.longestDelayMs ?? longestDelayMs)
      if (!stopping) await startAgain()
    }
  }

  /** A spawn that throws is a death like another: the old child stays, and the loop comes round again. */
  async function startAgain(): Promise<void> {
    try {
      const next = await spec.spawn()
      child = next
      restarted++
      if (stopping) await next.stop(0)
      else void tellWhenReady(next)
    } catch (error) {
      say(`${spec.name} could not be started: ${error instanceof Error ? error.message : error}`)
    }
  }

  async function tellWhenReady(of: Child): Promise<void> {
    const ready = async () => of.exit !== undefined || stopping || (await spec.ready())
    await waitUntil(spec.name, readyDeadlineMs, ready).catch(() => {})
    if (!of.exit && !stopping) say(`${spec.name} is back (process ${of.pid})`)
  }
}

async function waitUntilReady(spec: ProcessSpec, child: Child): Promise<void> {
  const settled = async () => child.exit !== undefined || (await spec.ready())
  const inTime = await waitUntil(spec.name, readyDeadlineMs, settled).catch(() => false)
  if (inTime && !child.exit) return
  const seconds = readyDeadlineMs / 1000
  const what = child.exit
    ? `ended (${child.exit.reason}) before it was ready`
    : `was not ready within ${seconds} s`
  throw new Trouble(
    `${spec.name} ${what}. Its log is ${spec.logFile} and ends with:\n${lastLines(spec.logFile)}`,
  )
}
