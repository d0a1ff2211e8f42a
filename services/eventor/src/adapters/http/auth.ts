import { getCACertificates } from 'node:tls'
import { watchedFile } from 'kafka-restaurants-config-file'
import * as oauth from 'oauth4webapi'
import { Agent, fetch } from 'undici'
import { connector, type TlsFiles } from './connector.ts'
import { inWords } from './network-error.ts'
import type { HttpHandler } from './schema.ts'

type AuthConfig = NonNullable<HttpHandler['auth']>
type ClientCredentials = Extract<AuthConfig, { type: 'oauth2' }>

/** How a call says who calls. */
export interface Auth {
  /** `Basic` or `Bearer`: the part that may be shown. */
  scheme: string
  /** The value of the header `Authorization`. @throws Error when it can't be had now, which is an outage */
  authorization: () => string | Promise<string>
  /** Says that the endpoint answered 401 to this value. Only where the next one can be another. */
  refused?: (authorization: string) => void
  stop?: () => Promise<void>
}

/** Secrets from files are read again when the file has changed. */
export function createAuth(config: AuthConfig, options: { tls: TlsFiles; timeoutMs: number }): Auth {
  switch (config.type) {
    case 'basic': {
      const password = secret(config.password, config.passwordFile)
      const authorization = () =>
        `Basic ${Buffer.from(`${config.username}:${password()}`).toString('base64')}`
      return { scheme: 'Basic', authorization }
    }
    case 'bearer': {
      const token = secret(config.token, config.tokenFile)
      return { scheme: 'Bearer', authorization: () => `Bearer ${token()}` }
    }
    case 'oauth2':
      return clientCredentials(config, options)
  }
}

const secret = (inline = '', file?: string) => (file ? watchedFile(file) : () => inline)

/** A token is not used when it has no more than this to live, or a tenth of its life where that is less. */
const marginMs = 30_000

/**
 * OAuth 2.0 client credentials (RFC 6749 4.4). The token is kept until shortly before it expires; all calls wait for one
 * and the same refresh. A token endpoint that is away, or refuses, is an outage: the events are not to blame.
 */
function clientCredentials(
  config: ClientCredentials,
  { tls, timeoutMs }: { tls: TlsFiles; timeoutMs: number },
): Auth {
  const clientSecret = secret(config.clientSecret, config.clientSecretFile)
  const agent = tokenAgent(tls, timeoutMs)
  let current: { authorization: string; usableUntilMs: number } | undefined
  let refresh: Promise<string> | undefined

  const fetchToken = async () => {
    const token = await requestToken(config, clientSecret(), { agent, timeoutMs })
    const lifeMs = (token.expires_in ?? Number.POSITIVE_INFINITY) * 1000
    const authorization = `Bearer ${token.access_token}`
    current = { authorization, usableUntilMs: Date.now() + lifeMs - Math.min(marginMs, lifeMs / 10) }
    return authorization
  }
  return {
    scheme: 'Bearer',
    authorization: () => {
      if (current && Date.now() < current.usableUntilMs) return current.authorization
      refresh ??= fetchToken().finally(() => {
        refresh = undefined
      })
      return refresh
    },
    refused: authorization => {
      if (current?.authorization === authorization) current = undefined
    },
    stop: () => agent.destroy(),
  }
}

/** Who gives out tokens often has a public certificate where the endpoint has not: it may have either. */
const tokenAgent = ({ caFile }: TlsFiles, timeoutMs: number) =>
  new Agent({ connect: connector({ caFile }, timeoutMs, getCACertificates('default')) })

/** @throws Error that says in words what the token endpoint did, and repeats no secret and no body */
async function requestToken(
  { tokenUrl, clientId, scope, audience }: ClientCredentials,
  clientSecret: string,
  { agent, timeoutMs }: { agent: Agent; timeoutMs: number },
): Promise<oauth.TokenEndpointResponse> {
  const server = { issuer: tokenUrl, token_endpoint: tokenUrl }
  const client = { client_id: clientId }
  const where = `the token endpoint ${new URL(tokenUrl).origin}`
  const parameters = { ...(scope && { scope }), ...(audience && { audience }) }
  const response = await oauth
    .clientCredentialsGrantRequest(server, client, oauth.ClientSecretBasic(clientSecret), parameters, {
      // Whoever writes http: in the configuration means it: a token service in the same pod.
      [oauth.allowInsecureRequests]: tokenUrl.startsWith('http:'),
      [oauth.customFetch]: (url, options) =>
        fetch(url, { ...options, dispatcher: agent }) as Promise<unknown> as Promise<Response>,
      signal: AbortSignal.timeout(timeoutMs),
    })
    .catch(error => {
      throw new Error(`${where}: ${inWords(error.cause ?? error)}`)
    })
  return oauth.processClientCredentialsResponse(server, client, response).catch(error => {
    const why = error instanceof oauth.ResponseBodyError ? error.error : 'which is no token'
    throw new Error(`${where} answered ${response.status}, ${why}`)
  })
}
