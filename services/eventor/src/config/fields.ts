import { file, headerName, strict, text } from 'kafka-restaurants-config-file'
import { z } from 'zod'
import { fitsIntoHttp } from '../adapters/http/header-text.ts'
import { compileTemplate, type TemplateOptions } from './template.ts'

/** For checks across keys: they are made even where something else is wrong. */
export const always = { when: () => true }

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
