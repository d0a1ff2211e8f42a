import { readArgs } from 'kafka-restaurants-service/command'

export interface Arguments {
  command: 'run' | 'check'
  file: string
  /** With check: whether to connect to all that the file names. */
  connect: boolean
  /** Whether to show what would be sent for the next event, and do nothing else. */
  dryRun: boolean
}

export const usage = `eventor: takes events from a topic to an HTTP endpoint, and its answers to another topic.

  eventor -f FILE                  runs the pipelines of a YAML file until SIGTERM
  eventor -f FILE --dry-run        shows what would be sent for the next event, and commits nothing
  eventor check -f FILE            says what is wrong in it, line by line, and connects to nothing
  eventor check -f FILE --connect  connects to its brokers and endpoints, too, and sends nothing

Environment: PORT (health, 5008), METRICS_PORT (9464), HOST, and what the file names as \${NAME}.
Ends with 2 where the file or the call is wrong, with 1 where it can't go on.`

/**
 * Reads the command line.
 * @returns what to print, where help was asked for
 * @throws Error in words: UsageError for options that there are not
 */
export function readArguments(args: string[]): Arguments | string {
  const { values, positionals } = readArgs({
    args,
    allowPositionals: true,
    options: {
      file: { type: 'string', short: 'f' },
      connect: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return usage
  const [command = 'run', ...others] = positionals
  if ((command !== 'check' && command !== 'run') || others.length > 0)
    throw new Error(`there is no command "${positionals.join(' ')}"`)
  if (values.file === undefined) throw new Error('the file is missing: -f FILE')
  if (values.connect && command !== 'check') throw new Error('--connect belongs to eventor check')
  if (values['dry-run'] && command !== 'run') throw new Error('--dry-run does not go with eventor check')
  return { command, file: values.file, connect: values.connect, dryRun: values['dry-run'] }
}
