import type { z } from 'zod'
import { allFaults, type Fault, type Parsed, parseFile } from './parse.ts'
import { inWords } from './words.ts'

/** Checks a value, or a part of one. @returns it with all defaults, or what is wrong, each with its path */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { data: z.output<Schema>; told?: never } | { told: Told[]; data?: never } {
  const { success, data, error } = schema.safeParse(value, { error: inWords })
  return success ? { data } : { told: toldOf(error.issues) }
}

/** What a schema says of a value, and of which part of it. */
export interface Told {
  path: PropertyKey[]
  message: string
}

/** One for each key that is too much, and for what is wrong within a key. */
const toldOf = (issues: readonly Issue[]): Told[] =>
  issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n')
      return issue.keys.map((key, i) => ({ path: [...issue.path, key], message: messages[i] ?? '' }))
    }
    if (issue.code === 'invalid_key')
      return issue.issues.map(({ message }) => ({ path: issue.path, message }))
    return [{ path: issue.path, message: issue.message }]
  })
type Issue = z.core.$ZodIssue

/** Reads a file that has one schema. @returns what it holds, with all defaults, or everything that is wrong */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  options?: Parameters<typeof parseFile>[1],
): { data: z.output<Schema>; faults?: never } | { faults: Fault[]; data?: never } {
  const atOnce = options?.env ? undefined : check(schema, asJson(text)).data
  if (atOnce !== undefined) return { data: atOnce }
  const parsed = parseFile(text, options)
  if ('faults' in parsed) return parsed
  const { data, told = [] } = check(schema, parsed.value)
  const faults = faultsOf(parsed, told)
  return faults.length > 0 ? { faults } : { data: data as z.output<Schema> }
}

/** What a file holds that is JSON, which is parsed in a hundredth of the time that YAML takes. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What is wrong, with lines. */
export const faultsOf = ({ missing, faultAt }: Parsed, told: Told[]): Fault[] =>
  allFaults(
    missing,
    told.map(({ path, message }) => faultAt(path, message)),
  )
