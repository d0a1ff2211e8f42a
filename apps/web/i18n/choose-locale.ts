import type { Locale } from 'kafka-restaurants-contracts'
import Negotiator from 'negotiator'
import { offered } from './languages.ts'

interface Asked {
  /** What the switch has left in a cookie. */
  chosen?: string | undefined
  /** The header, as the browser sends it. */
  acceptLanguage?: string | null
}

/**
 * The language of an answer: the visitor's own choice, else what the browser likes best of what is offered (RFC 9110,
 * 12.5.4), else the first one. A header that is none counts as not sent.
 */
export function chooseLocale(
  { chosen, acceptLanguage }: Asked,
  of: readonly [Locale, ...Locale[]] = offered,
): Locale {
  const known = of.find(locale => locale === chosen)
  if (known) return known
  const headers = { 'accept-language': acceptLanguage || '*' }
  const [liked] = new Negotiator({ headers }).languages([...of])
  return of.find(locale => locale === liked) ?? of[0]
}
