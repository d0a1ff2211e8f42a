import { createServer } from 'node:net'
import getPort from 'get-port'
import { byOwner, isRefusedByFetch, portOwner } from 'kafka-restaurants-service'
import { UsageError, wholeNumber } from 'kafka-restaurants-service/command'
import { type Parts, parts, portsOf, type ServicePort } from './platform/parts.ts'

/** The ports before PORT_OFFSET of what is no service. */
const otherPorts = {
  site: 8080,
  'site behind the edge': 3000,
  Kafka: 9092,
  'Kafka controller': 9093,
  'Kafka 2': 9094,
  'Kafka 2 controller': 9095,
  'Kafka 3': 9096,
  'Kafka 3 controller': 9097,
  Zipkin: 9411,
  OTLP: 4318,
  VictoriaMetrics: 8428,
}

/** The ports of a platform by what listens there. */
export type Ports = Record<keyof typeof otherPorts | ServicePort, number>

/** All ports, shifted by `offset`. */
export function shiftedPorts(offset: number, of: Parts = parts): Ports {
  const all = [otherPorts, ...Object.entries(of).map(([name, part]) => portsOf(name, part))]
  const shifted = all.flatMap(Object.entries).map(([name, port]) => [name, port + offset])
  return Object.fromEntries(shifted) as Ports
}

/** The largest offset that leaves every port a valid one. */
export const largestOffset = 65_535 - Math.max(...Object.values(shiftedPorts(0)))

/** An offset at which all ports are free just now. */
export async function freeOffset(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const offset = 10_000 + Math.floor(Math.random() * 10_000)
    if ((await takenPorts(shiftedPorts(offset))).length === 0) return offset
  }
  throw new Error('No offset with free ports in a hundred tries')
}

/** The ports that are really used: those of a broker, a part or a site that is not started are not. */
export function neededPorts(
  ports: Ports,
  {
    bootstrap,
    brokers = 1,
    notStarted = [],
    site = true,
    observers = [],
  }: { bootstrap?: string; brokers?: number; notStarted?: string[]; site?: boolean; observers?: string[] },
): Partial<Ports> {
  const unused = (name: string) =>
    (bootstrap && name.startsWith('Kafka')) ||
    Number(/^Kafka (\d)/.exec(name)?.[1] ?? 1) > brokers ||
    notStarted.some(part => name === part || name.startsWith(`${part} `)) ||
    (!site && name.startsWith('site')) ||
    (/^(Zipkin|OTLP|VictoriaMetrics)$/.test(name) && !observers.includes(name))
  return Object.fromEntries(Object.entries(ports).filter(([name]) => !unused(name)))
}

/**
 * Reads PORT_OFFSET.
 * @throws UsageError unless it is a whole number that leaves every port a valid one
 */
export function portOffsetOf({ PORT_OFFSET }: NodeJS.ProcessEnv): number {
  return wholeNumber('PORT_OFFSET', PORT_OFFSET || undefined, 0, { max: largestOffset })
}

/** @throws UsageError for ports that browsers, and `fetch` like them, refuse to call */
export function refuseBadPorts(ports: Partial<Ports>, offset: number): void {
  const [bad] = badPorts(ports)
  if (!bad) return
  const [name, port] = bad
  throw new UsageError(
    `PORT_OFFSET=${offset} puts ${name} on port ${port}, which browsers and fetch refuse to call. Take another, such as PORT_OFFSET=${offset + 100}.`,
  )
}

/** Kafka and SMTP are not called by HTTP. */
const badPorts = (ports: Partial<Ports>) =>
  Object.entries(ports).filter(
    ([name, port]) => isRefusedByFetch(port) && !name.startsWith('Kafka') && name !== 'inbox SMTP',
  )

/** A port by what listens there. */
type Taken = { name: string; port: number }[]

/** Which of the ports somebody listens on already. */
export async function takenPorts(ports: Record<string, number>): Promise<Taken> {
  const checked = Object.entries(ports).map(async ([name, port]) => ({
    name,
    port,
    free: await portIsFree(port),
  }))
  return (await Promise.all(checked)).filter(({ free }) => !free)
}

/** What to tell about taken ports: what they are for, and who has them. */
export async function takenPortsText(taken: Taken): Promise<string> {
  const named = taken
    .slice(0, 3)
    .map(async ({ name, port }) => `${port} (${name}${byOwner(await portOwner(port))})`)
  const more = taken.length > 3 ? ` and ${taken.length - 3} more` : ''
  const list = `${(await Promise.all(named)).join(', ')}${more}`
  const [noun, verb] = taken.length === 1 ? ['Port', 'is'] : ['Ports', 'are']
  return `${noun} ${list} ${verb} in use already.`
}

/** The same, and the way out: an offset at which all that are needed are free. */
export async function takenPortsMessage(
  taken: Taken,
  needed: Partial<Ports>,
  offset: number,
): Promise<string> {
  const other = await nextFreeOffset(needed, offset)
  const start = 'VictoriaMetrics' in needed ? 'npm start -- --observe' : 'npm start'
  const shift = other === undefined ? '' : `, or shift all ports: PORT_OFFSET=${other} ${start}`
  return `${await takenPortsText(taken)} Stop what listens there${shift}`
}

async function nextFreeOffset(needed: Partial<Ports>, offset: number): Promise<number | undefined> {
  for (let by = 100; offset + by <= largestOffset && by <= 2_000; by += 100) {
    const shifted = Object.fromEntries(Object.entries(needed).map(([name, port]) => [name, port + by]))
    if (badPorts(shifted).length === 0 && (await takenPorts(shifted)).length === 0) return offset + by
  }
  return undefined
}

/** Whether nobody listens on a port of this machine, on 127.0.0.1 or on all its addresses; `localhost` may be ::1 too. */
export async function portIsFree(port: number): Promise<boolean> {
  return (
    (await whyNotListen(port, '127.0.0.1')) === undefined &&
    (await whyNotListen(port, '0.0.0.0')) === undefined &&
    (await whyNotListen(port, '::1')) !== 'EADDRINUSE'
  )
}

/** Whether an address is one of this machine's. */
export const isOwnAddress = async (host: string) => (await whyNotListen(0, host)) === undefined

/** The code of the error, if it can't be listened there. */
function whyNotListen(port: number, host: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/**
 * A port that nobody listens on just now, and that this process has not been given lately; and none of those that systems give
 * to connections by themselves (Linux from 32,768 on): one of these may be gone before who has asked listens on it.
 */
export const freePort = (): Promise<number> => {
  const some = Array.from({ length: 100 }, () => 20_000 + Math.floor(Math.random() * 12_000))
  return getPort({ host: '127.0.0.1', port: some })
}
