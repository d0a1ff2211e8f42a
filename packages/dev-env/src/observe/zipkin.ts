import { join, resolve } from 'node:path'
import type { Command } from '../child.ts'
import { findJava } from '../kafka/java.ts'
import { type Fetching, fetchJars, versionOf } from '../maven.ts'
import { withoutIt } from './without-it.ts'

const pomFile = resolve(import.meta.dirname, 'pom.xml')
/** Of some thousand orders; with more it would need more memory. */
const spansKept = 100_000

const java = () => findJava(process.env, { name: 'Zipkin', waysOn: withoutIt })

/** @throws Trouble where Zipkin can't run here */
export const checkZipkin = (): void => void java()

/**
 * Zipkin, which is fetched with Maven once, listens on 127.0.0.1, and keeps in memory what it is sent.
 * @throws Trouble where it can't be had
 */
export async function zipkinCommand(port: number, fetching: Fetching): Promise<Command> {
  const libs = await fetchJars({ name: 'Zipkin', pomFile, waysOn: withoutIt }, fetching)
  const listens = { ip: '127.0.0.1', port, 'protocols[0]': 'http' }
  const args = [
    // It works little: what it takes is its start.
    ...['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    ...['-jar', join(libs, `zipkin-server-${versionOf(pomFile)}-slim.jar`)],
    ...Object.entries(listens).map(([name, value]) => `--armeria.ports[0].${name}=${value}`),
  ]
  const env = {
    ...process.env,
    ...{ STORAGE_TYPE: 'mem', MEM_MAX_SPANS: String(spansKept) },
    // A search goes back a day unless it says otherwise.
    QUERY_LOOKBACK: String(24 * 3_600_000),
  }
  return { command: java().command, args, env }
}
