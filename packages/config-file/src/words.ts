import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'

/** @returns `; did you mean topic?` where `word` looks like a slip for one of `known`, else nothing */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const byLowerCase = new Map(known.map(each => [each.toLowerCase(), each]))
  const near = closest(word.toLowerCase(), [...byLowerCase.keys()])
  const isNear = distance(word.toLowerCase(), near) <= Math.max(2, word.length / 3)
  return isNear ? `; did you mean ${byLowerCase.get(near)}?` : ''
}

/** `a`, `a or b`, `a, b or c` */
export function either(words: readonly unknown[]): string {
  return [words.slice(0, -1).join(', '), words.at(-1)].filter(part => part !== '').join(' or ')
}

/**
 * Says what zod found in plain words, without the value: that may be a secret.
 * To be given to `safeParse`; what a schema says itself goes first.
 */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === null) return 'has no value'
  if (issue.code === 'invalid_value') return oneOf(issue.values, issue.input)
  if (issue.code === 'invalid_union') return oneOf([issue.options ?? []].flat(), valueAt(issue))
  if (issue.input === undefined) return 'must be given'
  if (issue.code === 'invalid_type')
    return `must be ${kinds[issue.expected] ?? issue.expected}${quoted(issue)}`
  if (issue.code === 'too_small') {
    if (issue.origin === 'number')
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
    return Number(issue.minimum) > 1
      ? `must have at least ${issue.minimum}${unitOf(issue)}`
      : 'must not be empty'
  }
  if (issue.code === 'too_big') {
    if (issue.origin === 'number')
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
    return `must have at most ${issue.maximum}${unitOf(issue)}`
  }
  return undefined
}

const unitOf = ({ origin }: { origin: string }) => (origin === 'string' ? ' characters' : ' entries')

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
}

const quoted = ({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>) =>
  expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')
    ? ': put it in quotes'
    : ''

/** The value of the key that says which member of a union is meant. */
const valueAt = ({ input, discriminator }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>) =>
  discriminator ? Object(input)[discriminator] : undefined

function oneOf(options: readonly unknown[], given: unknown): string {
  if (given === undefined) return `must be given: ${either(options)}`
  const slip = typeof given === 'string' ? didYouMean(given, options.map(String)) : ''
  return `must be ${either(options)}${slip}`
}
