import { HttpProblem, withoutMark } from 'kafka-restaurants-service'

type Json = Record<string, unknown>

/**
 * The JSON object of a body, and its text.
 * @throws HttpProblem 415 where it is said to be something else, 400 for no JSON, 422 for no object
 */
export function jsonBody(body: Buffer, contentType: string | undefined): { json: Json; text: string } {
  if (contentType !== undefined && !/^application\/(json|[\w.+-]+\+json)\s*(;|$)/i.test(contentType))
    throw new HttpProblem(415, 'The body must be JSON', { detail: 'Content-Type: application/json' })
  const text = withoutMark(body.toString()).trim()
  const json = parsed(text)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new HttpProblem(422, 'The body must be a JSON object', {
      errors: [{ field: '', message: 'must be an object, as the id goes into it' }],
    })
  return { json: json as Json, text }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpProblem(400, 'The body is not JSON')
  }
}

/**
 * The text of a JSON object with fields put into it, over its own of these names. All else stays as it was written, also
 * numbers that JavaScript can't hold.
 */
export function withFields(
  { json, text }: { json: Json; text: string },
  fields: Record<string, string>,
): string {
  if (Object.keys(fields).some(name => Object.hasOwn(json, name)))
    return JSON.stringify({ ...json, ...fields })
  const added = JSON.stringify(fields).slice(1, -1)
  const rest = text.slice(1).trimStart()
  return `{${added}${rest === '}' || added === '' ? '' : ','}${rest}`
}
