import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { type Command, type LoggedChild, spawnLogged } from 'kafka-restaurants-dev-env/child'
import { findJava } from 'kafka-restaurants-dev-env/kafka/java'
import { cacheDir } from 'kafka-restaurants-dev-env/paths'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { Trouble } from 'kafka-restaurants-service/command'

export type PeerName = keyof typeof kinds

export interface PeerOptions {
  bootstrap: string
  /** Its keys are resources; its values are JSON objects, such as `{"id":"7","message":"bake"}`. */
  input: string
  /** Gets each command with one more field, `fence`: 1 for the first of its key, 2 for the next. */
  output: string
  /** Names its group, its transactions and its changelog. */
  applicationId: string
  /** How long a transaction stays open; 100 ms unless given, as is the default of both. */
  commitMs?: number
  progress?: (line: string) => void
}

export interface Peer {
  pid: number
  /** Rejects with Trouble when it ends by itself; never resolves. */
  failed: Promise<never>
  /** Ends it in order, and by force after 40 s. @throws Trouble when it does not end well; not when it had `failed` */
  stop: () => Promise<void>
}

const readyWithinMs = 60_000
const stopLimitMs = 40_000

/**
 * Starts a stream processor of another make that numbers the commands of each resource, exactly once, and keeps the
 * numbers in memory and in a changelog topic. What it needs is fetched and built the first time.
 * @returns as soon as it has its partitions
 * @throws Trouble when it can't be had (no Maven, no JDK, no network) or won't start, with the end of its log
 */
export async function startPeer(name: PeerName, options: PeerOptions): Promise<Peer> {
  const { bootstrap, input, output, applicationId, commitMs = 100, progress } = options
  const home = await got(name, progress)
  const dataDir = mkdtempSync(join(tmpdir(), `kafka-restaurants-${name}-`))
  const { command, args } = kinds[name].start(home, dataDir)
  const wanted = [bootstrap, input, output, applicationId, String(commitMs)]
  const logFile = join(dataDir, 'peer.log')
  const child = spawnLogged({ command, args: [...args, ...wanted], cwd: dataDir }, logFile)
  let asked = false
  const end = async (limitMs: number) => {
    asked = true
    const exit = await child.stop(limitMs)
    const lines = child.lastLines()
    rmSync(dataDir, { recursive: true, force: true })
    return { ...exit, lines }
  }
  try {
    const isReady = () => child.exit !== undefined || /^ready$/m.test(readFileSync(logFile, 'utf8'))
    await waitUntil(`${name} is ready`, readyWithinMs, isReady)
    if (child.exit) throw new Error(child.exit.reason)
  } catch (error) {
    const { lines } = await end(0)
    throw new Trouble(`${name} did not start: ${(error as Error).message}\n${lines}`)
  }
  const failed = child.exited.then(({ reason }) => {
    if (asked) return new Promise<never>(() => {})
    throw new Trouble(`${name} ended by itself: ${reason}\n${child.lastLines()}`)
  })
  failed.catch(() => {}) // whoever waits for it hears of it
  const stop = async () => {
    const alreadyTold = child.exit !== undefined
    const { code, reason, lines } = await end(stopLimitMs)
    if (code !== 0 && !alreadyTold) throw new Trouble(`${name} did not end well: ${reason}\n${lines}`)
  }
  return { pid: child.pid, failed, stop }
}

/** How a peer is made in an empty folder, and started from there. */
interface Kind {
  make: (folder: string, run: (command: Command) => Promise<void>) => Promise<void>
  start: (home: string, dataDir: string) => Command
}

const kinds = {
  'kafka-streams': {
    make: async (folder, run) => {
      const source = sourcesOf('kafka-streams')
      const libs = join(folder, 'libs')
      const copyJars = ['dependency:copy-dependencies', `-DoutputDirectory=${libs}`]
      await run({ command: 'mvn', args: ['-B', '-C', '-f', join(source, 'pom.xml'), ...copyJars] })
      // The compiler of the very Java that runs it, whatever javac is on the PATH.
      const jars = readdirSync(libs).map(jar => join(libs, jar))
      const compiler = ['-m', 'jdk.compiler/com.sun.tools.javac.Main', '-cp', jars.join(delimiter)]
      const args = [...compiler, '-d', folder, join(source, 'Numbering.java')]
      await run({ command: findJava().command, args })
    },
    start: (home, dataDir) => ({
      command: findJava().command,
      args: [
        // Its state folder is in there.
        `-Djava.io.tmpdir=${dataDir}`,
        '-Xmx512m',
        '-cp',
        [home, join(home, 'libs', '*')].join(delimiter),
        'Numbering',
      ],
    }),
  },
  kafkats: {
    make: async (folder, run) => {
      const source = sourcesOf('kafkats')
      for (const file of readdirSync(source)) copyFileSync(join(source, file), join(folder, file))
      const args = ['install', '--frozen-lockfile', '--ignore-workspace', '--ignore-scripts']
      await run({ command: 'pnpm', args: [...args, '--reporter=append-only'], cwd: folder })
    },
    start: home => ({ command: process.execPath, args: [join(home, 'numbering.ts')] }),
  },
} satisfies Record<string, Kind>

const sourcesOf = (name: PeerName) => resolve(import.meta.dirname, name)

/** Makes a peer, once for each state of its sources. @returns its folder, which has its name only when it is whole */
async function got(name: PeerName, progress: (line: string) => void = () => {}): Promise<string> {
  const home = resolve(cacheDir, `peer-${name}-${digest(sourcesOf(name))}`)
  if (existsSync(home)) return home
  progress(`getting ${name}, once`)
  const incomplete = `${home}.incomplete-${process.pid}`
  mkdirSync(incomplete, { recursive: true })
  try {
    await kinds[name].make(incomplete, command => toItsEnd(name, command))
    renameSync(incomplete, home)
  } finally {
    rmSync(incomplete, { recursive: true, force: true })
  }
  return home
}

async function toItsEnd(name: PeerName, command: Command): Promise<void> {
  const child: LoggedChild = spawnLogged(command, join(cacheDir, `get-peer-${name}.log`))
  const { code, reason } = await child.exited
  if (code !== 0)
    throw new Trouble(`${name} can't be had: ${command.command}: ${reason}\n${child.lastLines(6)}`)
}

function digest(folder: string): string {
  const hash = createHash('sha256')
  for (const file of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, file)))
  return hash.digest('hex').slice(0, 12)
}
