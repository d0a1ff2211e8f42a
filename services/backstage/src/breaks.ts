import { BreakName, type Breaks } from 'kafka-restaurants-contracts'
import { HttpProblem } from 'kafka-restaurants-service'
import type { Mock, Parts } from './adapters/parts.ts'

/** How long a part stays broken, in ms. It comes back by itself: nothing here has to live for it. */
const lastsMs = 30_000

/** A charge may take the bank 3 s, unless transaction is told otherwise: slow is less than that, or it would be away. */
const slow = { mode: 'slow', delayMs: 2_000 }
const away = { mode: 'away' }

export interface Breaker {
  list: () => Promise<Breaks>
  /**
   * Breaks a part for a while.
   * @throws HttpProblem 404 where it may not be broken here, 409 while it is broken already, 503 where it can't be reached
   */
  begin: (name: BreakName) => Promise<Breaks>
}

/** @param began told of each break */
export function breaker({ bank, inbox, killWorker }: Parts, began: (name: BreakName) => void): Breaker {
  const breaks: Partial<Record<BreakName, Break>> = {
    ...(bank && { 'bank-away': misbehaving(bank, away), 'bank-slow': misbehaving(bank, slow) }),
    ...(inbox && { 'mail-away': misbehaving(inbox, away) }),
    ...(killWorker && { 'worker-killed': dying(killWorker) }),
  }
  const allowed = BreakName.options.filter(name => breaks[name])
  const stateOf = async (name: BreakName) => {
    const state = await breaks[name]?.state()
    return state ? [{ name, ...state }] : []
  }
  const list = async () => ({ allowed, broken: (await Promise.all(allowed.map(stateOf))).flat() })
  return {
    list,
    begin: async name => {
      const chosen = breaks[name]
      if (!chosen) throw new HttpProblem(404, 'It can not be broken here', { detail: what(allowed) })
      await chosen.begin()
      began(name)
      return list()
    },
  }
}

const what = (allowed: BreakName[]) =>
  allowed.length > 0
    ? `There are ${allowed.join(', ')}.`
    : 'Nothing can be, as BANK_ADMIN_URL, INBOX_URL and WORKER_URL name nothing; in the chart, services.backstage.breaksAllowed does.'

interface Break {
  /** Nothing while it is not broken. */
  state: () => Promise<{ secondsLeft?: number } | undefined>
  begin: () => Promise<void>
}

/** What a mock does, and until when, it knows itself. One break of it at a time. */
const misbehaving = (mock: Mock, mode: { mode: string; delayMs?: number }): Break => ({
  state: async () => {
    const now = await mock.mode().catch(() => undefined)
    if (now?.mode !== mode.mode) return undefined
    return now.until ? { secondsLeft: secondsTo(Date.parse(now.until)) } : {}
  },
  begin: async () => {
    const now = await mock.mode().catch(unreachable)
    if (now.mode !== 'normal') throw already(`It is ${now.mode} until ${now.until ?? 'somebody changes it'}.`)
    await mock.setMode({ ...mode, forMs: lastsMs }).catch(unreachable)
  },
})

/** Killed again and again, it would be taken for hopeless by whoever starts it: that waits longer each time. */
function dying(kill: () => Promise<void>): Break {
  let notBefore = 0
  return {
    state: async () => (Date.now() < notBefore ? { secondsLeft: secondsTo(notBefore) } : undefined),
    begin: async () => {
      if (Date.now() < notBefore) throw already(`It may be killed again in ${secondsTo(notBefore)} s.`)
      notBefore = Date.now() + lastsMs
      await kill().catch(error => {
        notBefore = 0
        unreachable(error)
      })
    },
  }
}

const secondsTo = (time: number) => Math.max(0, Math.ceil((time - Date.now()) / 1000))

const already = (detail: string) => new HttpProblem(409, 'It is broken already', { detail })

function unreachable(cause: Error): never {
  const headers = { 'Retry-After': '2' }
  throw new HttpProblem(503, 'It can not be broken now', { detail: cause.message, cause, headers })
}
