import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Trouble } from 'kafka-restaurants-service/command'
import { type Child, spawnGroup } from '../child.ts'
import { cacheDir } from '../paths.ts'

const pomFile = resolve(import.meta.dirname, 'pom.xml')

const pom = readFileSync(pomFile)
/** The version that the pom pins. */
export const kafkaVersion = /<version>([^<]+)<\/version>/.exec(pom.toString())?.[1] ?? 'unknown'
/** What was fetched for another pom is not taken for this one's. */
const pomDigest = createHash('sha256').update(pom).digest('hex').slice(0, 8)

const threeWaysOn = `There are three ways on:
  1. install Java 17 or later and Maven, and start again;
  2. run a broker in Docker and say where it is: BOOTSTRAP_SVR=localhost:9092 npm start;
  3. use a Kafka cluster that you have: BOOTSTRAP_SVR=host:port npm start`

/** Several brokers may start at once, and Maven fetches for all of them. */
let underWay: Promise<string> | undefined

/**
 * Fetches Kafka's jars with Maven, once; later calls need neither Maven nor network.
 * @param watch is given Maven's process, so that it can be ended
 * @returns the folder with the jars
 * @throws Trouble that names the ways on, when there is no Maven or it fails
 */
export async function fetchKafka(
  progress: (line: string) => void = () => {},
  watch: (child: Child) => void = () => {},
): Promise<string> {
  const folder = resolve(cacheDir, `kafka-${kafkaVersion}-${pomDigest}`)
  const libs = resolve(folder, 'libs')
  if (existsSync(libs)) return libs
  underWay ??= fetchTo(folder, libs, progress, watch).finally(() => {
    underWay = undefined
  })
  return underWay
}

async function fetchTo(
  folder: string,
  libs: string,
  progress: (line: string) => void,
  watch: (child: Child) => void,
): Promise<string> {
  progress(`fetching Kafka ${kafkaVersion} with Maven, once`)
  const incomplete = resolve(folder, `libs.incomplete-${process.pid}`)
  mkdirSync(incomplete, { recursive: true })
  try {
    await copyJars(incomplete, progress, watch)
    putInPlace(incomplete, libs)
  } finally {
    rmSync(incomplete, { recursive: true, force: true })
  }
  return libs
}

/** A folder appears under its final name only when it is whole. Another start may have been faster: its copy is as good. */
function putInPlace(complete: string, target: string): void {
  try {
    renameSync(complete, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  }
}

function copyJars(
  folder: string,
  progress: (line: string) => void,
  watch: (child: Child) => void,
): Promise<void> {
  const args = ['-B', '-C', '-f', pomFile, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`]
  const { child, process: maven } = spawnGroup({ command: 'mvn', args }, ['ignore', 'pipe', 'pipe'])
  watch(child)
  const errors: string[] = []
  let jars = 0
  if (maven.stdout)
    createInterface(maven.stdout).on('line', line => {
      if (line.startsWith('[ERROR]')) errors.push(line)
      if (/^(\[INFO\] )?Downloaded .*\.jar /.test(line) && ++jars % 15 === 0)
        progress(`${jars} files fetched`)
    })
  if (maven.stderr) createInterface(maven.stderr).on('line', line => errors.push(line))
  return new Promise((done, fail) => {
    maven.once('error', () =>
      fail(new Trouble(`Kafka is needed, and there is no Maven (mvn) here. ${threeWaysOn}`)),
    )
    maven.once('close', code => {
      if (code === 0) return done()
      const why = errors.slice(0, 4).join('\n  ')
      fail(
        new Trouble(
          `Maven could not fetch Kafka ${kafkaVersion}. Is the network there?\n  ${why}\n${threeWaysOn}`,
        ),
      )
    })
  })
}

export { threeWaysOn }
