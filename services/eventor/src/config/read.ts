import { check, type Fault, faultsOf, parseFile, type Told } from 'kafka-restaurants-config-file'
import { brokersOf } from 'kafka-restaurants-kafka/properties'
import { readText } from 'kafka-restaurants-service'
import { Pipeline } from './schema.ts'

const hint = 'begin with "- name:"'

export type Reading = { pipelines: Pipeline[]; faults?: never } | { faults: Fault[]; pipelines?: never }

/**
 * Reads the pipelines of a YAML file, with `${NAME}` replaced from the environment.
 * @returns the pipelines with all defaults, or everything that is wrong, in the order of the lines
 * @throws Error when the file can't be read
 */
export function readPipelines(file: string, env: NodeJS.ProcessEnv): Reading {
  return parsePipelines(readText(file), env)
}

/** The same for the text of such a file. */
export function parsePipelines(text: string, env: NodeJS.ProcessEnv): Reading {
  // The line says which pipeline it is.
  const parsed = parseFile(text, { env, within: 1, hint })
  if ('faults' in parsed) return parsed
  if (!Array.isArray(parsed.value))
    return { faults: [parsed.faultAt([], `must be a list of pipelines: ${hint}`)] }
  if (parsed.value.length === 0) return { faults: [parsed.faultAt([], 'the list has no pipeline')] }
  const { pipelines, told } = checkAll(parsed.value)
  const faults = faultsOf(parsed, told)
  return faults.length > 0 ? { faults } : { pipelines }
}

/** Checks each pipeline by itself, so that one's faults hide none of another. */
function checkAll(values: unknown[]): { pipelines: Pipeline[]; told: Told[] } {
  const all: Told[] = []
  const pipelines: Pipeline[] = []
  const names = new Set<string>()
  for (const [index, value] of values.entries()) {
    const { data, told = [] } = check(Pipeline, value)
    if (data && pipelines.some(other => sharesGroup(other, data)))
      all.push({ path: [index, 'eventListener', 'consumerConfig', 'group.id'], message: sharedGroup })
    if (data) pipelines.push(data)
    all.push(...told.map(({ path, message }) => ({ path: [index, ...path], message })))

    const name = data ? data.name : Object(value).name
    if (names.has(name)) all.push({ path: [index, 'name'], message: 'another pipeline has this name' })
    if (typeof name === 'string') names.add(name)
  }
  return { pipelines, told: all }
}

/** kafkajs deals the topics of whoever leads a group out to all its members, who drop what they do not read. */
const sharedGroup = 'another pipeline reads another topic in this group: each needs a group of its own'

function sharesGroup({ eventListener: one }: Pipeline, { eventListener: other }: Pipeline): boolean {
  if (one.type !== 'kafka' || other.type !== 'kafka' || one.topic === other.topic) return false
  const [mine, theirs] = [one.consumerConfig, other.consumerConfig]
  return mine['group.id'] === theirs['group.id'] && brokersOf(mine) === brokersOf(theirs)
}
