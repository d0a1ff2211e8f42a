import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A server of its own for one test, gone when that is over. Resolves with its URL, without a slash at the end. */
export async function serve(listener: RequestListener, tls?: TlsOptions): Promise<string> {
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  await listen(server)
  return `${tls ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}`
}

async function listen(server: Server) {
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve))
  onTestFinished(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await request.toArray())
}

/** A folder for one test, gone when that is over. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'eventor-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A certificate for localhost that vouches for itself, and its key: as files, and as text. */
export function certificate(into: string, name: string) {
  const certFile = join(into, `${name}.pem`)
  const keyFile = join(into, `${name}.key`)
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...subject], {
    stdio: 'ignore',
  })
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
