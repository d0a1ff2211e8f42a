import { EventEmitter, once } from 'node:events'
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
   * @param after returns the updates after the given id: first that of `Last-Event-ID`, or of the query `lastEventId`
   *   where there is no such header, or ''; later that of the last update sent
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
  /** Whether anybody watches anything. */
  isWatched: () => boolean
  /** Ends the streams, and answers who still waits with what there is. */
  stop: () => void
}

/** A browser that has not taken so many bytes of its stream is let go. */
const mostUnread = 1024 ** 2
const heartbeatMs = 10_000
const longestWaitS = 60

/** One for a service: who calls `changed` and who watches use the same. */
export function liveUpdates(): LiveUpdates {
  const changes = new EventEmitter().setMaxListeners(0)
  const watches = new Set<AbortController>()
  let isStopped = false
  const nameOf = (key: string) => `changed ${key}`

  /** Looks now and after each change until a look is the last one, or it is ended. A change during a look leads to another. */
  const watch = async (key: string, ended: AbortController, look: () => Promise<boolean>) => {
    const { signal } = ended
    watches.add(ended)
    if (isStopped) ended.abort()
    try {
      do {
        const change = once(changes, nameOf(key), { signal }).catch(() => {})
        if (await look()) return
        await change
      } while (!signal.aborted)
    } finally {
      watches.delete(ended)
      ended.abort()
    }
  }

  return {
    changed: key => void changes.emit(nameOf(key)),
    stream: async (request, response, key, after) => {
      const left = leaving(response)
      response.set({
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store, no-transform',
        // NGINX holds nothing back then.
        'X-Accel-Buffering': 'no',
      })
      response.flushHeaders()
      const send = (text: string) => {
        if (response.destroyed || response.writableEnded) return
        response.write(text)
        if (response.writableLength > mostUnread) response.destroy()
      }
      const heartbeat = setInterval(() => send(':\n\n'), heartbeatMs)
      let seen = String(request.get('Last-Event-ID') ?? request.query.lastEventId ?? '')
      try {
        await watch(key, left, async () => {
          for (const update of await after(seen)) {
            send(eventText(update))
            seen = update.id
          }
          return response.destroyed
        })
      } finally {
        clearInterval(heartbeat)
      }
      response.end()
    },
    poll: async (request, response, key, read) => {
      let found: Awaited<ReturnType<typeof read>>
      const seconds = preferredWait(request)
      if (seconds > 0) response.set('Preference-Applied', `wait=${seconds}`)
      const ended = leaving(response)
      const timer = setTimeout(() => ended.abort(), seconds * 1_000)
      await watch(key, ended, async () => {
        found = await read()
        return found !== undefined || seconds === 0
      }).finally(() => clearTimeout(timer))
      return found
    },
    isWatched: () => watches.size > 0,
    stop: () => {
      isStopped = true
      for (const watching of watches) watching.abort()
    },
  }
}

const eventText = ({ id, event, data }: Update) =>
  `${event === undefined ? '' : `event: ${event}\n`}id: ${id}\ndata: ${JSON.stringify(data)}\n\n`

/** Aborted when the caller leaves. */
function leaving(response: Response): AbortController {
  const left = new AbortController()
  if (response.destroyed) left.abort()
  response.on('close', () => left.abort())
  return left
}

/** What a caller grants by `Prefer: wait`, in whole seconds; 0 where it names none. */
export function preferredWait(request: Request): number {
  const preferences = request.get('Prefer')?.split(',') ?? []
  const [wait] = preferences.flatMap(each => /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;|$)/i.exec(each)?.[1] ?? [])
  return Math.min(Number(wait ?? 0), longestWaitS)
}
