import { backoff } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { within } from './within.ts'

/** A connection to a broker, with what is done over it. */
export interface Session {
  /** Resolves with the reason when it has ended by itself. */
  ended: Promise<unknown>
  /** Why it can't work now, a sentence each. */
  notReady: () => string[]
  /** Of a listener's: as of `Listener`. */
  outages?: () => string[]
  waiting?: () => Promise<number | undefined>
  /** Finishes what is in hand, and disconnects; what can't be finished any more comes again. Never rejects. */
  close: () => Promise<void>
}

/** Something that does not heal by itself: somebody has to put it right. */
export class UnusableError extends Error {
  override name = 'UnusableError'
}

/** Somebody else does the work now: this one is well, and takes over when it can. */
export class StandsByError extends Error {
  override name = 'StandsByError'
}

/**
 * One step of connecting: waits for an answer, and says meanwhile for which.
 * @param what whom or what the broker is asked for: `the queue orders`
 * @throws Error that says so, when there is no answer within 4 s
 */
export type Step = <Answer>(what: string, answer: Promise<Answer>) => Promise<Answer>

/** Less than the 5 s after which NATS gives up by itself, and says not on what. */
const stepMs = 4_000

export interface KeptSession<Kept extends Session> {
  /** Begins to connect, and goes on until `stop`. */
  start: () => void
  stop: () => Promise<void>
  notReady: () => string[]
  outages: () => string[]
  waiting: () => Promise<number | undefined>
  /** The session as soon as there is one. @throws Error with the reason when there is none within `limitMs` */
  open: (limitMs: number) => Promise<Kept>
  /** Rejects when `connect` has thrown an UnusableError. */
  crashed: Promise<never>
}

/**
 * Keeps a session with a broker: when it can't be had, or ends, another one is begun, after 200 ms up to 5 s.
 * @param what how to call it in words
 */
export function keepSession<Kept extends Session>(
  what: string,
  connect: (step: Step) => Promise<Kept>,
  log: Logger,
): KeptSession<Kept> {
  const stopping = new AbortController()
  const stopped = new Promise<undefined>(resolve =>
    stopping.signal.addEventListener('abort', () => resolve(undefined)),
  )
  const crash = Promise.withResolvers<never>()
  crash.promise.catch(() => {})
  let session: Kept | undefined
  let opened = Promise.withResolvers<Kept>()
  let reason = 'not connected yet'
  let standsBy = false
  let running: Promise<void> | undefined

  const step: Step = (what, answer) => {
    reason = `connected, and waits for ${what}`
    return within(stepMs, answer, `connected, and got no answer about ${what}`)
  }
  /** Lives through one session. @returns whether there was one */
  const once = async (): Promise<boolean> => {
    const connecting = connect(step)
    const current = await Promise.race([connecting, stopped])
    if (!current) {
      connecting.then(late => late.close()).catch(() => {})
      return false
    }
    session = current
    standsBy = false
    opened.resolve(current)
    log.info(`${what} is connected`)
    const error = await Promise.race([current.ended, stopped])
    session = undefined
    opened = Promise.withResolvers()
    if (!stopping.signal.aborted) away(error, 1)
    await current.close()
    return true
  }
  const away = (error: unknown, attempt: number) => {
    reason = error instanceof Error ? error.message : String(error ?? 'the connection has ended')
    if (error instanceof StandsByError) {
      if (!standsBy) log.info(`${what}: ${reason}`)
    } else log.warn({ attempt, err: error }, `${what} is away, and is tried again`)
    standsBy = error instanceof StandsByError
  }
  const run = async () => {
    for (let attempt = 1; !stopping.signal.aborted; attempt++) {
      try {
        if (await once()) attempt = 1
      } catch (error) {
        if (error instanceof UnusableError) return crash.reject(error)
        away(error, attempt)
      }
      await backoff(attempt, stopping.signal)
    }
  }
  const whyNot = () => `${what}: ${reason}`

  return {
    start: () => {
      running = run()
    },
    stop: async () => {
      stopping.abort()
      await running
    },
    notReady: () => session?.notReady() ?? (standsBy ? [] : [whyNot()]),
    outages: () => session?.outages?.() ?? [],
    waiting: async () => session?.waiting?.(),
    open: limitMs => {
      return within(limitMs, opened.promise, what).catch(() => {
        throw new Error(whyNot())
      })
    },
    crashed: crash.promise,
  }
}
