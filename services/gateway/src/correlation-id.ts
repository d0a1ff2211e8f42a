import { randomUUID } from 'node:crypto'
import { HttpProblem } from 'kafka-restaurants-service'

/** What ids of callers may be: they go into records, headers and URLs. */
const shape = /^[\w.:~+=@-]{1,128}$/

export const isId = (text: string): boolean => shape.test(text)

/**
 * The id of a call: that of the first of these headers that it has, else a new one.
 * @throws HttpProblem 400 for one that can't be used
 */
export function correlationId(
  header: (name: string) => string | undefined,
  names: readonly string[],
): { id: string; isGiven: boolean } {
  for (const name of names) {
    const given = header(name)
    if (given === undefined) continue
    if (isId(given)) return { id: given, isGiven: true }
    throw new HttpProblem(400, `Invalid ${name}`, {
      detail: 'It must have 1 to 128 characters: letters, digits and any of . _ : ~ + = @ -',
    })
  }
  return { id: randomUUID(), isGiven: false }
}
