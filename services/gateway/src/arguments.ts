import { faultsOf, readArgs, readGivenFile, UsageError } from 'kafka-restaurants-service/command'
import { parseGateway } from './config/read.ts'
import type { Gateway } from './config/schema.ts'

export const usage = `gateway: takes HTTP calls to a Kafka topic, and answers each with the reply that comes on another.

  gateway -f FILE          answers the routes of a YAML file until SIGTERM
  gateway -f FILE --check  says what is wrong in it, line by line, and connects to nothing

Environment: PORT (5004), METRICS_PORT (9464), HOST, LOG_LEVEL, and what the file names as \${NAME}.
Ends with 2 where the file or the call is wrong, with 1 where it can't go on.`

export type Arguments = { wants: 'help' } | { wants: 'run' | 'check'; file: string; gateway: Gateway }

/** @throws UsageError in words, also for a file that is wrong: every fault is a line */
export function readArguments(args: string[], env: NodeJS.ProcessEnv): Arguments {
  const { values } = readArgs({
    args,
    options: {
      file: { type: 'string', short: 'f' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return { wants: 'help' }
  if (values.file === undefined) throw new UsageError(`The file is missing: -f FILE.\n\n${usage}`)
  const { file, check } = values
  return { wants: check ? 'check' : 'run', file, gateway: readFile(file, env) }
}

function readFile(file: string, env: NodeJS.ProcessEnv): Gateway {
  const { data, faults } = parseGateway(readGivenFile(file), env)
  if (data) return data
  throw faultsOf(file, faults)
}
