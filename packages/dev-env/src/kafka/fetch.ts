import { resolve } from 'node:path'
import type { Child } from '../child.ts'
import { fetchJars, versionOf } from '../maven.ts'

const pomFile = resolve(import.meta.dirname, 'pom.xml')

/** The version that the pom pins. */
export const kafkaVersion = versionOf(pomFile)

export const threeWaysOn = `There are three ways on:
  1. install Java 17 or later and Maven, and start again;
  2. run a broker in Docker and say where it is: BOOTSTRAP_SVR=localhost:9092 npm start;
  3. use a Kafka cluster that you have: BOOTSTRAP_SVR=host:port npm start`

/**
 * Fetches Kafka's jars with Maven, once; later calls need neither Maven nor network.
 * @param watch is given Maven's process, so that it can be ended
 * @returns the folder with the jars
 * @throws Trouble that names the ways on, when there is no Maven or it fails
 */
export const fetchKafka = (
  progress?: (line: string) => void,
  watch?: (child: Child) => void,
): Promise<string> => fetchJars({ name: 'Kafka', pomFile, waysOn: threeWaysOn }, { progress, watch })
