import { accessSync, constants, statSync } from 'node:fs'
import { validateHeaderName } from 'node:http'
import { z } from 'zod'
import { didYouMean } from './words.ts'

/** A mapping that takes no other keys. What is wrong with each other one is a line of the message, in the keys' order. */
export const strict = <Shape extends z.ZodRawShape>(
  shape: Shape,
  whyNot: (key: string) => string | undefined = () => undefined,
) =>
  z.strictObject(shape, {
    error: issue =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map(key => whyNot(key) ?? `unknown key${didYouMean(key, Object.keys(shape))}`).join('\n')
        : undefined,
  })

export const text = z.string().min(1)

/** Numbers and truth values may come as text, as from the environment. */
export const whole = (min: number, max = 2_147_483_647) =>
  z.preprocess(
    value => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  )
export const truth = z.preprocess(
  value => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(),
)
/** One of some words, in upper or lower case. */
export const word = <const Words extends readonly string[]>(words: Words) =>
  z.preprocess(value => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(words))

/** The name of something at a broker. @param fault why it can't be, in words to be put behind the key */
export const named = (fault: (name: string) => string | undefined, base: z.ZodString = text) =>
  base.superRefine((name, context) => {
    const message = fault(name)
    if (message) context.addIssue(message)
  })

/** The name of a header of HTTP that may be set. */
export const headerName = text.superRefine((name, context) => {
  if (!isHeaderName(name)) context.addIssue('is no name of a header')
  else if (isHttpsOwn(name)) context.addIssue("is HTTP's own, and can't be set")
})

/** Whether a header speaks of one connection or one body alone (RFC 9110, 7.6.1). */
export const isHttpsOwn = (name: string): boolean =>
  /^(connection|content-length|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i.test(name)

function isHeaderName(name: string): boolean {
  try {
    validateHeaderName(name)
    return true
  } catch {
    return false
  }
}

/** The path of a file that is there, or one of the words that stand for none. */
export const fileOr = (...words: string[]) =>
  text.superRefine((path, context) => {
    const fault = words.includes(path) ? undefined : fileFault(path)
    if (fault) context.addIssue(fault)
  })
export const file = fileOr()

function fileFault(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return 'is no file'
    accessSync(path, constants.R_OK)
    return undefined
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return isMissing ? 'there is no such file' : 'the file can not be read'
  }
}
