import { watchedFile } from 'kafka-restaurants-config-file'
import { readPem } from 'kafka-restaurants-service'
import { buildConnector } from 'undici'
import type { HttpHandler } from './schema.ts'

export type TlsFiles = NonNullable<HttpHandler['tls']>

/**
 * How undici connects: with the files as they are at that moment, as certificates are renewed while eventor runs.
 * `caFile` replaces the authorities that Node trusts.
 */
export function connector(
  { caFile, certFile, keyFile }: TlsFiles,
  timeout: number,
  moreAuthorities: string[] = [],
): buildConnector.connector {
  const readers = [caFile, certFile, keyFile].map(file =>
    file ? watchedFile(file, path => readPem(path).toString('latin1')) : undefined,
  )
  let seen: (string | undefined)[] = []
  let connect: buildConnector.connector | undefined
  return (options, callback) => {
    try {
      const files = readers.map(read => read?.())
      if (!connect || files.some((text, index) => text !== seen[index])) {
        const [ca, cert, key] = files
        connect = buildConnector({ ca: ca && [ca, ...moreAuthorities], cert, key, timeout, allowH2: false })
        seen = files
      }
      connect(options, callback)
    } catch (error) {
      callback(error as Error, null)
    }
  }
}
