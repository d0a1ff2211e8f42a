import {
  DeadLetterAct,
  type DeadLetterChoice,
  DeadLetterGroups,
  DeadLetterList,
  DeadLetterRecord,
} from 'kafka-restaurants-contracts'
import { headers } from 'next/headers'
import { notFound } from 'next/navigation'
import type { z } from 'zod'
import type { Answer } from '../api/answer.ts'

const patienceMs = 8_000
/** A thousand records are dealt with meanwhile; the edge waits for half a minute. */
const actPatienceMs = 25_000

/** Where the dead-letter desk is: it belongs to the place that runs the site, not to the build. */
const deskUrl = (path: string) =>
  `${(process.env.DEAD_LETTERS_URL || 'http://127.0.0.1:5012').replace(/\/+$/, '')}${path}`

/**
 * Who of the staff asks, as the edge says. Who came past the edge sees no page: the edge alone knows the passwords.
 */
export async function staff(): Promise<string> {
  return (await headers()).get('x-staff') || notFound()
}

export const openGroups = (topic: string | undefined) =>
  askDesk(`/groups${topic === undefined ? '' : `?topic=${encodeURIComponent(topic)}`}`, DeadLetterGroups)
export const openGroup = (id: string, after: string | undefined) =>
  askDesk(
    `/groups/${encodeURIComponent(id)}${after ? `?after=${encodeURIComponent(after)}` : ''}`,
    DeadLetterList,
  )
export const deadLetter = (id: string) => askDesk(`/letters/${encodeURIComponent(id)}`, DeadLetterRecord)

/** What was done last; nothing where the desk is away. */
export async function lastActs(): Promise<DeadLetterAct[]> {
  const answer = await askDesk('/acts', DeadLetterAct.array())
  return answer.state === 'ready' ? answer.data : []
}

/** Sends back, or parks. @param key the same again is done once */
export const act = (what: DeadLetterAct['act'], choice: DeadLetterChoice, by: string, key: string) =>
  askDesk(`/${what}`, DeadLetterAct, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Staff': by, 'Idempotency-Key': key },
    body: JSON.stringify(choice),
    signal: AbortSignal.timeout(actPatienceMs),
  })

/** What does not come in time, or does not fit the contract, is unreachable; an id that is none is missing. */
async function askDesk<T>(path: string, schema: z.ZodType<T>, init: RequestInit = {}): Promise<Answer<T>> {
  try {
    const response = await fetch(deskUrl(path), {
      cache: 'no-store',
      signal: AbortSignal.timeout(patienceMs),
      ...init,
    })
    if (response.status === 404 || response.status === 422) return { state: 'missing' }
    if (!response.ok) return { state: 'unreachable' }
    return { state: 'ready', data: schema.parse(await response.json()) }
  } catch {
    return { state: 'unreachable' }
  }
}
