import { type BreakName, type Breaks, BreakName as Name } from 'kafka-restaurants-contracts'
import { HttpProblem } from 'kafka-restaurants-service'
import type { Parts } from './adapters/parts.ts'

/** How long a part stays broken, in ms. It comes back by itself: nothing here has to live for it. */
const lastsMs = 30_000

type Part = keyof Parts
type Kind = { part: Part; mode?: Record<string, unknown> }

const kinds: Readonly<Record<BreakName, Kind>> = {
  'bank-away': { part: 'bank', mode: { mode: 'away' } },
  'bank-slow': { part: 'bank', mode: { mode: 'slow', delayMs: 3_000 } },
  'mail-away': { part: 'inbox', mode: { mode: 'away' } },
  'worker-killed': { part: 'worker' },
}

export interface Breaker {
  list: () => Promise<Breaks>
  /** @throws HttpProblem 403 where nothing may be broken, 409 while the part is broken already, 503 where it does not answer */
  begin: (name: BreakName) => Promise<Breaks>
}

/** Breaks parts for a while, one break of a part at a time. What is broken says so itself. */
export function breaker(parts: Parts, isAllowed: boolean): Breaker {
  const list = async (): Promise<Breaks> => {
    if (!isAllowed) return { allowed: false, broken: [] }
    const names = Name.options.filter(name => parts[kinds[name].part])
    const broken = await Promise.all(
      names.map(async name => {
        const { part, mode } = kinds[name]
        const now = mode && (await parts[part]?.mode().catch(() => undefined))
        return now?.until && now.mode === mode?.mode ? [{ name, until: now.until }] : []
      }),
    )
    return { allowed: true, broken: broken.flat() }
  }
  return {
    list,
    begin: async name => {
      if (!isAllowed)
        throw new HttpProblem(403, 'Nothing may be broken here', {
          detail: 'Set BREAKS_ALLOWED=true, or backstage.breaksAllowed of the chart.',
        })
      const { part, mode } = kinds[name]
      const target = parts[part]
      if (!target) throw new HttpProblem(404, 'There is no such part here')
      if (!mode) await target.crash().catch(away)
      else {
        const now = await target.mode().catch(away)
        if (now.until)
          throw new HttpProblem(409, 'It is broken already', { detail: `It is ${now.mode} until ${now.until}.` })
        await target.setMode({ ...mode, forMs: lastsMs }).catch(away)
      }
      return list()
    },
  }
}

function away(cause: unknown): never {
  throw new HttpProblem(503, 'The part does not answer', { cause, headers: { 'Retry-After': '2' } })
}
