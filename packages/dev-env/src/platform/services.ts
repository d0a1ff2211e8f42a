import { join, resolve } from 'node:path'
import { kafkaEnv } from 'kafka-restaurants-kafka'
import type { Command } from '../child.ts'
import { root } from '../paths.ts'
import type { Ports } from '../ports.ts'

/** What the environments of the services depend on. */
export interface Surroundings {
  ports: Ports
  dataDir: string
  /** Kafka's bootstrap servers. */
  bootstrap: string
  smtpUrl: string
  /** Unset where the mails go elsewhere. */
  inboxUrl: string | undefined
  /** Whether the Kafka was started here: TLS and a login, which the environment may ask for, are then not for it. */
  ownKafka: boolean
  /** Added to the environment of every service. */
  env?: Record<string, string> | undefined
  /** The main file of a service that runs in place of its own. */
  mains?: Partial<Record<ServiceName, string>> | undefined
}

export type ServiceName = 'bank' | 'inbox' | 'search-order' | 'transaction' | 'email'

/** How to run a service: what it shares with all, and its own environment. */
export function serviceCommand(name: ServiceName, around: Surroundings): Command {
  const env = {
    ...process.env,
    ...around.env,
    ...(around.ownKafka && noLogin),
    HOST: '127.0.0.1',
    PORT: String(around.ports[name]),
    METRICS_PORT: String(around.ports[`${name} metrics`]),
    ...ownEnvironment(name, around),
  }
  const main = around.mains?.[name] ?? resolve(root, 'services', name, 'src/main.ts')
  return { command: process.execPath, args: [main], cwd: root, env }
}

const noLogin = Object.fromEntries(
  Object.keys(kafkaEnv)
    .filter(name => name !== 'BOOTSTRAP_SVR')
    .map(name => [name, '']),
)

function ownEnvironment(name: ServiceName, around: Surroundings): Record<string, string> {
  const { ports, bootstrap, smtpUrl } = around
  const bankUrl = localUrl(ports.bank)
  const file = (base: string) => join(around.dataDir, name, base)
  switch (name) {
    case 'bank':
      return {
        ADMIN_PORT: String(ports['bank admin']),
        KEYS_FILE: file('keys.json'),
        LEDGER_FILE: file('ledger.sqlite'),
      }
    case 'inbox':
      return { SMTP_PORT: String(ports['inbox SMTP']), INBOX_FILE: file('inbox.sqlite') }
    case 'search-order':
      return {
        BOOTSTRAP_SVR: bootstrap,
        BANK_URL: bankUrl,
        CATALOGUE_FILE: resolve(root, 'helm/files/restaurants.json'),
        PAYMENT_KEY_FILE: file('payment-key.json'),
      }
    case 'transaction':
      return { BOOTSTRAP_SVR: bootstrap, BANK_URL: bankUrl }
    case 'email':
      return { BOOTSTRAP_SVR: bootstrap, SMTP_URL: smtpUrl, SENT_FILE: file('sent.sqlite') }
  }
}

/** The site's own server, built before. */
export function siteCommand(port: number, around: Surroundings): Command {
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    HOSTNAME: '127.0.0.1',
    PORT: String(port),
    INBOX_URL: around.inboxUrl ?? '',
  }
  return { command: process.execPath, args: [siteServer], cwd: root, env }
}

export const siteServer = resolve(root, 'apps/web/.next/standalone/apps/web/server.js')

export const localUrl = (port: number) => `http://127.0.0.1:${port}`
