import { readAs, type Shape } from './shape.ts'

/** What came of asking the API for something. */
export type Answer<T> = { state: 'ready'; data: T } | { state: 'missing' } | { state: 'unreachable' }

interface Asking {
  signal?: AbortSignal
  headers?: Record<string, string>
  /** What to post, as JSON; nothing is posted unless given. */
  post?: object
}

/** Asks the API. An answer that doesn't fit the contract counts as none: the page could not show it. */
export async function ask<T>(
  path: string,
  schema: Shape<T>,
  { signal, headers, post }: Asking = {},
): Promise<Answer<T>> {
  try {
    const posted = post && { method: 'POST', body: JSON.stringify(post) }
    const response = await fetch(path, {
      ...posted,
      signal,
      headers: {
        accept: 'application/json',
        ...(post && { 'content-type': 'application/json' }),
        ...headers,
      },
    })
    if (response.status === 404) return { state: 'missing' }
    if (!response.ok) return { state: 'unreachable' }
    const data = readAs(schema, await response.json())
    return data === undefined ? { state: 'unreachable' } : { state: 'ready', data }
  } catch {
    return { state: 'unreachable' }
  }
}
