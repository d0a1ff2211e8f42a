/** No answer came: what happened, and where (the origin alone, as a path may hold an event's key). */
export class NetworkError extends Error {
  override name = 'NetworkError'
}

/**
 * Has no cause: undici's errors may carry what came over the line.
 * @param where whose origin, such as `https://example.com`
 */
export const networkError = (where: string, error: unknown) => new NetworkError(`${where}: ${inWords(error)}`)

const words: Record<string, string> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name can not be looked up now',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
}

/** What happened, with the code that says it exactly. */
export function inWords(error: unknown): string {
  if (!(error instanceof Error)) return 'an error without a name'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  if (code.startsWith('ERR_SSL_')) return `no TLS connection (${code})`
  // Node adds advice about its own options after a semicolon.
  return `${words[code] ?? error.message.split(';', 1)[0]} (${code})`
}
