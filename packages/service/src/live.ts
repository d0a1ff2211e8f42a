import { EventEmitter, once } from 'node:events'
import { createSession } from 'better-sse'
import type { Request, Response } from 'express'

/** What those who watch are told. `id` is their place once they have it, any text of one line; `data` goes as JSON. */
export interface Update {
  id: string
  /** "message" unless given */
  event?: string
  data: unknown
}

/** Tells browsers what changes. What there is to tell lies in the service's own store: here nothing is kept. */
export interface LiveUpdates {
  /** Has all who watch `key` look again. */
  changed: (key: string) => void
  /**
   * Answers with a stream of events (WHATWG HTML, 9.2) that lives until the caller leaves or the service stops. A comment
   * every 10 s keeps it through proxies. Who reads too slowly is let go, and comes back with `Last-Event-ID`.
   * @param after what there is to tell after that id: that of `Last-Event-ID`, later that of the last one told; '' at first
   */
  stream: (
    request: Request,
    response: Response,
    key: string,
    after: (id: string) => Update[] | Promise<Update[]>,
  ) => Promise<void>
  /**
   * Gives what `read` finds. Where it finds nothing, it reads again after each change, for as long as the caller asks by
   * `Prefer: wait=SECONDS` (RFC 7240, 4.3), a minute at most.
   */
  poll: <Found>(
    request: Request,
    response: Response,
    key: string,
    read: () => Promise<Found | undefined>,
  ) => Promise<Found | undefined>
  /** Ends the streams, and answers who still waits with what there is. */
  stop: () => void
}

/** A browser that has not taken so many bytes of its stream is let go. */
const mostUnread = 1024 ** 2
const longestWaitS = 60

export function liveUpdates(): LiveUpdates {
  const changes = new EventEmitter().setMaxListeners(0)
  const stopping = new AbortController()
  const nameOf = (key: string) => `changed ${key}`

  /** Looks now and after each change until a look is the last one. A change during a look leads to another. */
  const watch = async (key: string, ended: AbortSignal, look: () => Promise<boolean>) => {
    const done = new AbortController()
    const signal = AbortSignal.any([ended, stopping.signal, done.signal])
    try {
      do {
        const change = once(changes, nameOf(key), { signal }).catch(() => {})
        if (await look()) return
        await change
      } while (!signal.aborted)
    } finally {
      done.abort()
    }
  }

  return {
    changed: key => void changes.emit(nameOf(key)),
    stream: async (request, response, key, after) => {
      const session = await createSession(request, response)
      let seen = session.lastId
      await watch(key, leaving(response), async () => {
        for (const { id, event = 'message', data } of await after(seen)) {
          if (!session.isConnected) return true
          session.push(data, event, id)
          seen = id
        }
        return response.writableLength > mostUnread
      })
      response.end()
    },
    poll: async (request, response, key, read) => {
      let found: Awaited<ReturnType<typeof read>>
      const seconds = preferredWait(request)
      if (seconds > 0) response.set('Preference-Applied', `wait=${seconds}`)
      const ended = AbortSignal.any([AbortSignal.timeout(seconds * 1_000), leaving(response)])
      await watch(key, ended, async () => {
        found = await read()
        return found !== undefined || seconds === 0
      })
      return found
    },
    stop: () => stopping.abort(),
  }
}

function leaving(response: Response): AbortSignal {
  const left = new AbortController()
  response.on('close', () => left.abort())
  return left.signal
}

/** What a caller grants by `Prefer: wait`, in whole seconds; 0 where it names none. */
function preferredWait(request: Request): number {
  const preferences = request.get('Prefer')?.split(',') ?? []
  const [wait] = preferences.flatMap(each => /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;|$)/i.exec(each)?.[1] ?? [])
  return Math.min(Number(wait ?? 0), longestWaitS)
}
