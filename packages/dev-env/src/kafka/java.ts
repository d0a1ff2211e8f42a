import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { Trouble, UsageError } from 'kafka-restaurants-service/command'
import { threeWaysOn } from './fetch.ts'

export interface Java {
  command: string
  /** Such as `17.0.15`. */
  version: string
}

/** Who wants it, and how to go on without. */
const kafka = { name: 'Kafka', waysOn: threeWaysOn }

/**
 * Finds Java: that of JAVA_HOME, else the one on the PATH.
 * @throws UsageError for a JAVA_HOME that has none
 * @throws Trouble that names the ways on, when there is none or it is older than 17
 */
export function findJava(env = process.env, { name, waysOn } = kafka): Java {
  const command = env.JAVA_HOME ? resolve(env.JAVA_HOME, 'bin', 'java') : 'java'
  const { status, stderr } = spawnSync(command, ['-version'], { encoding: 'utf8', env })
  const version = status === 0 ? /version "([^"]+)"/.exec(stderr)?.[1] : undefined
  if (!version && env.JAVA_HOME)
    throw new UsageError(`JAVA_HOME is ${env.JAVA_HOME}, and there is no Java that runs.`)
  if (!version) throw new Trouble(`${name} needs Java 17 or later, and there is none here. ${waysOn}`)
  if (Number.parseInt(version, 10) < 17) {
    throw new Trouble(`${name} needs Java 17 or later, and ${command} is ${version}. ${waysOn}`)
  }
  return { command, version }
}
