'use client'

import { useCallback, useEffect, useState } from 'react'
import { type Answer, ask } from './answer.ts'
import type { Shape } from './shape.ts'

/**
 * The API's answer for a path, asked anew when the path changes. While a new one is on its way the last one stays,
 * with `loading` set, so that a page doesn't flicker. `schema` must be a constant.
 */
export function useAnswer<T>(path: string, schema: Shape<T>) {
  const [answer, setAnswer] = useState<Answer<T>>()
  const [loading, setLoading] = useState(true)
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks for the same path again
  useEffect(() => {
    const abort = new AbortController()
    setLoading(true)
    void ask(path, schema, { signal: abort.signal }).then(next => {
      if (abort.signal.aborted) return
      setAnswer(next)
      setLoading(false)
    })
    return () => abort.abort()
  }, [path, schema, attempt])

  const retry = useCallback(() => setAttempt(count => count + 1), [])
  return { answer, loading, retry }
}
