import { resolve } from 'node:path'
import { commandTopics } from 'kafka-restaurants-contracts'
import { root } from '../paths.ts'
import { gatewayRoutes, kitchenPipelines } from './pipelines.ts'

/** What the environments of the parts depend on. */
export interface Surroundings {
  /** The port of what listens there, such as `bank` or `bank admin`. */
  port: (name: string) => number
  dataDir: string
  /** Kafka's bootstrap servers. */
  bootstrap: string
  smtpUrl: string
  /** Unset where the mails go elsewhere. */
  inboxUrl: string | undefined
  /** Where people find the site; '' where there is none. */
  siteUrl: string
  /** Whether the Kafka was started here: TLS and a login, which the environment may ask for, are then not for it. */
  ownKafka: boolean
  /** Added to the environment of every part. */
  env?: Record<string, string> | undefined
}

/** A service of the platform: all that start, tests, bench and chaos have to know of it. */
export interface Part {
  /** The ports before PORT_OFFSET: HTTP, metrics, and what else it listens on by its name, such as `admin`. */
  ports: { http: number; metrics: number } & Record<string, number>
  /** Its environment beside PORT, METRICS_PORT and HOST. `file` gives a place for a file of its own. */
  env: (around: Surroundings, file: (name: string) => string) => Record<string, string>
  /** Whether it begins when Kafka has its topics. */
  readsKafka?: boolean
  /** Whether it is started at all; it is unless given. */
  isWanted?: (around: Surroundings) => boolean
  /** Files that it reads, by their names, written where `file` says before it starts. */
  files?: (around: Surroundings) => Record<string, string>
  /** What its command is given. */
  args?: (file: (name: string) => string) => string[]
  /** Where `npm start` says that it is; its `/health` unless given. */
  says?: (url: string, around: Surroundings) => string
  /** The folder of its `src`; `services/<name>` unless given. */
  folder?: string
  /** Its file in there; `main.ts` unless given. */
  main?: string
}

export type Parts = Record<string, Part>

export const localUrl = (port: number) => `http://127.0.0.1:${port}`

