import { validateHeaderName } from 'node:http'
import { file, strict, text } from 'kafka-restaurants-config-file'
import { z } from 'zod'
import { fitsIntoHttp } from '../adapters/http/header-text.ts'
import { compileTemplate, type TemplateOptions } from './template.ts'

/** For checks across keys: they are made even where something else is wrong. */
export const always = { when: () => true }

/** The name of something at a broker. @param fault why it can't be, in words to be put behind the key */
export const named = (fault: (name: string) => string | undefined, base: z.ZodString = text) =>
  base.superRefine((name, context) => {
    const message = fault(name)
    if (message) context.addIssue(message)
  })

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
