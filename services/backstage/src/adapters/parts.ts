import { z } from 'zod'

/** A mock that can be told to misbehave. */
export interface Mock {
  mode: () => Promise<Mode>
  setMode: (mode: Record<string, unknown>) => Promise<void>
}

/** What may be broken here. All calls throw an Error with what is wrong as a sentence. */
export interface Parts {
  bank?: Mock
  inbox?: Mock
  /** Kills a worker as kill -9 does. Resolves when it is dead. */
  killWorker?: () => Promise<void>
}

const Mode = z.object({ mode: z.string(), until: z.iso.datetime().optional() })
type Mode = z.infer<typeof Mode>

const patienceMs = 3_000

/** @param url its own address; @param path where its mode is */
export function mockAt(url: string, path = '/mode'): Mock {
  const place = url.replace(/\/+$/, '') + path
  const call = async (init: RequestInit = {}) => {
    const answer = await fetch(place, { ...init, signal: AbortSignal.timeout(patienceMs) }).catch(
      unanswered(path),
    )
    if (!answer.ok) throw new Error(`${path} is answered ${answer.status}.`)
    const { data } = Mode.safeParse(await answer.json().catch(() => undefined))
    if (!data) throw new Error(`${path} is answered with something that is no mode.`)
    return data
  }
  return {
    mode: () => call(),
    setMode: async mode => void (await call({ method: 'PUT', body: JSON.stringify(mode) })),
  }
}

/** @param url where it has `GET /metrics` */
export const workerKiller = (url: string) => async (): Promise<void> => {
  const answer = await fetch(`${url.replace(/\/+$/, '')}/crash`, {
    method: 'POST',
    headers: { 'X-Backstage': 'yes' },
    signal: AbortSignal.timeout(patienceMs),
  }).catch(error => {
    // Who dies of a call does not answer it; who was not there could not be called.
    if (!diedOfIt.has(error.cause?.code)) unanswered('/crash')(error)
  })
  if (answer?.status === 404) throw new Error('The worker may not be killed: set CRASH_ALLOWED=true there.')
  if (answer) throw new Error(`/crash is answered ${answer.status}.`)
}

const diedOfIt = new Set<unknown>(['ECONNRESET', 'UND_ERR_SOCKET'])

const unanswered =
  (path: string) =>
  (cause: unknown): never => {
    throw new Error(`Nobody answers ${path}.`, { cause })
  }