/** All services, in the order in which they are stopped. */
export const parts = {
  'search-order': {
    ports: { http: 5000, metrics: 9466 },
    readsKafka: true,
    env: ({ bootstrap, port }, file) => ({
      BOOTSTRAP_SVR: bootstrap,
      BANK_URL: localUrl(port('bank')),
      CATALOGUE_FILE: resolve(root, 'helm/files/restaurants.json'),
      PAYMENT_KEY_FILE: file('payment-key.json'),
    }),
    says: url => url,
  },
  backstage: {
    ports: { http: 5011, metrics: 9475 },
    readsKafka: true,
    env: ({ bootstrap, port, inboxUrl }) => ({
      BOOTSTRAP_SVR: bootstrap,
      TRACKING_URL: localUrl(port('tracking')),
      // Whoever is at this machine may break what runs on it.
      BANK_ADMIN_URL: localUrl(port('bank admin')),
      WORKER_URL: localUrl(port('transaction metrics')),
      ...(inboxUrl && { INBOX_URL: inboxUrl }),
    }),
  },
  // The desk; what is main.ts there is the command.
  'dead-letters': {
    ports: { http: 5012, metrics: 9476 },
    readsKafka: true,
    main: 'desk.main.ts',
    env: ({ bootstrap }) => ({ BOOTSTRAP_SVR: bootstrap }),
  },
  tracking: {
    ports: { http: 5001, metrics: 9470 },
    readsKafka: true,
    env: ({ bootstrap }, file) => ({
      BOOTSTRAP_SVR: bootstrap,
      DATABASE_FILE: file('tracking.sqlite'),
      SPOOL_FILE: file('spool.sqlite'),
      REQUESTS_TOPIC: commandTopics.requests,
      ACTIONABLE_TOPIC: commandTopics.actionable,
      EVENTS_TOPIC: commandTopics.events,
    }),
  },
  transaction: {
    ports: { http: 5006, metrics: 9467 },
    readsKafka: true,
    env: ({ bootstrap, port }) => ({
      BOOTSTRAP_SVR: bootstrap,
      BANK_URL: localUrl(port('bank')),
      COMMANDS_TOPIC: commandTopics.requests,
      CRASH_ALLOWED: 'true',
    }),
  },
  gateway: {
    ports: { http: 5004, metrics: 9474 },
    readsKafka: true,
    env: ({ bootstrap, env }) => ({
      BOOTSTRAP_SVR: bootstrap,
      ALLOWED_ORIGINS: env?.ALLOWED_ORIGINS ?? process.env.ALLOWED_ORIGINS ?? '',
    }),
    files: ({ ownKafka }) => ({ 'gateway.yaml': gatewayRoutes(ownKafka ? {} : process.env) }),
    args: file => ['-f', file('gateway.yaml')],
  },
  'kitchen-eventor': {
    ports: { http: 5010, metrics: 9473 },
    readsKafka: true,
    folder: 'services/eventor',
    env: ({ bootstrap, port }) => ({ BOOTSTRAP_SVR: bootstrap, KITCHEN_URL: localUrl(port('kitchen')) }),
    files: ({ ownKafka }) => ({ 'eventor.yaml': kitchenPipelines(ownKafka ? {} : process.env) }),
    args: file => ['-f', file('eventor.yaml')],
  },
  kitchen: {
    ports: { http: 5002, metrics: 9472 },
    env: ({ port, env }, file) => ({
      TICKETS_FILE: file('tickets.sqlite'),
      COMMAND_QUEUE_URL: localUrl(port('command-queue')),
      KITCHEN_AUTOPILOT: env?.KITCHEN_AUTOPILOT ?? process.env.KITCHEN_AUTOPILOT ?? '20',
    }),
  },
  'command-queue': {
    ports: { http: 5003, metrics: 9471 },
    readsKafka: true,
    env: ({ bootstrap, env }) => ({
      BOOTSTRAP_SVR: bootstrap,
      LIMITS_FILE: env?.LIMITS_FILE ?? process.env.LIMITS_FILE ?? resolve(root, 'helm/files/limits.yaml'),
    }),
  },
  email: {
    ports: { http: 5007, metrics: 9468 },
    readsKafka: true,
    env: ({ bootstrap, smtpUrl, siteUrl }, file) => ({
      BOOTSTRAP_SVR: bootstrap,
      SMTP_URL: smtpUrl,
      SITE_URL: siteUrl,
      SENT_FILE: file('sent.sqlite'),
    }),
  },
  bank: {
    ports: { http: 5005, admin: 5015, metrics: 9464 },
    env: ({ port }, file) => ({
      ADMIN_PORT: String(port('bank admin')),
      KEYS_FILE: file('keys.json'),
      LEDGER_FILE: file('ledger.sqlite'),
    }),
    says: (url, { port }) => `${url}  (admin ${localUrl(port('bank admin'))})`,
  },
  inbox: {
    ports: { http: 1080, SMTP: 1025, metrics: 9465 },
    isWanted: ({ inboxUrl }) => inboxUrl !== undefined,
    env: ({ port, siteUrl }, file) => ({
      SMTP_PORT: String(port('inbox SMTP')),
      INBOX_FILE: file('inbox.sqlite'),
      SITE_URL: siteUrl,
    }),
    says: (url, { smtpUrl }) => `${url}  (${smtpUrl})`,
  },
} satisfies Parts

export type ServiceName = keyof typeof parts

/** `http` of the bank is `bank`, and its `admin` is `bank admin`. */
type PortsOf<Name extends ServiceName> = {
  [Port in keyof (typeof parts)[Name]['ports'] & string]: Port extends 'http' ? Name : `${Name} ${Port}`
}[keyof (typeof parts)[Name]['ports'] & string]

export type ServicePort = { [Name in ServiceName]: PortsOf<Name> }[ServiceName]

/** The ports of a part, by what listens there. */
export const portsOf = (name: string, { ports }: Part): Record<string, number> =>
  Object.fromEntries(
    Object.entries(ports).map(([what, port]) => [what === 'http' ? name : `${name} ${what}`, port]),
  )
