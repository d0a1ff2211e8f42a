import { z } from 'zod'

/** A part that can be told to misbehave. */
export interface BreakablePart {
  mode: () => Promise<Mode>
  setMode: (mode: Record<string, unknown>) => Promise<void>
  /** kill -9. Resolves when it is dead. */
  crash: () => Promise<void>
}

/** Those that are known here. */
export type Parts = Partial<Record<'bank' | 'inbox' | 'worker', BreakablePart>>

const Mode = z.object({ mode: z.string(), until: z.string().optional() })
type Mode = z.infer<typeof Mode>

const patienceMs = 3_000

/** @param url its own address; @param modePath where its mode is */
export function breakablePart(url: string, modePath = '/mode'): BreakablePart {
  const base = url.replace(/\/+$/, '')
  const call = (path: string, init: RequestInit = {}) =>
    fetch(base + path, { ...init, signal: AbortSignal.timeout(patienceMs) })
  const answered = async (answer: Response) => {
    if (!answer.ok) throw new Error(`${modePath} answers ${answer.status}`)
    return Mode.parse(await answer.json())
  }
  return {
    mode: async () => answered(await call(modePath)),
    setMode: async mode => {
      await answered(await call(modePath, { method: 'PUT', body: JSON.stringify(mode) }))
    },
    crash: async () => {
      // Who dies of it does not answer; who answers does not die.
      const answer = await call('/crash', { method: 'POST' }).catch(error => {
        if (error instanceof DOMException && error.name === 'TimeoutError') throw error
      })
      if (answer) throw new Error(`/crash answers ${answer.status}`)
    },
  }
}
