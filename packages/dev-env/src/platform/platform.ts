import { mkdirSync, writeFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { join, resolve } from 'node:path'
import { type KafkaConnection, kafkaConnection, kafkaEnv } from 'kafka-restaurants-kafka'
import { readConfig } from 'kafka-restaurants-service'
import { Trouble } from 'kafka-restaurants-service/command'
import { z } from 'zod'
import { type Child, type Command, spawnLogged } from '../child.ts'
import { nginxCommand, nginxIsHere } from '../edge/nginx.ts'
import { standInCommand } from '../edge/stand-in.ts'
import { kafkaAnswers } from '../kafka/answers.ts'
import { spawnBroker } from '../kafka/broker.ts'
import { clusterPlaces } from '../kafka/cluster.ts'
import { findJava } from '../kafka/java.ts'
import type { BrokerPlace } from '../kafka/settings.ts'
import { lockDataDir } from '../lock.ts'
import { checkObservers, observers, observeUrls, startObservers } from '../observe/observe.ts'
import { tracesTo } from '../observe/send-traces.ts'
import { root } from '../paths.ts'
import {
  neededPorts,
  type Ports,
  refuseBadPorts,
  shiftedPorts,
  takenPorts,
  takenPortsMessage,
} from '../ports.ts'
import { waitUntil } from '../wait-until.ts'
import { checkEnvironments } from './environments.ts'
import { passwordOfStaff, refuseBadPassword, writeUsers } from './kitchen-password.ts'
import {
  localUrl,
  parts as ownParts,
  type Part,
  type Parts,
  portsOf,
  type ServiceName,
  type Surroundings,
} from './parts.ts'
import { type ProcessGroup, processGroup } from './process-group.ts'
import { serviceCommand, siteCommand } from './services.ts'
import { buildSite } from './site.ts'
import type { Supervised } from './supervisor.ts'
import { allRegistered, makeTopics, silent } from './topics.ts'

export interface PlatformOptions {
  /** Where all data and logs live; relative to the repository. */
  dataDir: string
  portOffset?: number
  /** Address that the site listens on; 127.0.0.1 unless given. Everything else is on 127.0.0.1 always. */
  host?: string
  /** Where people find the site, for links to it; where it is on this machine, unless given. */
  siteUrl?: string
  /** A Kafka cluster to use; a broker is started unless given. */
  bootstrap?: string
  /** How many brokers are started, that are one cluster; 1 unless given. */
  brokers?: 1 | 3
  /** The password of the kitchen's staff; one is made, and kept with the data, unless given. */
  kitchenPassword?: string
  /** A mail server to use; the inbox is started unless given. */
  smtpUrl?: string
  /** Whether NGINX is the edge, and no stand-in of ours; unless given, if it is on the PATH. */
  nginx?: boolean
  /** Whether the site and NGINX are started; they are unless this is false. */
  site?: boolean
  /** Whether Zipkin and VictoriaMetrics are started, which show all its traces and metrics. */
  observe?: boolean
  /** The services; those of the platform unless given. */
  parts?: Parts
  /** Added to the environment of every service. */
  env?: Record<string, string>
  /** The main file of a service that runs in place of its own. */
  mains?: Partial<Record<ServiceName, string>>
  /** The longest wait before a dead process is started again, in ms; 5000 unless given. */
  longestDelayMs?: number
  /** Told each restart, and each step that is done. */
  say?: (line: string) => void
  /** Told in place of `say` when a step begins; calls what it gets when that is done. */
  begin?: (what: string) => () => void
  /** Ends a start that is under way. A platform that runs is ended with `stop`. */
  signal?: AbortSignal
  /** Kills everything at once, also while it is being stopped. */
  hurry?: AbortSignal
}

export interface Platform {
  ports: Ports
  dataDir: string
  /** All brokers, joined by commas. */
  bootstrap: string
  /** Those that were started here. */
  brokers: PlatformBroker[]
  smtpUrl: string
  nginx: boolean
  /** Of the user `staff`, who may see the kitchen's board and the dead-letter desk. */
  kitchenPassword: string
  urls: {
    site: string
    /** The kitchen's board. */
    board: string
    /** The dead-letter desk. */
    desk: string
    searchOrder: string
    tracking: string
    bank: string
    bankAdmin: string
    transaction: string
    email: string
    kitchen: string
    commandQueue: string
    gateway: string
    /** Unset when the mails go to another server. */
    inbox: string | undefined
    /** Traces and metrics, for people; unset unless they are observed. */
    traces: string | undefined
    metrics: string | undefined
  }
  /** Its services: the port of their HTTP, and where each is, for people. */
  services: { name: string; port: number; says: string }[]
  /** What runs, by name: Kafka (of three brokers Kafka 1 to 3), each service, site, NGINX or its stand-in (edge), the observers. */
  processes: ReadonlyMap<string, Supervised>
  /** Where the log of a process is. */
  logFile: (name: string) => string
  /** How a service of this platform is run, so that another replica of it can be. */
  command: (name: ServiceName) => Command
  /** Takes in a process of somebody else's, to be ended with the rest. */
  watch: (child: Child) => void
  /** Resolves if somebody deletes `dataDir` while the platform runs. It can't keep its promises then, and should end. */
  dataGone: Promise<void>
  /** Ends everything, the edge first and Kafka last, within 10 s. */
  stop: () => Promise<void>
  /** kill -9 for everything. */
  kill: () => Promise<void>
}

/** A broker of a platform, by the name of its process. */
export interface PlatformBroker {
  name: string
  port: number
}

const stagesOf = (parts: Parts) => [
  { names: ['NGINX', 'edge', 'site'], sureMs: 500 },
  ...Object.keys(parts).map(name => ({ names: [name], sureMs: 500 })),
  // By then the last spans are told.
  { names: ['Kafka', 'Kafka 1', 'Kafka 2', 'Kafka 3', ...observers()], sureMs: 3_000 },
]
const stopBudgetMs = 9_500

/**
 * Starts the whole platform and resolves when every part is ready.
 * @throws UsageError for options and environments that can't be used, before anything is started
 * @throws Trouble when something is missing, taken or does not start; nothing of it runs any more then
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { say = () => {}, portOffset = 0, site = true, host = '127.0.0.1', observe = false } = options
  const nginx = site && (options.nginx ?? nginxIsHere())
  const dataDir = resolve(root, options.dataDir)
  const { parts: known = ownParts } = options
  const ports = shiftedPorts(portOffset, known)
  const brokers = options.bootstrap ? [] : brokerPlaces(dataDir, ports, options.brokers ?? 1)
  const around: Surroundings = {
    port: name => (ports as Record<string, number>)[name] ?? Number.NaN,
    dataDir,
    bootstrap: options.bootstrap ?? brokers.map(({ port }) => `localhost:${port}`).join(),
    smtpUrl: options.smtpUrl ?? `smtp://127.0.0.1:${ports['inbox SMTP']}`,
    inboxUrl: options.smtpUrl ? undefined : localUrl(ports.inbox),
    siteUrl: options.siteUrl ?? (site ? siteUrl(host, ports.site) : ''),
    ownKafka: !options.bootstrap,
    env: { ...(observe && tracesTo(localUrl(ports.OTLP))), ...options.env },
  }
  const parts = Object.fromEntries(
    Object.entries<Part>(known).filter(([, { isWanted }]) => isWanted?.(around) ?? true),
  )
  const notStarted = Object.keys(known).filter(name => !(name in parts))
  const needed = neededPorts(ports, { ...options, notStarted, site, observers: observe ? observers() : [] })
  refuseBadPorts(needed, portOffset)
  refuseBadPassword(options.kitchenPassword)
  if (brokers.length > 0) findJava()
  if (observe) checkObservers()
  await checkEnvironments(parts, around, host)
  const lock = lockDataDir(dataDir)
  try {
    if (lock.takenOver) await portsOfKilledStart(needed, say, options.signal)
    options.signal?.throwIfAborted()
    const taken = await takenPorts(needed)
    if (taken.length > 0) throw new Trouble(await takenPortsMessage(taken, needed, portOffset))
  } catch (error) {
    lock.release()
    throw error
  }
  const kitchenPassword = passwordOfStaff(dataDir, options.kitchenPassword)
  const group = processGroup(dataDir, stagesOf(parts), stopBudgetMs, say, options.longestDelayMs)
  // Whoever waits for the end is told what of it is left.
  options.hurry?.addEventListener('abort', () => void group.kill().catch(() => {}), { once: true })
  const end = async (how: () => Promise<void>) => {
    lock.stopWatching()
    try {
      await how()
    } finally {
      lock.release()
    }
  }
  try {
    const starting = startAll(
      group,
      { around, ports, parts, brokers, kitchenPassword },
      { ...options, say, host, nginx, site },
    )
    await Promise.race([
      starting,
      aborted(options.signal),
      lock.gone.then(() => Promise.reject(dataAreGone(dataDir))),
    ])
  } catch (error) {
    await end(group.stop)
    throw error
  }
  return {
    ports,
    dataDir,
    nginx,
    kitchenPassword,
    bootstrap: around.bootstrap,
    brokers,
    smtpUrl: around.smtpUrl,
    urls: {
      site: siteUrl(host, ports.site),
      board: `${siteUrl(host, ports.site)}/kitchen`,
      desk: `${siteUrl(host, ports.site)}/ops`,
      searchOrder: localUrl(ports['search-order']),
      tracking: localUrl(ports.tracking),
      bank: localUrl(ports.bank),
      bankAdmin: localUrl(ports['bank admin']),
      transaction: localUrl(ports.transaction),
      email: localUrl(ports.email),
      gateway: localUrl(ports.gateway),
      kitchen: localUrl(ports.kitchen),
      commandQueue: localUrl(ports['command-queue']),
      inbox: around.inboxUrl,
      ...(observe ? observeUrls(ports) : { traces: undefined, metrics: undefined }),
    },
    services: Object.entries(parts).map(([name, { says }]) => {
      const port = around.port(name)
      const url = localUrl(port)
      return { name, port, says: says?.(url, around) ?? `${url}/health` }
    }),
    processes: group.processes,
    logFile: group.logFile,
    command: name => serviceCommand(name, known[name] ?? ownParts[name], around, options.mains?.[name]),
    watch: group.watch,
    dataGone: lock.gone,
    stop: () => end(group.stop),
    kill: () => end(group.kill),
  }
}

type NamedPlace = PlatformBroker & BrokerPlace

function brokerPlaces(dataDir: string, ports: Ports, count: 1 | 3): NamedPlace[] {
  const first = { port: ports.Kafka, controllerPort: ports['Kafka controller'] }
  const folder = join(dataDir, 'kafka')
  if (count === 1) return [{ name: 'Kafka', dataDir: folder, ...first }]
  const places = clusterPlaces(folder, [
    first,
    { port: ports['Kafka 2'], controllerPort: ports['Kafka 2 controller'] },
    { port: ports['Kafka 3'], controllerPort: ports['Kafka 3 controller'] },
  ])
  return places.map((place, index) => ({ ...place, name: `Kafka ${index + 1}` }))
}

/** Everything in its order, and at the same time what does not wait for another. */
async function startAll(
  group: ProcessGroup,
  {
    around,
    ports,
    parts,
    brokers,
    kitchenPassword,
  }: { around: Surroundings; ports: Ports; parts: Parts; brokers: NamedPlace[]; kitchenPassword: string },
  options: PlatformOptions & { say: (line: string) => void; host: string },
): Promise<void> {
  const { host, nginx, say, begin = tellingWhenDone(say) } = options
  const { dataDir } = around
  const timed = async (what: string, work: () => Promise<unknown>) => {
    const done = begin(what)
    await work()
    done()
  }
  const service = ([name, part]: [string, Part]) => {
    mkdirSync(join(dataDir, name), { recursive: true })
    for (const [base, text] of Object.entries(part.files?.(around) ?? {}))
      writeFileSync(join(dataDir, name, base), text)
    const main = options.mains?.[name as ServiceName]
    const spawn = () => spawnLogged(serviceCommand(name, part, around, main), group.logFile(name))
    const own = Object.fromEntries(Object.keys(portsOf(name, part)).map(port => [port, around.port(port)]))
    return timed(name, () => group.run(name, own, spawn, () => waitsFor(around.port(name))))
  }
  const services = (ofKafka: boolean) =>
    Object.entries(parts).filter(([, { readsKafka = false }]) => readsKafka === ofKafka)
  const broker = (place: NamedPlace) => {
    const { name, port, controllerPort } = place
    const spawn = () =>
      spawnBroker({ ...place, logFile: group.logFile(name), progress: say, watch: group.watch })
    const answers = async () => ((await kafkaAnswers(port)) ? [] : undefined)
    return timed(name, () => group.run(name, { [name]: port, controller: controllerPort }, spawn, answers))
  }
  const ordering = async () => {
    await Promise.all(brokers.map(broker))
    if (brokers.length > 1) await allRegistered(around.bootstrap, brokers.length)
    await timed('topics', () => makeTopics(kafkaOf(around)))
    await Promise.all(services(true).map(service))
  }
  const site = async () => {
    await timed('site build', () => buildSite(group.logFile('site-build'), group.watch))
    const port = ports['site behind the edge']
    const spawn = () => spawnLogged(siteCommand(port, around), group.logFile('site'))
    await timed('site', () => group.run('site', { site: port }, spawn, () => waitsFor(port, '127.0.0.1')))
    const name = nginx ? 'NGINX' : 'edge'
    const place = {
      LISTEN: `${isIPv6(host) ? `[${host}]` : host}:${ports.site}`,
      WEB_UPSTREAM: `127.0.0.1:${port}`,
      SEARCH_ORDER_UPSTREAM: `127.0.0.1:${ports['search-order']}`,
      TRACKING_UPSTREAM: `127.0.0.1:${ports.tracking}`,
      GATEWAY_UPSTREAM: `127.0.0.1:${ports.gateway}`,
      KITCHEN_UPSTREAM: `127.0.0.1:${ports.kitchen}`,
      COMMAND_QUEUE_UPSTREAM: `127.0.0.1:${ports['command-queue']}`,
      BACKSTAGE_UPSTREAM: `127.0.0.1:${ports.backstage}`,
      KITCHEN_USERS: writeUsers(dataDir, kitchenPassword),
      ALLOWED_ORIGINS: around.env?.ALLOWED_ORIGINS ?? process.env.ALLOWED_ORIGINS ?? '',
    }
    const edge = nginx ? nginxCommand({ ...place, RUN_DIR: join(dataDir, 'nginx') }) : standInCommand(place)
    const spawnEdge = () => spawnLogged(edge, group.logFile(name))
    const answers = () => waitsFor(ports.site, host)
    await timed(name, () => group.run(name, { site: ports.site }, spawnEdge, answers))
  }
  const observing = () => startObservers(group, { ports, parts, dataDir, say }, timed)
  await Promise.all([
    ordering(),
    ...services(false).map(service),
    ...(options.site ? [site()] : []),
    ...(options.observe ? [observing()] : []),
  ])
}

const tellingWhenDone = (say: (line: string) => void) => (what: string) => {
  const startedAt = Date.now()
  return () => say(`${what.padEnd(14)} ${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s`)
}

/** That of the services, for what is asked of Kafka from here. */
function kafkaOf(around: Surroundings): KafkaConnection {
  const { env = {} } = serviceCommand('transaction', ownParts.transaction, around)
  return kafkaConnection(readConfig(z.object(kafkaEnv), env), 'start', silent)
}

/** What a service waits for, or a site; nothing when it is ready, undefined where there is no answer yet. */
async function waitsFor(port: number, host = '127.0.0.1'): Promise<string[] | undefined> {
  try {
    const answer = await fetch(`http://${reachable(host)}:${port}/health/ready`, {
      signal: AbortSignal.timeout(2_000),
    })
    if (answer.ok) return []
    const { reasons } = NotReady.parse(await answer.json())
    return reasons.includes('starting') ? undefined : reasons
  } catch {
    return undefined
  }
}

const NotReady = z.object({ reasons: z.string().array().nonempty() })

/** Where who listens on `host` is reached from this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return isIPv6(host) ? `[${host}]` : host
}

function siteUrl(host: string, port: number): string {
  const name = reachable(host)
  return `http://${name.startsWith('127.') ? 'localhost' : name}:${port}`
}

/** Who killed a start and starts again at once need not wait by themselves: what the first one left is ending. */
async function portsOfKilledStart(
  needed: Partial<Ports>,
  say: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const allFree = async () => signal?.aborted || (await takenPorts(needed)).length === 0
  if (await allFree()) return
  say('waiting for what a killed start left to end')
  await waitUntil('free ports', 12_000, allFree, 250).catch(() => {}) // what then is taken is told
}

const dataAreGone = (dataDir: string) =>
  new Trouble(`${dataDir} was deleted while the platform ran on it, so it was stopped.`)

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal?.reason)
    if (signal?.aborted) fail()
    signal?.addEventListener('abort', fail, { once: true })
  })
}
