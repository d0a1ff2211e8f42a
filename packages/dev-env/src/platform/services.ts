import { join, resolve } from 'node:path'
import { kafkaEnv } from 'kafka-restaurants-kafka'
import type { Command } from '../child.ts'
import { root } from '../paths.ts'
import { localUrl, type Part, type Surroundings } from './parts.ts'

/** How to run a service: what it shares with all, and its own environment. @param main in place of its own */
export function serviceCommand(name: string, part: Part, around: Surroundings, main?: string): Command {
  const file = (base: string) => join(around.dataDir, name, base)
  const env = {
    ...process.env,
    ...around.env,
    ...(around.ownKafka && noLogin),
    HOST: '127.0.0.1',
    PORT: String(around.port(name)),
    METRICS_PORT: String(around.port(`${name} metrics`)),
    ...part.env(around, file),
  }
  const args = [main ?? mainOf(name, part), ...(part.args?.(file) ?? [])]
  return { command: process.execPath, args, cwd: root, env }
}

/** What is run of it. */
export const mainOf = (name: string, part: Part) => sourceOf(name, part, part.main ?? 'main.ts')

/** A file of its `src`. */
export const sourceOf = (name: string, { folder = join('services', name) }: Part, file: string) =>
  resolve(root, folder, 'src', file)

const noLogin = Object.fromEntries(
  Object.keys(kafkaEnv)
    .filter(name => name !== 'BOOTSTRAP_SVR')
    .map(name => [name, '']),
)

/** The site's own server, built before. */
export function siteCommand(port: number, around: Surroundings): Command {
  const env = {
    ...process.env,
    ...around.env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    HOSTNAME: '127.0.0.1',
    PORT: String(port),
    INBOX_URL: around.inboxUrl ?? '',
    SEARCH_ORDER_URL: localUrl(around.port('search-order')),
    TRACKING_URL: localUrl(around.port('tracking')),
    DEAD_LETTERS_URL: localUrl(around.port('dead-letters')),
    // Longer than the edge keeps an idle connection to it, as with our services.
    KEEP_ALIVE_TIMEOUT: '75000',
  }
  return { command: process.execPath, args: [siteServer], cwd: root, env }
}

export const siteServer = resolve(root, 'apps/web/.next/standalone/apps/web/server.js')
