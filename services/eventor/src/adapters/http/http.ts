import { Agent } from 'undici'
import type { Event, Scope } from '../../event.ts'
import { type Answer, decoded } from './answer.ts'
import { createAuth } from './auth.ts'
import { connector } from './connector.ts'
import { exchange } from './exchange.ts'
import { maskedHeaders, maskedUrl } from './masked.ts'
import { networkError } from './network-error.ts'
import { preparing, type Request } from './prepare.ts'
import type { HttpHandler } from './schema.ts'

/** What is sent for an event, fit to be shown: secrets are masked. */
export interface ShownRequest {
  method: string
  url: string
  headers: Record<string, string>
  body: Buffer | string | null
}

export interface Caller {
  /**
   * Sends an event to the endpoint.
   * @param scope what the templates know
   * @throws NetworkError when there is no answer, or not within `timeoutMs`
   * @throws UnreadableRecordError when no request can be made of the event, or nothing of the answer
   * @throws Error for anything else, such as a token that can't be had: the endpoint is down
   */
  call: (event: Event, scope: Scope) => Promise<Answer>
  /** What `call` would send. Asks nobody, not even for a token. @throws UnreadableRecordError as `call` does */
  request: (event: Event, scope: Scope) => ShownRequest
  /**
   * Connects to the endpoint, with TLS where its URL says so, gets a token where one is needed, and sends no event. Does
   * not connect when the host comes from a template. @throws NetworkError, or Error for the token
   */
  check: () => Promise<void>
  /** Gives up the running calls, and resolves when the connections are closed. */
  stop: () => Promise<void>
}

const longestConnectMs = 10_000

/**
 * Sends events to an HTTP endpoint over kept-alive HTTP/1.1 connections. A header that is passed on from the event
 * replaces a configured one of that name, which is its default; `auth` replaces both.
 * @param connections how many at most, and calls wait for one; by default as many as needed, which is up to twice as many
 *   as there are calls at once
 * @param maxBytes the longest answer, before and after decoding
 * @throws Error when the configuration names a URL or a header that HTTP can't have
 */
export function createCaller(
  handler: HttpHandler,
  { connections, maxBytes = 16 * 1024 * 1024 }: { connections?: number; maxBytes?: number } = {},
): Caller {
  const { method, timeoutMs, tls = {} } = handler
  const prepare = preparing(handler)
  const connect = connector(tls, Math.min(timeoutMs, longestConnectMs))
  const agent = new Agent({
    connect,
    connections: connections ?? null,
    maxResponseSize: maxBytes,
    // timeoutMs covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const auth = handler.auth && createAuth(handler.auth, { tls, timeoutMs })

  const send = ({ target: { origin, path }, headers, body }: Request) =>
    exchange(agent, { origin, path, method, headers, body }, { timeoutMs, maxBytes })

  async function sendAuthorized(request: Request): Promise<Answer> {
    if (!auth) return send(request)
    const authorization = await auth.authorization()
    const answer = await send(withAuthorization(request, authorization))
    if (answer.status !== 401 || !auth.refused) return answer
    auth.refused(authorization)
    return send(withAuthorization(request, await auth.authorization()))
  }

  return {
    call: async (event, scope) => {
      const answer = await sendAuthorized(prepare(event, scope))
      return answer.headers['content-encoding'] ? decoded(answer, maxBytes) : answer
    },
    request: (event, scope) => {
      const { target, headers, body } = prepare(event, scope)
      const shown = maskedHeaders(headers)
      if (auth) shown.authorization = `${auth.scheme} ***`
      return { method, url: maskedUrl(target.origin + target.path), headers: shown, body }
    },
    check: async () => {
      const origin = /^https?:\/\/[^/?#{]+(?=[/?#]|$)/i.exec(handler.url)?.[0]
      if (origin) await reach(connect, new URL(origin))
      await auth?.authorization()
    },
    stop: async () => {
      await Promise.all([agent.destroy(), auth?.stop?.()])
    },
  }
}

const withAuthorization = (request: Request, authorization: string): Request => ({
  ...request,
  headers: { ...request.headers, authorization },
})

/** @throws NetworkError when there is no connection to be had */
async function reach(connect: ReturnType<typeof connector>, { origin, protocol, host, hostname, port }: URL) {
  await new Promise<void>((resolve, reject) => {
    connect({ hostname: hostname.replace(/^\[|\]$/g, ''), host, protocol, port }, (error, socket) => {
      socket?.destroy()
      if (error) reject(networkError(origin, error))
      else resolve()
    })
  })
}
