import { kafkaEnv } from 'kafka-restaurants-kafka'
import { parseId } from 'kafka-restaurants-kafka/dead-letters'
import { readArgs, UsageError, wholeNumber } from 'kafka-restaurants-service/command'

/** What somebody wants of `npm run dead-letters`. `bootstrap` is host:port, or several joined by commas. */
export type Request = { bootstrap: string } & (List | Show | Settle)

export interface List {
  command: 'list'
  topic?: string
  /** What the reason must contain. */
  reason: string
  parked: boolean
  json: boolean
}

export interface Show {
  command: 'show'
  id: string
  raw: boolean
}

export interface Settle {
  command: 'redrive' | 'park'
  /** One by its id, or all of a topic (of all topics) whose reason contains a text. */
  which: { id: string } | { reason: string; topic?: string }
  /** Whether to do so without asking. */
  yes: boolean
  /** How often a record may be redriven. */
  most: number
}

const run = 'npm run dead-letters'
const bootstrapHelp = `  --bootstrap HOST:PORT   the Kafka cluster (default BOOTSTRAP_SVR, or else that of npm start)`
const bulkHelp = `  --reason TEXT           all whose reason contains TEXT ('' for all there are)
  --topic TOPIC           of this topic only, such as order
  --yes                   does not ask`

const help: Record<Request['command'], string> = {
  list: `${run}: the records that a service could not handle.

  ${run} -- list                  what is open (also without "list")
  ${run} -- show ID               one of them, with all that is in it
  ${run} -- redrive ID            sends it back to where it came from
  ${run} -- park ID               moves it to <topic>.parked, for good

"redrive" and "park" take all of a kind with --reason TEXT. Each command knows --help. Options of "list":

  --topic TOPIC           of this topic only, such as order
  --reason TEXT           those whose reason contains TEXT
  --parked                those that were parked
  --json                  as JSON
${bootstrapHelp}

TLS and a login are in the environment, as for every service: KAFKA_TLS=true and KAFKA_CA_FILE (and KAFKA_CERT_FILE and
KAFKA_KEY_FILE where Kafka asks for a certificate); KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD.`,

  show: `${run} -- show ID: headers, key and value of a dead letter, open or not, such as order.dead-letters-3@17.

  --raw                   the bytes of the value, and nothing else
${bootstrapHelp}`,

  redrive: `${run} -- redrive ID, or redrive --reason TEXT: sends dead letters back to the topics that they come from,
with the key, value and headers that they had there. Do so when what was wrong is put right.

${bulkHelp}
  --most N                refuses what was redriven N times before (default 3)
${bootstrapHelp}`,

  park: `${run} -- park ID, or park --reason TEXT: moves dead letters to <topic>.parked. Nobody reads it, and it is kept for good.

${bulkHelp}
${bootstrapHelp}`,
}

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const options = {
  bootstrap: text,
  help: { type: 'boolean', short: 'h' },
  topic: text,
  reason: text,
  parked: flag,
  json: flag,
  raw: flag,
  yes: flag,
  most: text,
} as const
const takes: Record<Request['command'], (keyof typeof options)[]> = {
  list: ['topic', 'reason', 'parked', 'json'],
  show: ['raw'],
  redrive: ['reason', 'topic', 'yes', 'most'],
  park: ['reason', 'topic', 'yes'],
}

/**
 * Reads the command line. `list` is the command unless one is given.
 * @returns the help, where that is asked for
 * @throws UsageError
 */
export function readRequest(args: string[], env: NodeJS.ProcessEnv): Request | string {
  const { values, positionals } = readArgs({ args, options, allowPositionals: true })
  const [command = 'list', id, ...more] = positionals
  if (!isCommand(command)) {
    throw new UsageError(`There is no command "${command}", but ${Object.keys(takes).join(', ')}.`)
  }
  if (values.help) return help[command]
  for (const name of Object.keys(values)) {
    if (!['bootstrap', ...takes[command]].includes(name)) {
      throw new UsageError(`"${command}" takes no --${name}.`)
    }
  }
  if (more.length > 0) throw new UsageError('One id at a time, or all of a kind with --reason TEXT.')
  const bootstrap = bootstrapOf(values.bootstrap, env)
  const { topic, reason, parked = false, json = false, raw = false, yes = false } = values
  if (command === 'list') {
    if (id !== undefined) throw new UsageError(`"list" takes no "${id}". To see one: show ID.`)
    return { command, bootstrap, topic, reason: reason ?? '', parked, json }
  }
  if (id !== undefined && !parseId(id)) {
    throw new UsageError(`"${id}" is no id. One looks like order.dead-letters-3@17; "list" shows them.`)
  }
  if (command === 'show') {
    if (id === undefined) throw new UsageError('Show which? Give an id; "list" shows them.')
    return { command, bootstrap, id, raw }
  }
  const most = wholeNumber('--most', values.most, 3)
  return { command, bootstrap, which: oneOrAll(command, { id, reason, topic }), yes, most }
}

const isCommand = (word: string): word is Request['command'] => Object.hasOwn(takes, word)

function oneOrAll(
  command: string,
  { id, reason, topic }: { id?: string; reason?: string; topic?: string },
): Settle['which'] {
  if (id !== undefined && reason === undefined && topic === undefined) return { id }
  if (id === undefined && reason !== undefined) return { reason, topic }
  throw new UsageError(`What to ${command}? Give either an id, or --reason TEXT (and --topic TOPIC).`)
}

function bootstrapOf(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const ours = `localhost:${9_092 + wholeNumber('PORT_OFFSET', env.PORT_OFFSET || undefined, 0, { max: 65_535 - 9_092 })}`
  const { success, data } = kafkaEnv.BOOTSTRAP_SVR.safeParse(given ?? (env.BOOTSTRAP_SVR || ours))
  if (success) return data
  throw new UsageError('The address of Kafka must be host:port, or several joined by commas.')
}
