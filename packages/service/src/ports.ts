import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Server } from 'node:net'
import { hostname } from 'node:os'
import { promisify } from 'node:util'

/** A port or an address that can't be listened on. Its message is a sentence that names what to change. */
export class PortError extends Error {
  override name = 'PortError'
}

/**
 * A name that no two living processes share, and that stays the same when one is started again: the host's (in Kubernetes
 * the pod's), and the port that it listens on. Undefined where it listens on any free one.
 */
export const placeName = (port: number): string | undefined =>
  port === 0 ? undefined : `${hostname()}-${port}`

/** Where to listen, and which variables of the environment say so. */
export interface Place {
  port: number
  host: string
  portVariable: string
  hostVariable?: string
}

/**
 * Listens, and resolves to the same server when it does.
 * @throws PortError in words: whose the port is, and which variable chooses another
 */
export function listen<Listening extends Server>(server: Listening, place: Place): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => void portError(error, place).then(reject)
    server.once('error', refuse)
    server.listen(place.port, place.host, () => {
      server.off('error', refuse)
      resolve(server)
    })
  })
}

/** What to say of a `listen` that failed. */
async function portError(
  error: NodeJS.ErrnoException,
  { port, host, portVariable, hostVariable = 'HOST' }: Place,
): Promise<Error> {
  const cause = { cause: error }
  switch (error.code) {
    case 'EADDRINUSE': {
      const by = byOwner(await portOwner(port))
      return new PortError(
        `Port ${port} (${portVariable}) is in use already${by}. Stop what listens there, or set ${portVariable} to another port.`,
        cause,
      )
    }
    case 'EACCES':
      return new PortError(
        `Port ${port} (${portVariable}) may not be listened on by this user. Set ${portVariable} to one from 1024 on.`,
        cause,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new PortError(`${hostVariable} ${host} is no address of this machine.`, cause)
    default:
      return error
  }
}

/** For a sentence: `, by nginx (process 12)`, or nothing where nobody knows. */
export const byOwner = (owner: string | undefined) => (owner ? `, by ${owner}` : '')

/** Who listens on a TCP port of this machine, such as `nginx (process 12)`, where the system tells us. */
export async function portOwner(port: number): Promise<string | undefined> {
  try {
    return process.platform === 'linux' ? await ownerOnLinux(port) : await ownerByLsof(port)
  } catch {
    return undefined
  }
}

/** As /proc tells it: a bare machine has neither ss nor lsof. */
async function ownerOnLinux(port: number): Promise<string | undefined> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map(name => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  )
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const sockets = new Set<string>()
  for (const line of tables.join('\n').split('\n')) {
    const [, address, , state, , , , , , inode] = line.trim().split(/\s+/)
    if (address?.endsWith(local) && state === '0A') sockets.add(`socket:[${inode}]`)
  }
  if (sockets.size === 0) return undefined
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const targets = await Promise.all(files.map(file => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
    if (!targets.some(target => sockets.has(target))) continue
    return `${await nameOf(pid)} (process ${pid})`
  }
  return undefined
}

/** Of a Node, whose processes are all called alike, with its script. */
async function nameOf(pid: string): Promise<string> {
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim()
  if (name !== 'node' && name !== 'MainThread') return name.replace(/ \(.*/, '')
  const [, ...words] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  const script = words.find(word => !word.startsWith('-')) ?? ''
  return ['node', script.split('/').slice(-4).join('/').slice(-60)].join(' ').trim()
}

async function ownerByLsof(port: number): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'])
  const pid = /^p(\d+)/m.exec(stdout)?.[1]
  return pid && `${/^c(.+)/m.exec(stdout)?.[1] ?? 'a program'} (process ${pid})`
}

/** Ports that browsers, and Node's fetch like them, refuse to call: https://fetch.spec.whatwg.org/#port-blocking. */
// biome-ignore format: one line each would be a page
const refusedByFetch = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111,
  113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554,
  556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666,
  6667, 6668, 6669, 6679, 6697, 10080,
])

/** Whether browsers and Node's fetch refuse to call a port: nobody could use what listens there. */
export const isRefusedByFetch = (port: number) => refusedByFetch.has(port)
