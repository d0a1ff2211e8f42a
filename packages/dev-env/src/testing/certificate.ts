import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One for localhost that vouches for itself, with its key: both in one file as brokers want it, and alone as clients do. */
export function certificate(folder: string) {
  const certificateFile = join(folder, 'ca.crt')
  const keyFile = join(folder, 'user.key')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2']
  const words = ['req', '-x509', ...key, '-out', certificateFile, ...subject]
  execFileSync('openssl', words, { stdio: 'ignore' })
  const pemFile = join(folder, 'broker.pem')
  writeFileSync(pemFile, readFileSync(keyFile, 'utf8') + readFileSync(certificateFile, 'utf8'))
  return { pemFile, certificateFile }
}
