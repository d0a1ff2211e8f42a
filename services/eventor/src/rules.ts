/** A status (404), a class of them (`4xx`), or `network`: no answer at all. */
type Rule = number | string

/** What happens to which outcome. A list that is left out is the default's. */
export interface ErrorRules {
  retry?: Rule[]
  deadLetter?: Rule[]
  ignore?: Rule[]
}

/** Which answers are published: those with a status below 400, those from 400 on. */
export type When = 'onSuccess' | 'onError'

export type Outcome = { status: number } | { network: true }

/**
 * - `publish`: the answer goes onto the result topic
 * - `drop`, `ignore`: the event is done, and nothing is published; `ignore` because a rule says so
 * - `retry`: the event is tried again, and the tries are counted
 * - `outage`: the endpoint is down; the event is tried again for as long as it takes, and nothing is counted
 * - `dead-letter`: no retry helps
 */
export type Decision = 'publish' | 'drop' | 'ignore' | 'retry' | 'outage' | 'dead-letter'

export const defaultRules = {
  retry: [408, 425, 429, '5xx', 'network'],
  deadLetter: ['4xx'],
  ignore: [],
} satisfies ErrorRules

/** These say that the endpoint, or what is before it, can't serve anybody now. */
const outages = new Set([429, 502, 503, 504])

/**
 * Decides what becomes of an event once it was sent. A status wins over its class; of lists that name it alike, `ignore`
 * comes first, then `retry`, then `deadLetter`. Where `when` has `onError`, an error is published unless a list that
 * somebody wrote names it: the default lists only say what to do with errors that nobody wants. What no list names is a
 * dead letter, but an endpoint that can't be reached stays an outage.
 */
export function decide(outcome: Outcome, rules: ErrorRules, when: readonly When[]): Decision {
  const status = 'status' in outcome ? outcome.status : undefined
  const isError = status !== undefined && status >= 400
  if (isError && when.includes('onError') && !listNaming(status, rules)) return 'publish'
  switch (listNaming(status, withDefaults(rules))) {
    case 'ignore':
      return 'ignore'
    case 'retry':
      return status === undefined || outages.has(status) ? 'outage' : 'retry'
    case 'deadLetter':
      return 'dead-letter'
  }
  if (status === undefined) return 'outage'
  if (isError) return 'dead-letter'
  return when.includes('onSuccess') ? 'publish' : 'drop'
}

const withDefaults = ({
  retry = defaultRules.retry,
  deadLetter = defaultRules.deadLetter,
  ignore = defaultRules.ignore,
}: ErrorRules): ErrorRules => ({ retry, deadLetter, ignore })

function listNaming(status: number | undefined, rules: ErrorRules) {
  const names = status === undefined ? ['network'] : [String(status), `${classOf(status)}xx`]
  for (const name of names) {
    for (const list of ['ignore', 'retry', 'deadLetter'] as const) {
      if (rules[list]?.some(rule => String(rule) === name)) return list
    }
  }
}

/** A status that HTTP doesn't know is one of the server's errors (RFC 9110, 15). */
const classOf = (status: number) => Math.min(5, Math.floor(status / 100))

const longestRetryAfterMs = 3_600_000

/**
 * How long the endpoint asks to wait (`Retry-After`, RFC 9110: seconds, or a date), in ms, an hour at most; undefined
 * when it doesn't say, or not so that one can read it.
 * @param headers with names in lower case
 */
export function retryAfterMs(headers: Record<string, string>, now: Date): number | undefined {
  const text = headers['retry-after']?.trim() ?? ''
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : httpDate(text) - now.getTime()
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), longestRetryAfterMs)
}

/** All three forms of RFC 9110. They start with the day of the week; the oldest doesn't say that it is GMT. */
const httpDate = (text: string) =>
  /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN
