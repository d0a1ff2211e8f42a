import {
  type Authenticator,
  connect,
  credsAuthenticator,
  headers as emptyHeaders,
  type MsgHdrs,
  type NatsConnection,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node'
import { backoffMs } from 'kafka-restaurants-delivery'
import { readPem, readText } from 'kafka-restaurants-service'
import { within } from '../within.ts'
import type { NatsListener } from './schema.ts'

/** A connection that comes back by itself, and knows whether it is there. */
export interface Nats {
  connection: NatsConnection
  notReady: () => string[]
  /** Resolves with the reason when it has ended for good. */
  ended: Promise<unknown>
}

type Connection = Pick<NatsListener, 'servers' | 'auth' | 'tls'>

/**
 * Connects, and comes back by itself from then on; with TLS alone where one of the servers' URLs, or `tls`, asks for it.
 * Files with secrets are read at each attempt.
 * @throws Error when no server answers, or none lets us in
 */
export async function connectNats({ servers, auth, tls }: Connection): Promise<Nats> {
  let reconnects = 0
  const connection = await connect({
    servers,
    name: 'eventor',
    timeout: 5_000,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: () => backoffMs(++reconnects),
    pingInterval: 10_000,
    ...(auth && { authenticator: authenticatorOf(auth) }),
    ...((tls || servers.some(url => /^tls:/i.test(url))) && { tls: tlsOf(tls) }),
  })
  let isAway = false
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') isAway = true
      if (type === 'reconnect') {
        isAway = false
        reconnects = 0
      }
    }
  })()
  return {
    connection,
    notReady: () => (isAway ? [`${placeOf({ servers })} is away`] : []),
    ended: connection.closed(),
  }
}

/** Read anew for each connection, as certificates are renewed. */
const tlsOf = ({ caFile, certFile, keyFile }: NonNullable<Connection['tls']> = {}) => ({
  get ca() {
    return caFile && String(readPem(caFile))
  },
  get cert() {
    return certFile && String(readPem(certFile))
  },
  get key() {
    return keyFile && String(readPem(keyFile))
  },
})

function authenticatorOf(auth: NonNullable<Connection['auth']>): Authenticator {
  const { user, password, passwordFile, token, tokenFile, credsFile } = auth
  const secret = (inline: string | undefined, path: string | undefined) => () =>
    path === undefined ? (inline ?? '') : readText(path).replace(/\r?\n$/, '')
  if (credsFile !== undefined) return credsAuthenticator(() => readPem(credsFile))
  if (user !== undefined) return usernamePasswordAuthenticator(user, secret(password, passwordFile))
  return tokenAuthenticator(secret(token, tokenFile))
}

/** How long a goodbye may take; what is not acknowledged comes again in any case. */
export const closeMs = 1_000

/** Never rejects, and does not take long. */
export const closeNats = (connection: NatsConnection): Promise<void> =>
  within(closeMs, connection.close(), 'NATS did not say goodbye').catch(() => {})

/** The servers in words; their URLs hold no secret. */
export const placeOf = ({ servers }: Pick<Connection, 'servers'>): string => `NATS at ${servers.join(', ')}`

/** Headers as text; of one that is there more than once, the last. */
export const textHeaders = (headers: MsgHdrs | undefined): Record<string, string> =>
  Object.fromEntries((headers?.keys() ?? []).map(name => [name, headers?.last(name) ?? '']))

/**
 * Headers as NATS can write them. Those that mean something to NATS itself (`Nats-…`) stay behind; line breaks and
 * characters that it can't have in a name become blanks and `_`.
 */
export function natsHeaders(headers: Record<string, string>): MsgHdrs {
  const written = emptyHeaders()
  for (const [name, value] of Object.entries(headers)) {
    if (name === '' || /^nats-/i.test(name)) continue
    written.set(name.replace(/[^!-9;-~]/g, '_'), value.replace(/[\r\n]+/g, ' '))
  }
  return written
}
