import { accessSync, constants, statSync } from 'node:fs'
import { validateHeaderName } from 'node:http'
import { didYouMean } from 'kafka-restaurants-config-file'
import { z } from 'zod'
import { fitsIntoHttp } from '../adapters/http/header-text.ts'
import { compileTemplate, type TemplateOptions } from './template.ts'

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

/** For checks across keys: they are made even where something else is wrong. */
export const always = { when: () => true }

export const text = z.string().min(1)

/** The name of something at a broker. @param fault why it can't be, in words to be put behind the key */
export const named = (fault: (name: string) => string | undefined, base: z.ZodString = text) =>
  base.superRefine((name, context) => {
    const message = fault(name)
    if (message) context.addIssue(message)
  })

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

/** Text with Liquid in it. */
export const template = (options: TemplateOptions = {}, base: z.ZodString = text) =>
  base.superRefine((text, context) => {
    try {
      compileTemplate(text, options)
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : String(error))
    }
  })

export const url = (protocol: RegExp, says: string) =>
  text.refine(text => URL.canParse(text) && protocol.test(text), `must be a URL: ${says}`)

const headerName = text.superRefine((name, context) => {
  if (!isHeaderName(name)) context.addIssue('is no name of a header')
  else if (isHttpsOwn(name)) context.addIssue("is HTTP's own, and can't be set")
})

/** Whether a header speaks of one connection or one body alone (RFC 9110, 7.6.1). */
export const isHttpsOwn = (name: string): boolean =>
  /^(connection|content-length|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i.test(name)

/**
 * Names of headers to pass on. `Host` is none of them: whoever writes an event would choose whom it is for.
 * @param own in lower case: those that eventor sets itself
 */
export const passHeaders = (...own: string[]) =>
  z
    .array(
      headerName.superRefine((name, context) => {
        const lower = name.toLowerCase()
        if (lower === 'host') context.addIssue("is HTTP's own, and can't be passed on")
        else if (own.includes(lower)) context.addIssue('is set by eventor itself: leave it out')
      }),
    )
    .default([])

/** Header lines, their values templates. */
export const headers = z.record(
  headerName,
  template({}, z.string()).refine(
    fitsIntoHttp,
    'has characters that HTTP can not hold, such as a line break',
  ),
)

function isHeaderName(name: string): boolean {
  try {
    validateHeaderName(name)
    return true
  } catch {
    return false
  }
}

/** A certificate of one's own, and whom to trust. */
export const tls = strict({
  caFile: file.optional().describe('PEM: who may have signed the certificate of the other side'),
  certFile: file.optional().describe('PEM: the certificate to show (mTLS)'),
  keyFile: file.optional().describe('PEM: its private key'),
}).refine(tls => !tls?.certFile === !tls?.keyFile, {
  error: 'certFile and keyFile belong together: give both, or none',
  ...always,
})

/** A secret that stands in the file, or in a file of its own. For `mapping.refine(...onlyOneOf('token', 'tokenFile'))`. */
export const exactlyOne = (inline: string, inFile: string) =>
  [
    (mapping: object) => inline in Object(mapping) !== inFile in Object(mapping),
    {
      error: (issue: z.core.$ZodRawIssue) =>
        inline in Object(issue.input)
          ? `give ${inline} or ${inFile}, not both`
          : `give ${inline} or ${inFile}`,
      ...always,
    },
  ] as const

/** For URLs: what they would hold is seen where they are shown. */
export const withoutUser = [
  (url: string) => !URL.parse(url)?.username && !URL.parse(url)?.password,
  'has a user or a password in it: these belong into auth',
] as const
