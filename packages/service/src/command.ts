import { type ParseArgsConfig, parseArgs } from 'node:util'
import { ConfigError } from './config.ts'
import { readText } from './text.ts'

/** Something that the person at the keyboard can put right: shown as its message alone, without a stack. */
export class Trouble extends Error {
  override name = 'Trouble'
}

/** A call that is wrong: an option, a word or a variable of the environment. Its message says what, and what there is. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Prints why a command failed; the process then exits 2 for what it was called with, else 1. */
export function reportFailure(error: unknown): void {
  const wrongCall = error instanceof UsageError || error instanceof ConfigError
  process.exitCode = wrongCall ? 2 : 1
  if (wrongCall) console.error(error.message)
  else console.error(error instanceof Trouble || isOfSystem(error) ? `\n${error.message}` : error)
}

/** The text of a file that a command is given. @throws UsageError when it can't be read */
export function readGivenFile(file: string): string {
  try {
    return readText(file)
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** What is wrong in a file that a command is given, as a line for each fault. */
export const faultsOf = (
  file: string | undefined,
  faults: readonly { line: number; path: string; message: string }[],
): UsageError =>
  new UsageError(
    faults
      .map(({ line, path, message }) => `${file}:${line}: ${path ? `${path}: ` : ''}${message}`)
      .join('\n'),
  )

/** Such as a file that can't be written: the system's words name what and where, and a stack says no more. */
const isOfSystem = (error: unknown): error is Error => error instanceof Error && 'syscall' in error

/**
 * Reads a command line, as `parseArgs` does.
 * @throws UsageError that says which options there are
 */
export function readArgs<const Config extends ParseArgsConfig & { options: object }>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const there = `There are: ${Object.keys(config.options)
      .map(name => `--${name}`)
      .join(', ')}.`
    const quoted = /'([^']*)'/.exec(message ?? '')?.[1] ?? ''
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
      throw new UsageError(`There is no option ${quoted}. ${there}`)
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
      throw new UsageError(`"${quoted}" is no option. ${there}`)
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
      throw new UsageError(`${message?.split('\n')[0]?.replace(/\.?$/, '.')} ${there}`)
    throw error
  }
}

/** @throws UsageError for anything but a whole number within the limits */
export function wholeNumber(
  name: string,
  given: string | undefined,
  byDefault: number,
  { min = 0, max = 999_999_999 } = {},
): number {
  if (given === undefined) return byDefault
  const value = /^\d{1,12}$/.test(given) ? Number(given) : Number.NaN
  if (value >= min && value <= max) return value
  throw new UsageError(`${name} must be a whole number from ${min} to ${max}, not "${given}".`)
}

/** Such as `--minutes 0.5`. @throws UsageError for anything but a number above 0, and for one too large to be meant */
export function positiveNumber(
  name: string,
  given: string | undefined,
  byDefault: number,
  max: number,
): number {
  if (given === undefined) return byDefault
  const value = /^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN
  if (value > 0 && value <= max) return value
  throw new UsageError(`${name} must be a number above 0, to ${max}, not "${given}".`)
}
