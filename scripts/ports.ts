import { createServer } from 'node:net'

/** The ports of a platform by what listens there, before PORT_OFFSET. */
const defaultPorts = {
  site: 8080,
  'site behind the edge': 3000,
  'search-order': 5000,
  bank: 5005,
  'bank admin': 5015,
  transaction: 5006,
  email: 5007,
  inbox: 1080,
  'inbox SMTP': 1025,
  Kafka: 9092,
  'Kafka controller': 9093,
  'Kafka 2': 9094,
  'Kafka 2 controller': 9095,
  'Kafka 3': 9096,
  'Kafka 3 controller': 9097,
  'bank metrics': 9464,
  'inbox metrics': 9465,
  'search-order metrics': 9466,
  'transaction metrics': 9467,
  'email metrics': 9468,
}

export type PortName = keyof typeof defaultPorts
export type Ports = Record<PortName, number>

/** All ports, shifted by `offset`. */
export function shiftedPorts(offset: number): Ports {
  const shifted = Object.entries(defaultPorts).map(([name, port]) => [name, port + offset])
  return Object.fromEntries(shifted) as Ports
}

/** The largest offset that leaves every port a valid one. */
export const largestOffset = 65_535 - Math.max(...Object.values(defaultPorts))

/** An offset at which all ports are free just now. */
export async function freeOffset(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const offset = 10_000 + Math.floor(Math.random() * 10_000)
    if ((await takenPorts(shiftedPorts(offset))).length === 0) return offset
  }
  throw new Error('No offset with free ports in a hundred tries')
}

/** The ports that are really used: those of a broker, an inbox or a site that is not started are not. */
export function neededPorts(
  ports: Ports,
  {
    bootstrap,
    brokers = 1,
    smtpUrl,
    site = true,
  }: { bootstrap?: string; brokers?: number; smtpUrl?: string; site?: boolean },
): Partial<Ports> {
  const unused = (name: string) =>
    (bootstrap && name.startsWith('Kafka')) ||
    Number(/^Kafka (\d)/.exec(name)?.[1] ?? 1) > brokers ||
    (smtpUrl && name.startsWith('inbox')) ||
    (!site && name.startsWith('site'))
  return Object.fromEntries(Object.entries(ports).filter(([name]) => !unused(name)))
}

/** Which of the ports somebody listens on already. */
export async function takenPorts(ports: Partial<Ports>): Promise<{ name: string; port: number }[]> {
  const checked = Object.entries(ports).map(async ([name, port]) => ({
    name,
    port,
    free: await portIsFree(port),
  }))
  return (await Promise.all(checked)).filter(({ free }) => !free)
}

/** What to tell about taken ports: whose they are and the way out. */
export function takenPortsMessage(taken: { name: string; port: number }[], offset: number): string {
  const named = taken.slice(0, 3).map(({ name, port }) => `${port} (${name})`)
  const more = taken.length > 3 ? ` and ${taken.length - 3} more` : ''
  const list = `${named.join(', ')}${more}`
  const [noun, verb] = taken.length === 1 ? ['Port', 'is'] : ['Ports', 'are']
  const other = offset === 0 ? 100 : offset + 100
  return `${noun} ${list} ${verb} in use already. Stop what listens there, or shift all ports: PORT_OFFSET=${other} npm start`
}

/** Whether nobody listens on a port of this machine, on 127.0.0.1 or on all its addresses. */
export async function portIsFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '0.0.0.0'))
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** A port that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
