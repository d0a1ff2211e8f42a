import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Trouble } from 'kafka-restaurants-service/command'
import { type Child, spawnGroup } from './child.ts'
import { cacheDir } from './paths.ts'

/** What Maven can fetch. */
export interface Jars {
  /** Such as `Kafka`. */
  name: string
  /** Its dependencies are the jars; its own version, the first in it, is theirs. */
  pomFile: string
  /** Told where there is no Maven, or it fails. */
  waysOn: string
}

/** Who fetches says what it is at, and lets its process be ended. */
export interface Fetching {
  progress?: ((line: string) => void) | undefined
  watch?: ((child: Child) => void) | undefined
}

/** The version that a pom pins. */
export const versionOf = (pomFile: string): string =>
  /<version>([^<]+)<\/version>/.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? 'unknown'

/** Several may want the same at once, and Maven fetches for all of them. */
const underWay = new Map<string, Promise<string>>()

/**
 * Fetches jars with Maven, once; later calls need neither Maven nor network.
 * @returns the folder with the jars
 * @throws Trouble that names the ways on, when there is no Maven or it fails
 */
export async function fetchJars(jars: Jars, fetching: Fetching = {}): Promise<string> {
  // What was fetched for another pom is not taken for this one's.
  const digest = createHash('sha256').update(readFileSync(jars.pomFile)).digest('hex').slice(0, 8)
  const folder = resolve(cacheDir, `${jars.name.toLowerCase()}-${versionOf(jars.pomFile)}-${digest}`)
  const libs = resolve(folder, 'libs')
  if (existsSync(libs)) return libs
  const begun =
    underWay.get(folder) ?? fetchTo(jars, folder, libs, fetching).finally(() => underWay.delete(folder))
  underWay.set(folder, begun)
  return begun
}

async function fetchTo(jars: Jars, folder: string, libs: string, fetching: Fetching): Promise<string> {
  fetching.progress?.(`fetching ${jars.name} ${versionOf(jars.pomFile)} with Maven, once`)
  const incomplete = resolve(folder, `libs.incomplete-${process.pid}`)
  mkdirSync(incomplete, { recursive: true })
  try {
    await copyJars(jars, incomplete, fetching)
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

function copyJars({ name, pomFile, waysOn }: Jars, folder: string, fetching: Fetching): Promise<void> {
  const args = ['-B', '-C', '-f', pomFile, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`]
  const { child, process: maven } = spawnGroup({ command: 'mvn', args }, ['ignore', 'pipe', 'pipe'])
  fetching.watch?.(child)
  const errors: string[] = []
  let jars = 0
  if (maven.stdout)
    createInterface(maven.stdout).on('line', line => {
      if (line.startsWith('[ERROR]')) errors.push(line)
      if (/^(\[INFO\] )?Downloaded .*\.jar /.test(line) && ++jars % 15 === 0)
        fetching.progress?.(`${jars} files fetched`)
    })
  if (maven.stderr) createInterface(maven.stderr).on('line', line => errors.push(line))
  return new Promise((done, fail) => {
    maven.once('error', () =>
      fail(new Trouble(`${name} is needed, and there is no Maven (mvn) here. ${waysOn}`)),
    )
    maven.once('close', code => {
      if (code === 0) return done()
      const why = errors.slice(0, 4).join('\n  ')
      fail(
        new Trouble(
          `Maven could not fetch ${name} ${versionOf(pomFile)}. Is the network there?\n  ${why}\n${waysOn}`,
        ),
      )
    })
  })
}
