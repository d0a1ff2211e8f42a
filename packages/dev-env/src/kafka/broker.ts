import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Trouble } from 'kafka-restaurants-service/command'
import { type Child, type Exit, type LoggedChild, spawnLogged } from '../child.ts'
import { takenPorts, takenPortsText } from '../ports.ts'
import { waitUntil } from '../wait-until.ts'
import { kafkaAnswers } from './answers.ts'
import { classArchive } from './class-archive.ts'
import { fetchKafka, kafkaVersion } from './fetch.ts'
import { findJava, type Java } from './java.ts'
import { type BrokerPlace, brokerSettings } from './settings.ts'

export interface BrokerOptions extends BrokerPlace {
  /** Where its output goes; `broker.log` in its folder unless given. */
  logFile?: string
  /** Called when it ends by itself, so not by `stop` or `kill`. */
  onExit?: (exit: Exit) => void
  progress?: (line: string) => void
  /** Given each process that prepares the start, so that it can be ended. */
  watch?: (child: Child) => void
}

export interface Broker {
  /** `localhost:port`; 127.0.0.1 works too. */
  bootstrap: string
  pid: number
  exited: Promise<Exit>
  /** Ends it in order, and by force after 8 s. */
  stop: () => Promise<void>
  /** kill -9. Its data stay, and the next start recovers them. */
  kill: () => Promise<void>
}

const startDeadlineMs = 60_000
const brokerStopLimitMs = 8_000

/**
 * Starts a Kafka broker on this machine and resolves when it answers. Data in `dataDir` survive, kill -9 included.
 * @throws Trouble when it can't be had (no Java, no Maven, a taken port) or won't start, with the end of its log
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const taken = await takenPorts({ Kafka: options.port, 'Kafka controller': options.controllerPort })
  if (taken.length > 0) throw new Trouble(await takenPortsText(taken))
  const child = await spawnBroker(options)
  let asked = false
  const end = (how: () => Promise<unknown>) => async () => {
    asked = true
    await how()
  }
  const kill = end(() => child.stop(0))
  try {
    await brokerReady(child, options)
  } catch (error) {
    await kill()
    throw error
  }
  void child.exited.then(exit => asked || options.onExit?.(exit))
  const stop = end(() => child.stop(brokerStopLimitMs))
  return { bootstrap: `localhost:${options.port}`, pid: child.pid, exited: child.exited, stop, kill }
}

/** Fetches Kafka if need be, formats its storage the first time, and starts the process. It does not answer yet. */
export async function spawnBroker(options: BrokerOptions): Promise<LoggedChild> {
  const java = findJava()
  const libs = await fetchKafka(options.progress, options.watch)
  const dataDir = resolve(options.dataDir)
  const storage = join(dataDir, 'storage')
  mkdirSync(dataDir, { recursive: true })
  if (existsSync(storage)) refuseNewer(storage)
  else await format(java, libs, options, storage)

  const settingsFile = join(dataDir, 'server.properties')
  writeFileSync(settingsFile, brokerSettings(options, storage))
  const archive = classArchive(java, libs)
  const args = ['-Xms128m', '-Xmx512m', ...archive.flags, ...jvmArgs(libs), 'kafka.Kafka', settingsFile]
  const child = spawnLogged({ command: java.command, args, cwd: dataDir }, logFileOf(options))
  archive.keepFrom(child)
  return child
}

/** Waits until the broker answers. @throws Trouble with the end of its log, when it ends before or takes over a minute */
async function brokerReady(child: LoggedChild, options: BrokerOptions): Promise<void> {
  const ready = async () => child.exit !== undefined || (await kafkaAnswers(options.port))
  const inTime = await waitUntil('Kafka', startDeadlineMs, ready).catch(() => false)
  if (inTime && !child.exit) return
  const seconds = startDeadlineMs / 1000
  const what = child.exit
    ? `ended (${child.exit.reason}) before it answered`
    : `did not answer within ${seconds} s`
  const logFile = logFileOf(options)
  throw new Trouble(`Kafka ${what}. Its log is ${logFile} and ends with:\n${child.lastLines()}`)
}

const logFileOf = ({ logFile, dataDir }: BrokerOptions) => logFile ?? resolve(dataDir, 'broker.log')

/** Formats a folder beside, which gets its name only when it is whole: an interrupted start leaves no half storage. */
async function format(java: Java, libs: string, place: BrokerOptions, storage: string): Promise<void> {
  const incomplete = `${storage}.incomplete`
  const settingsFile = `${incomplete}.properties`
  rmSync(incomplete, { recursive: true, force: true })
  writeFileSync(settingsFile, brokerSettings(place, incomplete))
  const clusterId = place.member?.clusterId ?? newClusterId()
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settingsFile]
  const child = spawnLogged({ command: java.command, args: [...jvmArgs(libs), ...tool] }, logFileOf(place))
  place.watch?.(child)
  const { code } = await child.exited
  if (code !== 0) throw new Trouble(`Kafka's storage could not be formatted:\n${child.lastLines()}`)
  writeFileSync(versionFile(storage), kafkaVersion)
  renameSync(incomplete, storage)
  rmSync(settingsFile)
}

const versionFile = (storage: string) => `${storage}.version`

/** @throws Trouble for data that a later Kafka has formatted: an earlier one can't read them, and says so in a stack */
function refuseNewer(storage: string): void {
  const file = versionFile(storage)
  const made = existsSync(file) ? readFileSync(file, 'utf8') : beforeVersions
  if (minorOf(made) <= minorOf(kafkaVersion)) return
  throw new Trouble(
    `Kafka ${made} has made ${storage}, and ${kafkaVersion} can't read it. "npm run clean" removes all data of the platform; another DATA_DIR begins anew.`,
  )
}

/** A version as a number, without its patch: 4.2.1 and 4.2.2 read each other's data. */
function minorOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major * 1_000 + minor
}

/** Of what was formatted before its version was written beside it. */
const beforeVersions = '4.3.1'

export function newClusterId(): string {
  const id = randomBytes(16)
  id[0] = 1 // so that the id does not begin with "-"
  return id.toString('base64url')
}

function jvmArgs(libs: string): string[] {
  const quick = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xlog:disable', '-Xlog:all=error:stderr']
  const log4j = `-Dlog4j2.configurationFile=${resolve(import.meta.dirname, 'log4j2.properties')}`
  return [...quick, log4j, '-cp', join(libs, '*')]
}
